"""python: stubs, the package's and those that `ancientctl codegen` writes, as type checkers see
them: mypy and pyright agree about a program that uses every call, and the program runs."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from ancientfile import AncientFile, Block, FloatArray, Schema, pair
from ancientvalue import Bigarray, Custom, string_hashtbl
from stubnames import declared_names, used_names
from typedsamples import tree

import ancient

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = pathlib.Path(ancient.__file__).resolve().parent
PROGRAM = HERE / "stub_program.py"

SCHEMA = """
type dep = { name : string }
module Package : sig
  type t = { version : string; size : int; depends : dep list; from : int }
end
type color = Red | Green | Rgb of int * int * int | Named of { label : string }
module Names : Map.S with type key = string [@@ancient.order standard]
module Ints : Set.S with type elt = int [@@ancient.order standard]
type all = {
  table : (string, Package.t) Hashtbl.t; names : int Names.t; ints : Ints.t; deps : dep list;
  sizes : int array; floats : float array; colors : color array; maybe : int option;
  perhaps : int option option; result : (int, string) result; cell : int ref;
  pair : int * string; unit : unit; late : string lazy_t; queue : string Queue.t;
  matrix : (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t;
}
val root : all
"""


def value():
    dep = Block(0, "libc")
    cell = pair("x", 0)
    return Block(
        0,
        string_hashtbl([("vim", Block(0, "9.1", 3800, 0, 7))], 4),
        tree([("a", 1), ("lib", 2)])[0],
        tree([(n, None) for n in (1, 2, 3)])[0],
        pair(dep, 0),
        Block(0, 3, 4),
        FloatArray([0.5, 1.5]),
        Block(0, 0, 1, Block(0, 1, 2, 3), Block(1, "sky")),
        Block(0, 5),
        Block(0, 0),
        Block(1, "no"),
        Block(0, 9),
        pair(1, "x"),
        0,
        "now",
        Block(0, 1, cell, cell),
        Bigarray("float64", [2], [1.5, 2.5]),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Has the file, and the program."""
    folder = tmp_path_factory.mktemp("stubs")
    roots = {0: value(), 1: "abc", 2: Custom("own", [7])}
    names = {0: "root", 1: "text", 2: "custom"}
    file = AncientFile().commit(roots, names, {0: Schema(SCHEMA, "?")})
    (folder / "file").write_bytes(file.image)
    (folder / "program.py").write_text(PROGRAM.read_text())
    return folder


@pytest.fixture(scope="module")
def stub(folder, ancientctl):
    """The folder, with the stub of the file in it, idx.pyi."""
    command = [ancientctl, "codegen", "--lang", "pyi", "-o", folder / "idx.pyi"]
    subprocess.run([*command, folder / "file", "root"], check=True)
    return folder


def mypy(folder, *files):
    pytest.importorskip("mypy")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder / "cache", *files],
        cwd=folder, env={**os.environ, "MYPYPATH": str(PACKAGE.parent)}, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def pyright(folder, *files):
    pytest.importorskip("pyright")
    if shutil.which("node") is None:
        pytest.skip("pyright needs node")
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(PACKAGE.parent)], "include": files}
    # The stub of a file has no source.
    settings["reportMissingModuleSource"] = False
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable],
        cwd=folder, text=True, capture_output=True, check=False,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] == len(files), done.stdout
    return [
        f"{pathlib.Path(one['file']).name}:{one['range']['start']['line'] + 1}: {one['message']}"
        for one in found["generalDiagnostics"]
        if one["severity"] == "error"
    ]


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_program_that_uses_every_call_checks_strictly(stub, checker):
    assert checker(stub, "program.py", "idx.pyi") == []


def test_pyright_takes_the_stub_of_the_package_strictly(folder):
    (folder / "package.pyi").write_text((PACKAGE / "__init__.pyi").read_text())
    assert pyright(folder, "package.pyi") == []


def test_the_program_runs(folder):
    done = subprocess.run(
        [sys.executable, "-c", "import program; program.main('file')"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)}, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_program_uses_every_function_and_method_of_the_stub():
    missing = declared_names() - used_names(PROGRAM.read_text())
    assert {name for name in missing if not name.startswith("_")} == set()


MISTAKES = [
    # A constructor that is left out leaves something for assert_never.
    ("        case T.Red:\n            return 1\n", "", "assert_never(color)"),
    ("case T.Named(label=name):", "case T.Named(labels=name):", "case T.Named(labels=name):"),
    ("root.table[", "root.tables[", "root.tables["),
    ('table["vim"]', "table[3]", "table[3]"),
    ("names.prefix(", "names.tolist(", "names.tolist("),
    ("T.Package(version, size=size)", "T.Pakage(version, size=size)", "T.Pakage("),
    ("root.maybe, int | None", "root.maybe + 1, int", "root.maybe + 1"),
    ("root.sizes.index(3)", "root.sizes.first()", "root.sizes.first()"),
]


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_mistakes_are_found_strictly(stub, checker):
    text = PROGRAM.read_text()
    for right, wrong, _ in MISTAKES:
        assert right in text
        text = text.replace(right, wrong, 1)
    (stub / "wrong.py").write_text(text)
    found = checker(stub, "wrong.py")
    for _, _, line in MISTAKES:
        number = 1 + [i for i, one in enumerate(text.splitlines()) if line in one][0]
        assert any(one.startswith(f"wrong.py:{number}:") for one in found), (line, found)
