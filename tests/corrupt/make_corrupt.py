#!/usr/bin/env python3
"""tests/corrupt: makes the malformed files of cases.py from the golden files.

    python3 make_corrupt.py FOLDER

n_<CODE>__<how>.ancient must be refused with that code; y_<how>.ancient must not be.  Each
is a golden file with a few bytes changed at named places (tests/support/ancientlayout.py)
and, unless its case says otherwise, every checksum made right again, so that the check
meant is the one that must see it.
"""

import functools
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "golden"), str(HERE.parent / "support")]

import make_golden  # noqa: E402
from ancientfile import checksum, reseal, reseal_commits, words  # noqa: E402
from ancientlayout import Layout  # noqa: E402
from cases import BASES, CASES, GOOD  # noqa: E402


@functools.cache
def golden(name):
    """The bytes that a case damages, and their layout."""
    image = BASES[name]() if name in BASES else make_golden.committed(name)
    return image, Layout(image)


def _bytes(value, at, size):
    value = value(at) if callable(value) else value
    return value if isinstance(value, bytes) else (value % 2 ** (8 * size)).to_bytes(size, "little")


def _seal_headers(image, extents):
    for at in extents:
        image[at + 56 : at + 64] = words(checksum(image[at : at + 56]))


def build(case):
    """(the file's bytes, the offset its error must report)"""
    whole, at = golden(case.golden)
    image = bytearray(whole)
    whole = None
    for place, value in case.damage:
        if place == "file":
            whole = value
        elif place == "size":
            size = value(at) if callable(value) else value
            image = image[:size] + bytes(max(0, size - len(image)))
        elif place == "old":
            start = 4096 - at.slot
            image[start : start + 256] = bytes(256)
        else:
            start = at(place) if isinstance(place, str) else place
            raw = _bytes(value, at, at.size(place) if isinstance(place, str) else 8)
            image[start : start + len(raw)] = raw
    if whole is not None:
        image = bytearray(whole)
    elif case.seal == "headers":
        _seal_headers(image, at.extents)
    elif case.seal == "extents":
        reseal(image, at.extents, images=False)
    elif case.seal == "commits":
        reseal_commits(image, at.extents)
    elif case.seal:
        reseal(image, at.extents)
    offset = case.offset(at) if callable(case.offset) else case.offset
    return bytes(image), at(offset) if isinstance(offset, str) else offset


def make(folder):
    """Writes all; {name: (case, path, offset)}."""
    made = {}
    for case in CASES + GOOD:
        image, offset = build(case)
        path = pathlib.Path(folder, f"{case.name}.ancient")
        path.write_bytes(image)
        assert case.name not in made, f"two cases are called {case.name}"
        made[case.name] = (case, path, offset)
    return made


if __name__ == "__main__":
    make(sys.argv[1])
