"""tests/library: the Python package as pip installs it: from the source archive and as a wheel that
runs wherever glibc is 2.34 or later, needs nothing else and carries its licence."""

import os
import pathlib
import re
import subprocess
import sys
import zipfile

import pytest
from commands import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python"
GLIBC = (2, 34)
LARGEST = 400 * 1024


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """The source archive, unpacked."""
    folder = tmp_path_factory.mktemp("sources")
    run("git", "clone", "-q", ROOT, folder / "clone")
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", folder,
        folder / "clone")  # fmt: skip
    (path,) = folder.glob("ancient_store-*.tar.gz")
    run("tar", "-xf", path, "-C", folder)
    return path.with_name(path.name.removesuffix(".tar.gz"))


@pytest.fixture(scope="session")
def wheel(sources, tmp_path_factory):
    """Made of the source archive, without pkg-config and OCaml."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ["pkg-config", "ocamlfind"]:
        (folder / name).write_text("#!/bin/sh\nexit 127\n")
        (folder / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    run(sys.executable, "-m", "pip", "wheel", "-q", sources, "--no-deps", "--no-build-isolation",
        "--wheel-dir", folder, env=environment)  # fmt: skip
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def extension(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    (path,) = folder.glob("ancient/_ancient*.so")
    return path


def test_what_is_inside(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        text = archive.read(metadata).decode()
    licences = {pathlib.PurePath(name).name for name in names if "/licenses/" in name}
    assert licences == {"LICENSE", "LICENSE-xxhash"}
    modules = {str(path.relative_to(PACKAGE)) for path in PACKAGE.glob("ancient/*.py*")}
    assert modules | {"ancient/py.typed"} <= set(names)
    assert "License-Expression: MIT AND BSD-2-Clause\n" in text
    needed = re.findall("^Requires-Dist: (.*)$", text.split("\n\n")[0], re.MULTILINE)
    assert needed and all("; extra == " in one for one in needed)
    assert wheel.stat().st_size < LARGEST


def test_it_runs_on_older_systems(extension):
    versions = re.findall(r"GLIBC_(\d+)\.(\d+)", run("objdump", "-T", extension))
    assert max((int(major), int(minor)) for major, minor in versions) <= GLIBC


def test_auditwheel_finds_nothing_to_add(wheel):
    said = run(sys.executable, "-m", "auditwheel", "show", wheel)
    assert '"manylinux_2_34_x86_64"' in said, said


CHECK = "import ancient; print(ancient.__version__, len(ancient.open({!r})))"


def test_it_is_installed_by_itself(wheel, tmp_path):
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "install", "-q", "--no-index", wheel)
    said = run(python, "-I", "-c", CHECK.format(str(ROOT / "tests/golden/example.ancient")))
    assert re.fullmatch(r"\d+\.\d+\.\d+ [1-9]\d*\n", said)


def test_a_missing_header_is_one_sentence(sources, tmp_path):
    """xxhash.h is not installed, for which a header that declares nothing stands here."""
    (tmp_path / "xxhash.h").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", sources, "--no-deps", "--no-build-isolation",
         "--wheel-dir", tmp_path],
        env={**os.environ, "CFLAGS": f"-I{tmp_path}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    wanted = "xxhash.h 0.8 or later is missing (Debian: apt-get install libxxhash-dev)"
    assert wanted in done.stdout + done.stderr
