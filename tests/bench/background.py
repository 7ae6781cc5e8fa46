"""tests/bench: what goes on beside a measurement, on a thread; watch.py and load.py have one."""

import abc
import threading


class Background(abc.ABC):
    """A context manager: `_run` runs on a thread until it is left, which `_end` tells it."""

    def __init__(self):
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    @abc.abstractmethod
    def _run(self):
        """Ends soon after `_end` is set."""
