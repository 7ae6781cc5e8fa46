"""tests/torture: the processes of these tests, and the Python reader of their values.

The same values are written and checked by worker.ml and watch.c; see the head of the former.
"""

import fcntl
import os
import pathlib
import struct
import subprocess
import time

from readers import BUILD, python_package

FOLDER = pathlib.Path(BUILD or "", "tests", "torture")
WORKER = FOLDER / "worker"
KEYS = 3

# A hang is a failure; no answer takes this long.
PATIENCE = 120


def seconds(short_of):
    """How long a test of the long form may go on, None for the short form: its share of
    ANCIENT_TORTURE, the seconds that all of them have together."""
    given = os.environ.get("ANCIENT_TORTURE")
    return None if given is None else float(given) * short_of


class Clock:
    """Counts down: so many times, or so many seconds in the long form."""

    def __init__(self, times, share):
        self.times, self.seconds = times, seconds(share)
        self.start, self.count = time.monotonic(), 0

    def __iter__(self):
        while (
            self.count < self.times
            if self.seconds is None
            else time.monotonic() - self.start < self.seconds
        ):
            yield self.count
            self.count += 1


started = []


def start(*arguments, program=WORKER, **options):
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, **options}
    started[:] = [process for process in started if process.returncode is None or process.stdin]
    started.append(subprocess.Popen([str(program), *map(str, arguments)], **options))
    return started[-1]


def end_all():
    """Kills what a test that failed has left."""
    for process in started:
        process.kill()
        process.communicate()
    started.clear()


def end(process):
    """Its output, after it has ended well."""
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, f"{process.args} ended with {process.returncode}: {out}"
    return out


def run(*arguments, **options):
    return end(start(*arguments, **options))


class Checker:
    """A process that answers one line with one line."""

    def __init__(self, program):
        self.process = start("check", program=program)

    def ask(self, verb, path):
        self.process.stdin.write(f"{verb} {path}\n")
        self.process.stdin.flush()

    def answer(self):
        """The generation that is there, complete; 0 where nothing is."""
        line = self.process.stdout.readline().strip()
        assert line.startswith("ok "), line or "the checker died"
        return int(line[3:])

    def close(self):
        end(self.process)


# ---- Values of generations ----


def words(g):
    return 20000 + g % 1000 if g % 7 == 6 else 3 + g % 5


def is_generation(value, g):
    array, text, floats, integer, data = value
    return (
        [*array] == [*range(g * 1000003, g * 1000003 + words(g))]
        and text == f"generation {g}"
        and floats.tolist() == [g, 0.5]
        and integer == g
        and memoryview(data).tobytes() == bytes([g & 255]) * 100
    )


def check(path):
    """What the checkers do, in Python: the generation, complete, or 0."""
    ancient = python_package()
    try:
        store = ancient.open(path)
    except ancient.EmptyError:
        return 0
    with store:
        store.verify()
        generation = store.generation
        for key in range(KEYS):
            last = next((g for g in range(generation, 1, -1) if g % KEYS == key), None)
            assert (key in store) == (last is not None), f"generation {generation}: key {key}"
            if last is not None:
                assert is_generation(store[key], last), f"key {key} is not that of {last}"
    return generation


# ---- Locks ----


def is_locked(fd):
    """Whether another description holds the file's lock (FORMAT 11.1)."""
    query = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    answer = fcntl.fcntl(fd, fcntl.F_OFD_GETLK, query)
    return struct.unpack("hhqqi4x", answer)[0] != fcntl.F_UNLCK
