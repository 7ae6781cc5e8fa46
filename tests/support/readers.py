"""tests/support: runs the built readers, for the tests that hold them against files.

ANCIENT_BUILD names Meson's build directory.  Unset, these tests are skipped (an editor
runs pytest without a build); set, whatever is missing is a failure.
"""

import importlib
import json
import math
import os
import pathlib
import subprocess

import pytest
from ancientvalue import BIGARRAY_KINDS, Bigarray

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
    """Whether two parsed dumps are equal, numbers by value and sign.  Iterative: values of
    OCaml are deep."""
    pairs = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            if list(a) != list(b):
                return False
            pairs += zip(a.values(), b.values())
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            pairs += zip(a, b)
        elif isinstance(a, (int, float)) and isinstance(b, (int, float)):
            if a != b or math.copysign(1, a) != math.copysign(1, b):
                return False
        elif type(a) is not type(b) or a != b:
            return False
    return True


def _same_bigarray(ancient, found, wanted):
    def item(x):
        return tuple(map(float, x)) if isinstance(x, list) else x

    code = BIGARRAY_KINDS[wanted["bigarray"]][1]
    number = float if code in "efd" else int
    items = [item(x) if isinstance(x, list) else number(x) for x in wanted["data"]]
    made = Bigarray(wanted["bigarray"], wanted["dims"], items, wanted["layout"])
    return (
        isinstance(found, ancient.Bigarray)
        and (found.kind, found.layout, list(found.shape)) == (made.kind, made.layout, made.dims)
        and memoryview(found).tobytes(order="A") == made.payload
    )


def _same_leaf(ancient, found, wanted):
    """Against the dump of a value without fields."""
    if not isinstance(wanted, dict):
        return type(found) is type(wanted) and found == wanted
    kind, value = next(iter(wanted.items()))
    if kind == "float":
        return isinstance(found, float) and repr(found) == repr(float(value))
    if kind == "floats":
        right = isinstance(found, ancient.FloatArray)
        return right and list(map(repr, found)) == [repr(float(x)) for x in value]
    if kind == "bigarray":
        return _same_bigarray(ancient, found, wanted)
    if kind == "custom":
        right = isinstance(found, ancient.Custom) and found.identifier == value
        return right and memoryview(found).tobytes().hex() == wanted["hex"]
    assert kind in ("int", "int32", "int64", "nativeint", "z"), kind
    return type(found) is int and found == int(value)


def difference(ancient, root, dump):
    """None, or where a value of the Python package differs from a dump (parsed).  Lazies are
    looked through, and boxed integers are int: Python does not show them apart."""
    todo, offsets = [(root, dump, "")], {}
    while todo:
        found, wanted, path = todo.pop()
        while isinstance(wanted, dict) and "lazy" in wanted:
            if "id" in wanted and isinstance(found, ancient.Block):
                offsets[wanted["id"]] = found.offset
            wanted = wanted["lazy"]
        if isinstance(wanted, dict) and "ref" in wanted:
            if wanted["ref"] in offsets and found.offset != offsets[wanted["ref"]]:
                return f"{path}: not the shared block {wanted['ref']}"
        elif isinstance(wanted, dict) and "tag" in wanted:
            fields = wanted["fields"]
            if not isinstance(found, ancient.Block):
                return f"{path}: {found!r} is no block"
            if (found.tag, len(found)) != (wanted["tag"], len(fields)):
                return f"{path}: tag {found.tag} and {len(found)} fields"
            if "id" in wanted:
                offsets[wanted["id"]] = found.offset
            below = [(f, w, f"{path}[{i}]") for i, (f, w) in enumerate(zip(found, fields))]
            todo += reversed(below)
        elif not _same_leaf(ancient, found, wanted):
            return f"{path}: {found!r} is not {wanted}"
    return None
