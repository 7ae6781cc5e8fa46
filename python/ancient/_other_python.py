"""Says for which Python the package was built, where that is not the one that imports it.

Called by ancient, whose extension was not found.
"""

from __future__ import annotations

import importlib.machinery
import os
import re
import sys


def _version(suffix: str) -> str:
    found = re.match(r"cpython-(\d)(\d+)(t?)", suffix)
    if found is None:
        return suffix
    return f"Python {found[1]}.{found[2]}{', free-threaded' if found[3] else ''}"


def sentence(folder: str) -> str | None:
    """What is wrong with the extensions in a folder; None where one fits, or there are none."""
    begin = "_ancient"
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    built = sorted(name[len(begin) :] for name in names if re.match(r"_ancient\..*(so|pyd)$", name))
    if not built or not set(built).isdisjoint(importlib.machinery.EXTENSION_SUFFIXES):
        return None
    pythons = " and ".join(_version(one[1:]) for one in built)
    this = _version(importlib.machinery.EXTENSION_SUFFIXES[0][1:])
    return (
        f"the package ancient in {folder} was built for {pythons}, and this is {this}: run it with "
        f"that, or build the package with {sys.executable or 'this one'}"
    )
