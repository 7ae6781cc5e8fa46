"""python: the package as such: its stubs, its manual, its types."""

import ast
import os
import pathlib
import pydoc
import shutil
import subprocess
import sys

import pytest

import ancient

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "python" / "ancient"
PACKAGE = pathlib.Path(ancient.__file__).resolve().parent


def run(*command, **options):
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_the_package_takes_no_large_module_with_it():
    """They would be most of a reader process's own memory, and of the time it takes to start."""
    program = (
        "import sys; before = set(sys.modules); import ancient; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    imported = done.stdout.split()
    assert "ancient._ancient" in imported, done.stderr
    assert not {"typing", "dataclasses", "inspect", "re", "enum", "threading"} & set(imported)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """What mypy knows of the standard library, once for all tests here."""
    return tmp_path_factory.mktemp("mypy")


def test_the_stubs_say_what_the_extension_has(tmp_path):
    pytest.importorskip("mypy")
    # From Python 3.12 on __buffer__ is there; before, all of the list is needed.
    newer = ["--ignore-unused-allowlist"] if sys.version_info >= (3, 12) else []
    allowed = ["--allowlist", HERE / "stubtest-allowlist.txt", *newer]
    run("mypy.stubtest", "ancient", *allowed, cwd=tmp_path)


def test_the_stubs_are_strict(tmp_path, cache):
    pytest.importorskip("mypy")
    run("mypy", "--strict", "--cache-dir", cache, SOURCE, cwd=tmp_path)


PROGRAM = """
import ancient

with ancient.open("idx", strings="str") as db:
    value: ancient.Block = db[0]
    name: str = value[0]
    tag: int = value.tag
    for key in db.keys():
        size: int = db.entry(key).bytes
    fallback: int = db.get("x", 5)
    copy: object = ancient.to_python(value)

def show(done: int, total: int) -> None: ...

def total(floats: ancient.FloatArray, cells: ancient.Bigarray) -> float:
    memoryview(cells)
    return sum(floats) + floats[0]

verified: int = ancient.open("idx").verify(progress=show).blocks
try:
    db["x"]
except ancient.NoKeyError as error:
    offset: int | None = error.offset
"""


def test_programs_that_use_it_check_strictly(tmp_path, cache):
    pytest.importorskip("mypy")
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "wrong.py").write_text("import ancient\nancient.open(1.5)\nancient.Store().x\n")
    run("mypy", "--strict", "--cache-dir", cache, "program.py", cwd=tmp_path)
    with pytest.raises(AssertionError, match="incompatible type"):
        run("mypy", "--strict", "--cache-dir", cache, "wrong.py", cwd=tmp_path)


def documented_in_the_stub(name):
    """Whether a string follows the declaration of a constant."""
    body = ast.parse((SOURCE / "__init__.pyi").read_text()).body
    at = [isinstance(node, ast.AnnAssign) and node.target.id == name for node in body].index(True)
    text = body[at + 1]
    return isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)


def test_everything_public_is_documented():
    for name in [*ancient.__all__, "open", "InterruptedError", "MemoryError", "SystemError"]:
        member = getattr(ancient, name)
        # A constant has the documentation of its class.
        if isinstance(member, type) or callable(member):
            assert member.__doc__, name
        else:
            assert documented_in_the_stub(name), name
    for kind in (ancient.Store, ancient.Block, ancient.FloatArray, ancient.Bigarray):
        for name, member in vars(kind).items():
            assert name.startswith("_") or member.__doc__, f"{kind.__name__}.{name}"


def test_help_shows_signatures():
    text = pydoc.plain(pydoc.render_doc(ancient))
    assert "ancient.open(" in text
    assert "What OCaml's values become" in text
    assert "get(self, key, /, default=None)" in text
    text = pydoc.plain(pydoc.render_doc(ancient.open))
    text = " ".join(text.split()).replace("( ", "(")  # Python 3.13 gives each argument a line
    assert "open(file, *, strings='str', schema=None, raw=False, generation=None, " in text


def test_the_package_is_typed_and_has_the_version_of_the_build():
    assert (PACKAGE / "py.typed").exists()
    build = (HERE.parents[1] / "meson.build").read_text()
    assert f"version : '{ancient.__version__}'" in build


NEXT = sys.version_info.minor + 1


@pytest.mark.parametrize(
    ("suffix", "said"),
    [
        (".cpython-39-x86_64-linux-gnu.so", "was built for Python 3.9, and this is Python 3."),
        (
            f".cpython-3{NEXT}t-x86_64-linux-gnu.so",
            f"was built for Python 3.{NEXT}, free-threaded, ",
        ),
    ],
)
def test_a_package_of_another_python_says_so(tmp_path, suffix, said):
    copied = tmp_path / "ancient"
    shutil.copytree(PACKAGE, copied, ignore=shutil.ignore_patterns("*.so.p", "__pycache__"))
    (native,) = copied.glob("_ancient.*.so")

    def imported():
        return subprocess.run(
            [sys.executable, "-c", "import ancient; print(ancient.__file__)"],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True,
            text=True,
        )  # fmt: skip

    assert imported().stdout.startswith(str(tmp_path))
    other = native.rename(copied / f"_ancient{suffix}")
    last = imported().stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: the package ancient in {copied} {said}")
    # An extension that is there and broken, or none at all, says so itself.
    other.rename(native)
    native.write_bytes(b"")
    assert "was built for" not in imported().stderr
    native.unlink()
    assert "was built for" not in imported().stderr
