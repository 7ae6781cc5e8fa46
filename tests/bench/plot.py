"""tests/bench: draws curves of cost against size as an SVG.

Written without a plotting library, because panels of lines on logarithmic axes take less code
than a dependency is worth, and text in the SVG stays text.
"""

import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 560, 400  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 62, 118, 56, 46  # from its edges to the axes
LABEL_HEIGHT = 15
INK, FAINT, GRID = "#222222", "#666666", "#e4e4e4"
# Told apart by eyes that do not see every colour; ours are dark and thick.
OURS = ("#0b4f9e", "#b3260b", "#0b6b3a")
PEERS = ("#e69f00", "#56b4e9", "#cc79a7", "#8a8a8a", "#9a7b4f")


@dataclasses.dataclass(frozen=True)
class Line:
    label: str
    ours: bool
    points: tuple  # of (size, cost), both above 0


@dataclasses.dataclass(frozen=True)
class Panel:
    title: str
    unit: str  # of the costs
    lines: tuple


def short(number):
    """1e6 as '1 M', 0.01 as '0.01'."""
    for size, suffix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:g}{suffix}"
    return f"{number:g}"


def ticks(numbers):
    """1, 2 and 5 times powers of ten from below the least of the numbers to above the
    greatest, or the powers alone where those are many."""
    low, high = min(numbers) * 1.1, max(numbers) / 1.1  # a little over the last one is no harm
    low, high = min(low, high), max(low, high)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    first = max(number for number in fine if number <= low)
    last = min(number for number in fine if number >= high)
    wide = last / first > 500
    return [
        number
        for number in fine
        if first <= number <= last and (not wide or number in (first, last) or is_power(number))
    ]


def is_power(number):
    return abs(math.log10(number) - round(math.log10(number))) < 1e-9


class Scale:
    """From a number to a place between two edges, logarithmically."""

    def __init__(self, ticks, start, end):
        self.ticks = ticks
        self._low = math.log10(ticks[0])
        self._factor = (end - start) / (math.log10(ticks[-1]) - self._low)
        self._start = start

    def __call__(self, number):
        return self._start + (math.log10(number) - self._low) * self._factor


def text(x, y, content, anchor="start", colour=INK, size=12, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{size}" font-weight="{weight}">{escape(content)}</text>'
    )


def line(x1, y1, x2, y2, colour):
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" fill="none"/>'


def axes(panel, across, up):
    yield text(LEFT, 24, panel.title, size=15, weight="bold")
    yield text(LEFT, 42, panel.unit, colour=FAINT)
    for tick in across.ticks:
        yield line(across(tick), TOP, across(tick), HEIGHT - BOTTOM, GRID)
        yield text(across(tick), HEIGHT - BOTTOM + 18, short(tick), "middle", FAINT)
    for tick in up.ticks:
        yield line(LEFT, up(tick), WIDTH - RIGHT, up(tick), GRID)
        yield text(LEFT - 8, up(tick) + 4, short(tick), "end", FAINT)
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield text(middle, HEIGHT - 8, "objects (OCaml blocks)", "middle", FAINT)


def apart(places):
    """Places of labels, in order from top to bottom, moved so that none lies on another."""
    moved = []
    for place in places:
        moved.append(max(place, moved[-1] + LABEL_HEIGHT) if moved else place)
    excess = moved[-1] - max(places[-1], HEIGHT - BOTTOM)
    return [place - max(excess, 0) for place in moved]


def curve(each, colour, across, up):
    points = [(across(size), up(cost)) for size, cost in each.points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    width, dot = (2.6, 3.4) if each.ours else (1.5, 2.4)
    yield f'<path d="{path}" stroke="{colour}" stroke-width="{width}" fill="none"/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{dot}" fill="{colour}"/>'


def draw(panel):
    sizes = [size for each in panel.lines for size, _cost in each.points]
    costs = [cost for each in panel.lines for _size, cost in each.points]
    across = Scale(ticks(sizes), LEFT, WIDTH - RIGHT)
    up = Scale(ticks(costs), HEIGHT - BOTTOM, TOP)
    yield from axes(panel, across, up)
    colours = {True: iter(OURS), False: iter(PEERS)}
    coloured = [(each, next(colours[each.ours])) for each in panel.lines]
    for each, colour in sorted(coloured, key=lambda pair: pair[0].ours):  # ours on top
        yield from curve(each, colour, across, up)
    ends = sorted(coloured, key=lambda pair: up(pair[0].points[-1][1]))
    places = apart([up(each.points[-1][1]) for each, _colour in ends])
    for (each, colour), place in zip(ends, places, strict=True):
        right = across(each.points[-1][0]) + 8
        weight = "bold" if each.ours else "normal"
        yield text(right, place + 4, each.label, colour=colour, weight=weight)


def svg(panels, title, caption):
    """The panels, two in a row, under a title, as the text of an SVG."""
    head, foot = 44, 40
    rows = (len(panels) + 1) // 2
    width, height = 2 * WIDTH, rows * HEIGHT + head + foot
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        text(LEFT, 32, title, size=18, weight="bold"),
    ]
    for number, panel in enumerate(panels):
        x, y = number % 2 * WIDTH, head + number // 2 * HEIGHT
        parts.append(f'<g transform="translate({x} {y})">')
        parts.extend(draw(panel))
        parts.append("</g>")
    parts.append(text(LEFT, height - 14, caption, colour=FAINT))
    return "\n".join([*parts, "</svg>\n"])
