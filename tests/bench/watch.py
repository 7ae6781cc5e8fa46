"""tests/bench: what a process takes of memory and reads of the disk while it answers."""

import contextlib
import os
import pathlib
import time

from background import Background


def status_kib(pid, name):
    """A line of /proc/PID/status: 'RssAnon' is memory of its own, 'VmHWM' the most that it ever
    had in memory, pages of files included."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def read_bytes(pid):
    """Bytes that were read from a disk for it."""
    lines = pathlib.Path(f"/proc/{pid}/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes:"))


def stat_numbers(pid):
    """What follows the state in /proc/PID/stat."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return [int(word) for word in text.rpartition(")")[2].split()[1:]]


def major_faults(pid):
    """Faults for which a disk was read."""
    return stat_numbers(pid)[8]


def processor_seconds(pid):
    """Processor time of all its threads, the kernel's for it included; to a hundredth."""
    user, system = stat_numbers(pid)[10:12]
    return (user + system) / os.sysconf("SC_CLK_TCK")


class Watch(Background):
    """Looks at a process each 2 ms, later each thousandth of the time so far.  `most` is the most
    that it had of memory of its own, in KiB."""

    def __init__(self, pid):
        super().__init__()
        self._pid = pid
        self.most = 0

    def _run(self):
        start = time.monotonic()
        while not self._end.wait(max(0.002, (time.monotonic() - start) / 1000)):
            with contextlib.suppress(OSError, StopIteration):
                self.most = max(self.most, status_kib(self._pid, "RssAnon"))
