"""tests/interop: values of every kind, shared by OCaml, read the same in OCaml, C and Python, as
one expected dump says; and every version of OCaml writes the same bytes.

Files are written by the OCaml of the build.  ANCIENT_FOREIGN may name a folder with files that
exchange.py has written with another OCaml or on another machine: they pass the same tests.
"""

import json
import os
import pathlib
import re
import subprocess

import exchange
import pytest
from ancientlayout import Layout
from readers import (
    BUILD,
    ancientctl,
    difference,
    needs_build,
    parse,
    python_package,
    same,
)

FOREIGN = os.environ.get("ANCIENT_FOREIGN")
HAVE_OCAML = BUILD is not None and exchange.program(BUILD, "make_values").exists()
WRITERS = ["own"] if FOREIGN is None else ["own", "foreign"]
PARTICULAR = range(2000, 3000)  # keys of values that not every OCaml has

pytestmark = [
    needs_build,
    pytest.mark.skipif(BUILD is not None and not HAVE_OCAML, reason="the build has no OCaml"),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    own = tmp_path_factory.mktemp("values") / "own"
    exchange.write(BUILD, own)
    return {"own": own, "foreign": FOREIGN and pathlib.Path(FOREIGN)}


@pytest.fixture(params=WRITERS)
def folder(request, folders):
    return folders[request.param]


@pytest.fixture(params=exchange.NAMES)
def name(request):
    return request.param


def run(program, *arguments):
    command = [exchange.program(BUILD, program), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=exchange.ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def expected(folder, name):
    wanted = json.loads((folder / f"{name}.json").read_text())
    assert len(wanted) > 500
    return wanted


def check_lines(text, wanted):
    found = {str(line["key"]): line["value"] for line in map(parse, text.split("\n")[:-1])}
    assert sorted(found) == sorted(wanted)
    for key, dump in wanted.items():
        assert same(found[key], dump), f"key {key}: {found[key]} is not {dump}"


def masked(path):
    """The bytes, without what is of one file and one OCaml: UUID, version, and the checksums
    that cover them, in both superblocks and in the copies of them in commit records."""
    image = bytearray(path.read_bytes())
    at = Layout(image)
    copies = [name.split(".")[0] for name in at.places if name.endswith(".uuid")]
    assert len(copies) > 2
    fields = [f"{c}.{field}" for c in copies for field in ("ocaml_version", "uuid", "checksum")]
    fields += [name for name in at.places if re.fullmatch(r"commit\d+\..*_checksum", name)]
    for name in fields:
        image[at(name) : at(name) + at.size(name)] = bytes(at.size(name))
    return bytes(image)


def check_same_bytes(one, other):
    a, b = masked(one), masked(other)
    place = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    assert a == b, f"{len(a)} and {len(b)} bytes, different from {place:#x} on"


def test_ocaml_reads_them(folder, name):
    wanted = expected(folder, name)
    text = run("dump_values", folder / f"{name}.ancient")
    if not any(json.loads(line)["key"] in PARTICULAR for line in text.split("\n")[:-1]):
        wanted = {key: dump for key, dump in wanted.items() if int(key) not in PARTICULAR}
    check_lines(text, wanted)


def test_c_reads_them(folder, name):
    status, out, err = ancientctl("dump", "--raw", folder / f"{name}.ancient")
    assert (status, err) == (0, "")
    check_lines(out, expected(folder, name))


def test_python_reads_them(folder, name):
    ancient, wanted = python_package(), expected(folder, name)
    with ancient.open(folder / f"{name}.ancient") as store:
        assert sorted(map(str, store)) == sorted(wanted)
        for key, dump in wanted.items():
            assert difference(ancient, store[int(key)], dump) is None, f"key {key}"


def test_they_verify(folder, name):
    status, out, err = ancientctl("verify", "--json", folder / f"{name}.ancient")
    assert (status, json.loads(out)["ok"], err) == (0, True, "")


def test_sharing_what_a_file_holds_gives_the_same_bytes(folder, name, tmp_path):
    order, _seed = exchange.NAMES[name]
    again = tmp_path / "again.ancient"
    run("share_again", folder / f"{name}.ancient", again, order)
    check_same_bytes(folder / f"{name}.ancient", again)


def test_the_orders_differ(folders):
    depth, breadth = (folders["own"] / f"{exchange.COMMON[o]}.ancient" for o in exchange.ORDERS)
    assert masked(depth) != masked(breadth)


def test_the_same_values_shared_twice_give_the_same_bytes(folders, tmp_path):
    for order, name in exchange.COMMON.items():
        run("make_values", tmp_path / "twice", tmp_path / "json", order, "common")
        check_same_bytes(folders["own"] / f"{name}.ancient", tmp_path / "twice")


@pytest.mark.skipif(FOREIGN is None, reason="ANCIENT_FOREIGN is not set")
@pytest.mark.parametrize("order", exchange.ORDERS)
def test_the_same_values_shared_by_another_ocaml_or_machine_have_the_same_bytes(folders, order):
    name = f"{exchange.COMMON[order]}.ancient"
    own, foreign = folders["own"] / name, folders["foreign"] / name
    assert own.read_bytes() != foreign.read_bytes(), "the same file"  # the UUIDs differ
    check_same_bytes(own, foreign)
