"""tests/bench: what goes on beside a measurement, on a thread; watch.py and load.py have one."""

import threading


class Background:
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

    def _run(self):
        raise NotImplementedError
