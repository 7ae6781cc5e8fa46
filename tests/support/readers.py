"""tests/support: runs the built readers, for the tests that hold them against files.

ANCIENT_BUILD names Meson's build directory.  Unset, these tests are skipped (an editor
runs pytest without a build); set, whatever is missing is a failure.
"""

import importlib
import json
import os
import pathlib
import subprocess

import pytest

BUILD = os.environ.get("ANCIENT_BUILD")

needs_build = pytest.mark.skipif(BUILD is None, reason="ANCIENT_BUILD is not set")


def ancientctl(*arguments):
    """(exit status, stdout, stderr) of the tool."""
    tool = pathlib.Path(BUILD, "c-reader", "tool", "ancientctl")
    done = subprocess.run(
        [tool, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def python_package():
    return importlib.import_module("ancient")


def parse(text):
    """JSON, with the sign of -0 kept in however it is written."""
    return json.loads(text, parse_int=lambda digits: -0.0 if digits == "-0" else int(digits))


def same(a, b):
    """Whether two parsed dumps are equal, numbers by value and sign."""
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b and str(float(a))[0] == str(float(b))[0]
    return type(a) is type(b) and a == b
