"""tests/bench: the frame that every measurement stands in.

A *side* is one way of doing a thing: a question to a program that stays alive and keeps
its input (side.mli).  `alternate` lets the sides of a measurement take turns, so that a
mood of the machine falls on all of them, and a `Row` is what comes out: one figure of ours
beside its peers'.
"""

import contextlib
import dataclasses
import json
import statistics
import subprocess
import sys
import textwrap


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

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):  # words that it did not live to read
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
    """What the runs of one side gave."""

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


def alternate(sides, runs, warmups=1, on_round=None):
    """Runs each side, a function that returns one number, `runs` times; a dict of Samples.

    Each round starts with another side, so that none always follows the same one.  The
    first `warmups` rounds do not count.  on_round is called before each with its number,
    from 1, and how many there are.
    """
    order = list(sides)
    numbers = {label: [] for label in order}
    for round_number in range(warmups + runs):
        if on_round is not None:
            on_round(round_number + 1, warmups + runs)
        first = round_number % len(order)
        for label in order[first:] + order[:first]:
            number = sides[label]()
            if round_number >= warmups:
                numbers[label].append(number)
    return {label: Samples(tuple(values)) for label, values in numbers.items()}


# ---- Rows --------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the result: a figure of ours beside those of its peers.

    more_is_better says which way the ratios go: they are always above 1 where we do
    better than the peer.
    """

    name: str
    what: str
    unit: str
    more_is_better: bool
    ours: Samples
    peers: dict  # label: Samples
    notes: tuple = ()

    def ratio(self, peer):
        ours, theirs = self.ours.median, self.peers[peer].median
        better, worse = (ours, theirs) if self.more_is_better else (theirs, ours)
        return better / worse if worse else float("inf")

    def to_json(self):
        return {
            "name": self.name,
            "value": rounded(self.ours.median),
            "unit": self.unit,
            "peers": {peer: rounded(samples.median) for peer, samples in self.peers.items()},
            "ratio": {peer: rounded(self.ratio(peer)) for peer in self.peers},
        }


def rounded(number, digits=5):
    """To so many significant digits; what is measured here has no more."""
    return float(f"{number:.{digits}g}")


# ---- The table ---------------------------------------------------------------------


def grouped(number):
    """1234567.0 as '1,234,567'; small numbers keep three significant digits."""
    if abs(number) >= 100:
        return f"{number:,.0f}"
    decimals = 1 if abs(number) >= 10 else 2 if abs(number) >= 1 else 3
    return f"{number:.{decimals}f}"


# Units for a person, where a figure is many of its own; the JSON keeps one unit a row.
LARGER_UNITS = {"us": (("s", 1e6), ("ms", 1e3)), "KiB": (("MiB", 1024),)}


def figure(samples, unit):
    number = samples.median
    for larger, size in LARGER_UNITS.get(unit, ()):
        if number >= size:
            number, unit = number / size, larger
            break
    spread = f" ±{samples.spread:.0%}" if len(samples.values) > 1 else ""
    return f"{grouped(number)} {unit}{spread}"


def table(rows):
    """The rows as text for a person, a block of lines for each."""
    lines = [("measure", "ancient", "beside", "", "ratio")]
    for row in rows:
        head = (row.name, figure(row.ours, row.unit))
        for label, samples in row.peers.items():
            peer = (label.replace("_", " "), figure(samples, row.unit), grouped(row.ratio(label)))
            lines.append((*head, *peer))
            head = ("", "")
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    sides = "<><>>"
    texts = []
    notes = {row.name: (row.what, *row.notes) for row in rows}
    for line in lines:
        cells = zip(line, sides, widths, strict=True)
        if line[0] in notes:
            texts.append("")
        texts.append("  ".join(f"{cell:{side}{width}}" for cell, side, width in cells).rstrip())
    texts.append("")
    for name, (what, *more) in notes.items():
        note = f"{name}: {'; '.join((what, *more))}."
        texts.append(textwrap.fill(note, 100, subsequent_indent="    "))
    return "\n".join(texts)


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

    def round(self, number, of):
        if self._terminal:
            self._print(f"\r\033[K{self._measurement}: round {number} of {of} ...", end="")

    def clear(self):
        if self._terminal:
            self._print("\r\033[K", end="")
