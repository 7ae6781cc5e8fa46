"""tests/library: a release (packaging/): one version everywhere, and what is made of CHANGELOG.md.
That packages are made, the same twice, and can be installed, `./run extra release` finds out."""

import importlib.util
import pathlib
import re
import subprocess

import pytest
from commands import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("changelog", ROOT / "packaging/changelog.py")
changelog = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(changelog)
VERSION = changelog.version()

PLACES = {
    "ancient.opam": r'^version: "(.*)"$',
    "c-reader/include/ancient_reader.h": r'^#define ANCIENT_READER_VERSION "(.*)"$',
    "c-reader/tool/ancientctl.1": r"ancientctl version (\S+),",
    "python/ancient/__init__.pyi": r'^"""The version of this package, "(.*)"\."""$',
    "CHANGELOG.md": r"\A# Changelog\n\n## (\S+) ",
}


@pytest.mark.parametrize("path", PLACES)
def test_the_version_is_that_of_meson(path):
    found = re.findall(PLACES[path], (ROOT / path).read_text(), re.MULTILINE)
    assert found == [VERSION]


def test_the_numbers_of_the_header_are_its_version():
    text = (ROOT / "c-reader/include/ancient_reader.h").read_text()
    numbers = re.findall(r"ANCIENT_READER_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text)
    assert ".".join(numbers) == VERSION


def test_python_takes_its_version_from_meson():
    assert '\ndynamic = ["version"]\n' in (ROOT / "pyproject.toml").read_text()


def test_the_shared_library_of_the_package_has_the_soname():
    (soname,) = re.findall(r"soversion : '(\d+)'", (ROOT / "c-reader/meson.build").read_text())
    control = (ROOT / "packaging/debian/control").read_text()
    assert re.findall(r"^Package: (libancient-reader\d+)$", control, re.MULTILINE) == [
        f"libancient-reader{soname}"
    ]


def test_debian_knows_every_version_of_the_symbols():
    """Programs then need the release that brought what they use."""
    versions = re.findall(
        r"^(ANCIENT_READER_\w+) \{",
        (ROOT / "c-reader/ancient-reader.map").read_text(),
        re.MULTILINE,
    )
    (symbols,) = (ROOT / "packaging/debian").glob("libancient-reader*.symbols")
    assert versions and versions == re.findall(r"\(symver\)(\S+) ", symbols.read_text())


def test_notes_are_the_newest_section():
    text = (
        "# Changelog\n\n## 1.2.0 – 2026-01-31\n\nAdded\n\n* This.\n\n## 1.1.0 – 2025-01-31\n\nOld\n"
    )
    assert changelog.newest(text) == ("1.2.0", "2026-01-31", "Added\n\n* This.")


def test_a_changelog_without_a_date_is_refused():
    with pytest.raises(SystemExit, match="CHANGELOG.md: expected a section"):
        changelog.newest("# Changelog\n\n## 1.2.0\n\nAdded\n")


def test_changelog_of_debian():
    text = changelog.debian("bookworm", 86400)
    assert re.fullmatch(
        rf"ancient \({re.escape(VERSION)}-1~deb12\) (bookworm|UNRELEASED); urgency=medium\n\n"
        r"  \* [^\n]*\n\n"
        r" -- The Ancient maintainers <\S+@\S+>  Fri, 02 Jan 1970 00:00:00 \+0000\n",
        text,
    )


def test_what_no_commit_holds_is_not_released(tmp_path):
    run("git", "clone", "-q", ROOT, tmp_path / "clone")
    (tmp_path / "clone/forgotten.c").write_text("")
    done = subprocess.run(
        [tmp_path / "clone/packaging/release", tmp_path / "out", "/usr/bin/python3"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "here are 1 changed or unknown files:\n?? forgotten.c\n" in done.stderr
