"""tests/interop: what `./run install PREFIX` installs works without the build and the sources, with
each compiler and build system; what README.md and docs/ say of it is run by tests/docs, and some of
their programs are used here.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pages
import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs/tutorial-c.md"


@pytest.fixture
def prefix(installed):
    return installed.prefix


@pytest.fixture
def clean(installed, tmp_path):
    """An environment that knows PREFIX and nothing else of this project."""
    return dict(installed.environment), tmp_path


def run(clean, *command):
    environment, folder = clean
    done = subprocess.run(
        [str(word) for word in command],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def publish(clean, *compiler):
    (clean[1] / "publish.ml").write_text(pages.file(TUTORIAL, "untyped.ml"))
    run(clean, "ocamlfind", *compiler, "-package", "ancient", "-linkpkg", "publish.ml", "-o", "p")
    run(clean, "./p")


def compile_reader(clean, flags):
    (clean[1] / "read.c").write_text(pages.file(TUTORIAL, "untyped.c"))
    run(clean, "sh", "-c", f"cc -Wall -Wextra -Werror read.c -o read {flags}")


def test_shared_library_by_its_rpath(clean, prefix):
    del clean[0]["LD_LIBRARY_PATH"]
    publish(clean, "ocamlopt")
    flags = "$(pkg-config --cflags --libs ancient-reader)"
    compile_reader(clean, f"{flags} -Wl,-rpath,{prefix}/lib")
    assert run(clean, "./read") == "vim 9.0\n"


def test_static_library(clean, prefix):
    del clean[0]["LD_LIBRARY_PATH"]
    publish(clean, "ocamlopt")
    flags = "$(pkg-config --cflags ancient-reader)"
    compile_reader(clean, f"{flags} {prefix}/lib/libancient-reader.a -pthread")
    assert run(clean, "./read") == "vim 9.0\n"


def test_bytecode_finds_its_stubs(clean):
    del clean[0]["LD_LIBRARY_PATH"]
    publish(clean, "ocamlc")


def test_dune_project(clean):
    folder = clean[1]
    (folder / "dune-project").write_text("(lang dune 2.9)\n")
    (folder / "dune").write_text(
        "(executables (names publish) (modes byte exe) (libraries ancient unix))\n"
    )
    (folder / "publish.ml").write_text(pages.file(TUTORIAL, "untyped.ml"))
    run(clean, "dune", "build", "--root", ".", "./publish.exe", "./publish.bc")
    run(clean, "./_build/default/publish.exe")
    run(clean, "./_build/default/publish.bc")


def test_tool_and_man_page(clean, prefix):
    publish(clean, "ocamlopt")
    assert "0" in run(clean, prefix / "bin/ancientctl", "keys", "untyped.ancient")
    assert shutil.which("man") is None or "ancientctl" in run(
        clean, "man", "-l", prefix / "share/man/man1/ancientctl.1"
    )


def test_python_imports_from_the_prefix(clean, prefix):
    place = run(clean, sys.executable, "-c", "import ancient; print(ancient.__file__)")
    assert place.startswith(str(prefix))


# The deriver, where ppxlib is installed (and ppx_deriving for what stands beside it).

PROGRAM = ROOT / "tests/schema/program"
MODULES = ["names.ml", "money.mli", "money.ml", "catalog.mli", "catalog.ml", "main.ml"]
ANSWERS = {
    "[5].upwards": '{"ed": 3, "emacs": 1, "nano": 4, "vim": 2}',
    "[5].downwards": '{"vim": 2, "nano": 4, "emacs": 1, "ed": 3}',
    '[5].downwards["emacs"]': "1",
    '[5].downwards["vim"]': "2",
    "[5].words": '["a", "b", "c"]',
    "[5].removed": '["c", "b", "a"]',
    "[5].prices.sale": "9.5",
    "[1].price": "9.5",
    "[4].value": '"v"',
}


def needs(*packages):
    found = subprocess.run(["ocamlfind", "query", *packages], capture_output=True, check=False)
    return pytest.mark.skipif(found.returncode != 0, reason=f"needs {' '.join(packages)}")


def copy_program(folder, names=MODULES):
    for name in names:
        shutil.copy(PROGRAM / name, folder)


def check_answers(clean, prefix):
    """What Python, C and the tool read of program.ancient."""
    paths = list(ANSWERS)
    questions = "\n".join(f"print(db.at({'0' + path!r}))" for path in paths[2:4] + paths[6:])
    answers = run(
        clean,
        sys.executable,
        "-c",
        f"""
