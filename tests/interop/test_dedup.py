"""tests/interop: a file whose equal blocks were made one, by OCaml or by ancientctl: the same
bytes, and to all readers the same values.  test_dedup.ml says which blocks become one."""

import json
import pathlib
import re
import shutil
import subprocess

import pytest
from readers import BUILD, needs_build, python_package

PROGRAM = pathlib.Path(BUILD or ".") / "tests/interop/dedup"
TOOL = pathlib.Path(BUILD or ".") / "c-reader/tool/ancientctl"
BASE = "0x300000200000"
VALUES = slice(8192, -320)  # behind the superblocks, before the record, which has UUID and time

pytestmark = [
    needs_build,
    pytest.mark.skipif(BUILD is not None and not PROGRAM.exists(), reason="the build has no OCaml"),
]


def run(*command):
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


@pytest.fixture(scope="module", params=range(10))
def files(request, tmp_path_factory):
    """As it was made; compacted as it is; and with equal blocks once, by OCaml and by the tool."""
    folder = tmp_path_factory.mktemp("dedup")
    paths = [folder / name for name in ("plain", "compact", "ocaml", "tool")]
    run(PROGRAM, "make", request.param, paths[0])
    for path in paths[1:]:
        shutil.copy(paths[0], path)
    run(TOOL, "compact", "--base", BASE, paths[1])
    run(PROGRAM, "compact", BASE, paths[2])
    run(TOOL, "compact", "--dedup-strings", "--base", BASE, paths[3])
    return paths


def test_both_make_the_same_file(files):
    compact, ocaml, tool = (path.read_bytes()[VALUES] for path in files[1:])
    assert ocaml == tool
    assert len(tool) < len(compact)


def test_the_profile_says_before_what_it_gives(files):
    before, after = (json.loads(run(TOOL, "profile", "--json", files[n])) for n in (1, 3))
    blocks = [
        sum(part["blocks"] for part in profile["parts"] if part["group"] == "values")
        for profile in (before, after)
    ]
    assert before["equal_blocks"] + before["equal_strings"] == blocks[0] - blocks[1] > 0
    assert (after["equal_blocks"], after["equal_strings"]) == (0, 0)
    text = run(TOOL, "profile", files[1]).decode()
    assert re.search(r"^  equals +\d", text, re.MULTILINE)


def test_the_values_are_the_same_to_c(files):
    run(TOOL, "verify", files[3])
    assert run(TOOL, "dump", files[3]) == run(TOOL, "dump", files[0])


def test_the_values_are_the_same_to_python(files):
    ancient = python_package()
    plain, once = (ancient.open(path) for path in (files[0], files[3]))
    with plain, once:
        once.verify()
        assert list(once) == list(plain)
        for key in plain:
            # by their text, since a NaN is equal to none
            assert repr(ancient.to_python(once[key])) == repr(ancient.to_python(plain[key]))
