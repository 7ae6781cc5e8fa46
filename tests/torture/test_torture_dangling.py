"""tests/torture: marks, deletes, attaches, restored and rolled back files, detaches, among
collections, while pointers to what is gone dangle in every kind of root (dangling.ml): what is
there stays what it was."""

import os
import re

import pytest
from processes import FOLDER, Clock, end, seconds, start
from readers import needs_build

pytestmark = needs_build

# Debian's OCaml has a debug variant of the runtime, others may have none (tests/ocaml/meson.build).
MODES = [
    mode
    for mode in ("native", "bytecode", "debug")
    if mode != "debug" or (FOLDER / "dangling_debug").exists()
]


def dangle(mode, seed, operations, folder):
    """Runs so many operations, in an empty folder; returns what the program says."""
    program = FOLDER / f"dangling_{mode}"
    folder.mkdir()
    environment = {**os.environ, "OCAMLRUNPARAM": "v=0"}
    process = start(seed, operations, program=program, cwd=folder, env=environment)
    out = end(process)
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()
    return out


def number(pattern, text):
    return int(re.search(pattern, text)[1])


@pytest.mark.timeout(0)
@pytest.mark.parametrize("mode", MODES)
def test_the_collector_meets_no_stranger(mode, tmp_path, capsys):
    operations = 1500 if seconds(1) is None else 20000
    first = int(os.environ.get("ANCIENT_TORTURE_SEED", "1"))
    done = compared = mappings = 0
    for seed in Clock(2, 0.09):
        out = dangle(mode, first + seed, operations, tmp_path / "files")
        done += number(r"(\d+) operations", out)
        compared += number(r"values compared (\d+)", out)
        mappings = max(mappings, number(r"(\d+) mappings", out))
    with capsys.disabled():
        print(f"\n{done} operations with dangling pointers, {mode}, seeds from {first}; "
              f"{compared} values compared, at most {mappings} mappings")  # fmt: skip
    assert done > 0 and compared > done / 2
