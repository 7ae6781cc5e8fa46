"""The progress bar of `python -m ancient`: on stderr, where that is a terminal, after a second."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import collections.abc

_DELAY, _INTERVAL, _WIDTH = 1.0, 0.1, 40


class Progress:
    """`bar.step(rows)` when so many more are done, `bar.end()` to take it from the screen.

    count   gives the number of all; called once, if a bar is shown
    """

    def __init__(self, what: str, count: collections.abc.Callable[[], int], wanted: bool) -> None:
        self._what, self._count = what, count
        self._shown = wanted and sys.stderr.isatty()
        self._total, self.done = 0, 0
        self._start = time.monotonic()
        self._due = self._start + _DELAY
        self._drawn = 0

    def step(self, rows: int) -> None:
        self.done += rows
        now = time.monotonic()
        if self._shown and now >= self._due:
            self._due = now + _INTERVAL
            self._draw(now - self._start)

    def _draw(self, seconds: float) -> None:
        self._total = self._total or self._count()
        fraction = min(self.done / max(self._total, 1), 1)
        left = int((self._total - self.done) * seconds / max(self.done, 1))
        numbers = f"{int(100 * fraction):3} %  {self.done:,} of {self._total:,} rows"
        if left > 0:
            numbers += f"  {left // 60}:{left % 60:02} left"
        columns = (os.get_terminal_size(sys.stderr.fileno()).columns or 80) - 1
        width = min(columns - len(self._what) - len(numbers) - 4, _WIDTH)
        bar = f"[{'=' * int(fraction * width):{width}}] " if width >= 10 else ""
        line = f"{self._what} {bar}{numbers}"[: max(columns, 0)]
        print(f"\r{line:{self._drawn}}", end="", file=sys.stderr, flush=True)
        self._drawn = max(self._drawn, len(line))

    def end(self) -> None:
        if self._drawn:
            print(f"\r{'':{self._drawn}}\r", end="", file=sys.stderr, flush=True)
            self._drawn = 0
