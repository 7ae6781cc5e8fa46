"""tests/bench: starts the programs of a measurement and runs its contenders in turn.

A *contender* is one way of doing what is measured: a command to a program that stays alive and
keeps its input (serve.mli).  `alternate` runs the contenders of a measurement in turn, so that a
slow moment of the machine affects all of them.
"""

import contextlib
import dataclasses
import json
import statistics
import subprocess
import sys


class BenchError(Exception):
    """A measurement that cannot be made; the text says why."""


# ---- Programs ----------------------------------------------------------------------


class Program:
    """A program that answers questions, a context manager.

    `facts` are what it said when it was ready.
    """

    def __init__(self, *command, env=None):
        self.command = [str(word) for word in command]
        try:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=env,
            )
        except OSError as error:
            raise BenchError(f"{self.command[0]}: {error.strerror}") from error
        self.facts = self._answer()

    @property
    def pid(self):
        return self._process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):  # commands that it did not read before it ended
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def ask(self, *words):
        """The program's answer, a dict; words may hold anything but tabs and newlines."""
        with contextlib.suppress(BrokenPipeError):  # it has ended; _answer says so
            self._process.stdin.write("\t".join(str(word) for word in words) + "\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            self.__exit__()
            status = self._process.returncode
            raise BenchError(f"{' '.join(self.command)} ended with status {status}")
        return json.loads(line)


# ---- Samples -----------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Samples:
    """The numbers that the runs of one contender gave."""

    values: tuple

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def spread(self):
        """Half the distance between the extremes, over the median."""
        return (max(self.values) - min(self.values)) / 2 / self.median if self.median else 0

    def map(self, function):
        return Samples(tuple(function(value) for value in self.values))


def alternate(contenders, runs, warmups=1, on_round=None):
    """Runs each contender, a function that returns one number, `runs` times; a dict of Samples.

    Each round starts with another contender, so that no contender always follows the same one.  The
    first `warmups` rounds do not count.  on_round is called before each with its number,
    from 1, and how many there are.
    """
    order = list(contenders)
    numbers = {label: [] for label in order}
    for round_number in range(warmups + runs):
        if on_round is not None:
            on_round(round_number + 1, warmups + runs)
        first = round_number % len(order)
        for label in order[first:] + order[:first]:
            number = contenders[label]()
            if round_number >= warmups:
                numbers[label].append(number)
    return {label: Samples(tuple(values)) for label, values in numbers.items()}


def rates(samples, amount):
    """Turns seconds into amounts per second."""
    return {label: values.map(lambda s: amount / s) for label, values in samples.items()}


def scaled(samples, factor):
    """Each sample times a factor: 1e6 makes microseconds of seconds."""
    return {label: values.map(lambda s: s * factor) for label, values in samples.items()}


# ---- Progress ----------------------------------------------------------------------


class Progress:
    """What is being done, on standard error: a line that is rewritten on a terminal, a
    line for each measurement elsewhere."""

    def __init__(self, stream=sys.stderr):
        self._stream = stream
        self._terminal = stream.isatty()
        self._measurement = ""

    def _print(self, text, end):
        print(text, end=end, file=self._stream, flush=True)

    def start(self, measurement):
        self._measurement = measurement
        if self._terminal:
            self._print(f"\r\033[K{measurement} ...", end="")
        else:
            self._print(f"{measurement} ...", end="\n")

    def note(self, text):
        """How far it is, on a terminal alone."""
        if self._terminal:
            self._print(f"\r\033[K{self._measurement}: {text} ...", end="")

    def round(self, number, of):
        self.note(f"round {number} of {of}")

    def clear(self):
        if self._terminal:
            self._print("\r\033[K", end="")