import ancient
db = ancient.open("program.ancient")
{questions}
index = db[0][5]
print(list(index.downwards), index.downwards["ed"], index.downwards.get("joe"), len(index.removed))
print("a" in index.removed, "z" in index.removed, list(index.words), index.upwards["nano"])
print(ancient.to_python(index.prices))
""",
    )
    assert answers.splitlines()[:5] == ["1", "2", "9.5", "9.5", "v"]
    assert answers.splitlines()[5:7] == [
        "['vim', 'nano', 'emacs', 'ed'] 3 None 3",
        "True False ['a', 'b', 'c'] 4",
    ]
    assert "12.5" in answers.splitlines()[7]
    shutil.copy(PROGRAM / "read_program.c", clean[1])
    flags = run(clean, "pkg-config", "--cflags", "--libs", "ancient-reader").split()
    run(clean, "cc", "-Wall", "-Werror", "read_program.c", "-o", "r", *flags)
    found = run(clean, "./r", "program.ancient", *paths).splitlines()
    assert dict(zip(paths, found)) == ANSWERS
    for path in paths[2:4]:
        said = run(clean, prefix / "bin/ancientctl", "get", "program.ancient", "0", path)
        assert said.strip() == ANSWERS[path]


@needs("ppxlib", "ppx_deriving.show")
@pytest.mark.parametrize("compiler", ["ocamlopt", "ocamlc"])
def test_deriving_with_ocamlfind_beside_show(clean, prefix, compiler):
    copy_program(clean[1])
    packages = "ancient.ppx,ppx_deriving.show"
    run(clean, "ocamlfind", compiler, "-package", packages, "-linkpkg", *MODULES, "-o", "p")
    assert "val root : Catalog.t list * Catalog.Product.t" in run(clean, "./p")
    check_answers(clean, prefix)


@needs("ppxlib", "ppx_deriving.show")
def test_deriving_in_a_dune_project(clean, prefix):
    folder = clean[1]
    copy_program(folder)
    (folder / "dune-project").write_text("(lang dune 2.9)\n")
    (folder / "dune").write_text(
        "(executable (name main) (libraries ancient)\n"
        " (preprocess (pps ancient.ppx ppx_deriving.show)))\n"
    )
    run(clean, "dune", "build", "--root", ".", "./main.exe")
    assert "val root : Catalog.t list * Catalog.Product.t" in run(
        clean, "./_build/default/main.exe"
    )
    check_answers(clean, prefix)


@needs("ppxlib", "ppx_deriving.show")
def test_programs_that_store_records_of_floats_otherwise_are_told_apart(clean):
    """The one sees that an amount is a float, the other does not."""
    packages = "ancient.ppx,ppx_deriving.show"
    sources = {"boxed": ["money.mli", "money.ml", "prices.ml"], "flat": ["money.ml", "prices.ml"]}
    for name, modules in sources.items():
        folder = clean[1] / name
        folder.mkdir()
        copy_program(folder, modules)
        inside = (clean[0], folder)
        run(inside, "ocamlfind", "ocamlopt", "-package", packages, "-linkpkg", *modules, "-o", "p")
        run(clean, f"./{name}/p", "write", name + ".ancient")
    for writer, reader in (("boxed", "flat"), ("flat", "boxed")):
        for name in (writer, reader):
            said = run(clean, f"./{name}/p", "read", writer + ".ancient")
            if name == writer:
                assert "12.5" in said
            else:
                assert f"type Prices.t: expected its floats {reader}" in said


@needs("ppxlib", "ppx_deriving")
@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("type t = { f : int -> int }", "functions cannot be shared"),
        ("type t = < m : int >", "objects cannot be shared"),
        ("type _ t = A : int t", "GADTs cannot be shared"),
        ("type t = T : 'a -> t", "GADTs cannot be shared"),
        ("type t = ..", "open types cannot be shared"),
        ("type 'a t = N | C of ('a * 'a) t", "recursion that is not regular"),
        ("type t = exn", "cannot be shared"),
        ("type 'a t = [> `A ] as 'a", "have no schema"),
    ],
)
def test_deriving_refuses_with_a_place(clean, declaration, message):
    environment, folder = clean
    (folder / "refused.ml").write_text(f"\n{declaration} [@@deriving ancient]\n")
    done = subprocess.run(
        ["ocamlfind", "ocamlc", "-package", "ancient.ppx", "-c", "refused.ml"],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert message in done.stderr
    assert 'File "refused.ml", line 2' in done.stderr
