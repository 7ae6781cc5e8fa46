"""tests: fixtures and the import path of all pytest tests.

The build under test is Meson's directory named by ANCIENT_BUILD; its `python` folder holds
the package `ancient`, complete, and goes to the front of the path.  Without ANCIENT_BUILD an
`ancient` that is installed is tested, and what needs the build is skipped.
"""

import gc
import itertools
import os
import pathlib
import signal
import sys
import tempfile

import pytest

# A background job of a shell script ignores SIGINT, what nohup runs SIGHUP, and the programs that
# tests start and interrupt would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = (
    pathlib.Path(os.environ["ANCIENT_BUILD"]).resolve() if "ANCIENT_BUILD" in os.environ else None
)

sys.path.insert(0, str(ROOT / "tests" / "support"))
if BUILD is not None and (BUILD / "python" / "ancient" / "__init__.py").exists():
    sys.path.insert(0, str(BUILD / "python"))
    # Programs that tests start find it the same way.
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(BUILD / "python"), *filter(None, [os.environ.get("PYTHONPATH")])]
    )


def pytest_collection_finish():
    """Tests call gc.collect() thousands of times, which need not go through all that pytest and
    what tests compare with have made."""
    gc.freeze()


@pytest.fixture(scope="session")
def build_dir():
    """Meson's build directory."""
    if BUILD is None:
        pytest.skip("ANCIENT_BUILD is not set")
    return BUILD


@pytest.fixture(scope="session")
def ancientctl(build_dir):
    """The path of the tool."""
    tool = build_dir / "c-reader" / "tool" / "ancientctl"
    assert tool.exists(), f"{tool} is missing: was the build configured with -Dtool=false?"
    return tool


@pytest.fixture(scope="session")
def ocaml_programs(build_dir, tmp_path_factory):
    """What compiles OCaml programs with the packages of the build: an OcamlPrograms."""
    from ocamlprograms import OcamlPrograms

    return OcamlPrograms.of_build(build_dir, tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """What `./run install` installs: an Installed, with `prefix` and `environment`."""
    from installed import install

    base = tmp_path_factory.getbasetemp()
    return install(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture
def public_folder():
    """A folder that everybody may look into."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


@pytest.fixture
def make_file(tmp_path):
    """make_file({0: value, ...}, names={...}) writes a file by tests/support/ancientfile and
    gives its path; make_file(bytes) writes those bytes."""
    from ancientfile import AncientFile

    numbers = itertools.count()

    def make(content, names=None, **options):
        path = tmp_path / f"file{next(numbers)}.ancient"
        if not isinstance(content, (bytes, bytearray)):
            file = AncientFile(**options)
            if content:
                file.commit(content, names)
            content = file.image
        path.write_bytes(content)
        return path

    return make
