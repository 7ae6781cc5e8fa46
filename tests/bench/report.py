"""tests/bench: the rows that the benchmark prints, each with our figure and the peers', and the
targets that they are compared with."""

import dataclasses
import textwrap

from runner import Samples

# ---- Targets -----------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Target:
    """What a row should reach: a ratio to a peer, or a figure where `peer` is None.

    limit    of the ratio, which is met from there up; of the figure, in the row's unit,
             which is met where the row is better than it
    """

    text: str
    limit: float
    peer: str | None = None

    def reached(self, row):
        """The number that is held against the limit."""
        return row.ours.median if self.peer is None else row.ratio(self.peer)

    def met(self, row):
        if self.peer is None and not row.more_is_better:
            return self.reached(row) <= self.limit
        return self.reached(row) >= self.limit


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
    targets: tuple = ()

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
            "targets": [
                {
                    "target": target.text,
                    "peer": target.peer,
                    "limit": rounded(target.limit),
                    "reached": rounded(target.reached(self)),
                    "met": target.met(self),
                }
                for target in self.targets
            ],
        }


class NotHere(Exception):
    """What a measurement raises that cannot be made on this machine: the text says why."""


@dataclasses.dataclass(frozen=True)
class Skipped:
    """The line of a measurement that could not be made here."""

    name: str
    reason: str
    targets: tuple = ()

    def to_json(self):
        return {"name": self.name, "value": None, "reason": self.reason}


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


def columns(lines, alignments):
    """Lines of cells as text, each column as wide as its widest cell; `alignments` has < or > for
    each column.  A line of no cells is empty."""
    widths = [max(len(line[i]) for line in lines if line) for i in range(len(alignments))]
    texts = []
    for line in lines:
        cells = zip(line, alignments, widths, strict=False)
        texts.append(
            "  ".join(f"{cell:{alignment}{width}}" for cell, alignment, width in cells).rstrip()
        )
    return "\n".join(texts)


def table(rows):
    """The rows as text for a person, a block of lines for each, and a note on each."""
    lines = [("measure", "ancient", "beside", "", "ratio")]
    measured = [row for row in rows if isinstance(row, Row)]
    for row in measured:
        lines.append(())
        head = (row.name, figure(row.ours, row.unit))
        for label, samples in row.peers.items():
            peer = (label.replace("_", " "), figure(samples, row.unit), grouped(row.ratio(label)))
            lines.append((*head, *peer))
            head = ("", "")
        if not row.peers:
            lines.append((*head, "", "", ""))
    notes = [
        textwrap.fill(
            f"{row.name}: {'; '.join((row.what, *row.notes))}.", 100, subsequent_indent="    "
        )
        for row in measured
    ]
    notes += [f"{row.name}: not measured, {row.reason}." for row in rows if row not in measured]
    return "\n".join([columns(lines, "<><>>"), "", *notes])


def held(target, row):
    """Cells: what was measured of a target, and the verdict."""
    if isinstance(row, Skipped):
        return "", "not measured"
    reached = target.reached(row)
    measured = f"{grouped(reached)} x" if target.peer else figure(Samples((reached,)), row.unit)
    return measured, "met" if target.met(row) else "MISSED"


def target_table(rows):
    """Target beside measured, a line for each target; "" where the rows have none."""
    lines = [("measure", "target", "now", "")]
    for row in rows:
        head = row.name
        for target in row.targets:
            lines.append((head, target.text, *held(target, row)))
            head = ""
    return columns(lines, "<<><") if len(lines) > 1 else ""
