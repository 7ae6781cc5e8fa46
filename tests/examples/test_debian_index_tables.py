"""tests/examples: the OCaml publisher of examples/debian-index reads an index as Debian policy
defines it, and the Python report prints what was published.  The index here is small and has
every oddity of the real one."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from readers import BUILD, needs_build

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPORT = ROOT / "examples" / "debian-index" / "report" / "report.py"

pytestmark = needs_build

INDEX = """\
Package: editor
Version: 1.0
Section: editors
Installed-Size: 10
Description: old Wording

Package: editor
Pre-Depends: dpkg (>= 1.15)
VERSION: 2.0-1
Section: editors
Installed-Size: 2048
Depends: libone (>= 1) | libtwo, libthree:any [amd64 i386] <!nocheck>,
 libfour(<< 3),libone (<< 9), mail-agent |
 exim
Description: Text EDITOR — fast, c++ text
 Long part
 .
  * indented
Description-md5: 0123456789abcdef
Homepage: http://example.org/

   \t
Package: bare

Package: libone
Section: libs
Installed-Size: many
Depends:
Description: caf\u00e9 library
a line that is no field
 and its continuation

Package: gone
Status: deinstall ok config-files
Version: 1
Description: removed

Package: here
Status: install ok installed
Version: 3
Section: libs
Depends: libone, editor
Description: fast text

Version: 1
Description: without a name
"""

DUMP = """
import json, sys
import ancient
with ancient.open({path!r}) as db:
    fields = lambda record: list(ancient.to_python(record).values())
    print(json.dumps({{
        "packages": {{name: fields(package) for name, package in db['packages'].items()}},
        "words": {{word: list(names) for word, names in db['words'].items()}},
        "rdepends": {{name: list(names) for name, names in db['rdepends'].items()}},
        "meta": fields(db['meta']),
    }}))
"""


def python(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(pathlib.Path(BUILD, "python"))}
    return subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, env=environment
    )


def publish(*arguments):
    command = [
        pathlib.Path(BUILD, "examples/debian-index/publish/ancient-demo-publish"),
        *arguments,
    ]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    index, path = folder / "index", folder / "packages.ancient"
    index.write_text(INDEX, encoding="utf-8")
    done = publish("--from", index, path)
    assert done.returncode == 0, done.stderr
    return path, index, done


@pytest.fixture(scope="module")
def tables(published):
    path, _index, _done = published
    done = python("-c", DUMP.format(path=str(path)))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_packages_have_their_fields_and_the_last_version_wins(tables):
    assert tables["packages"]["editor"] == [
        "editor",
        "2.0-1",
        "editors",
        2048,
        "Text EDITOR — fast, c++ text",
        ["libone", "libthree", "libfour", "mail-agent"],
    ]


def test_missing_and_senseless_fields_are_empty(tables):
    assert tables["packages"]["bare"] == ["bare", "", "", 0, "", []]
    assert tables["packages"]["libone"] == ["libone", "", "libs", 0, "café library", []]


def test_packages_that_are_not_installed_or_have_no_name_are_passed_over(tables):
    assert sorted(tables["packages"]) == ["bare", "editor", "here", "libone"]


def test_words_lead_to_sorted_names_of_the_versions_that_were_kept(tables):
    assert tables["words"] == {
        "text": ["editor", "here"],
        "editor": ["editor"],
        "fast": ["editor", "here"],
        "c++": ["editor"],
        "long": ["editor"],
        "part": ["editor"],
        "indented": ["editor"],
        "café": ["libone"],
        "library": ["libone"],
    }


def test_reverse_dependencies_are_sorted_and_hold_virtual_packages(tables):
    assert tables["rdepends"] == {
        "libone": ["editor", "here"],
        "libthree": ["editor"],
        "libfour": ["editor"],
        "mail-agent": ["editor"],
        "editor": ["here"],
    }


def test_the_file_says_where_it_comes_from(tables, published):
    _path, index, _done = published
    assert tables["meta"] == [str(index), 4, 9]


def test_a_name_that_many_tables_hold_is_stored_once(published):
    path, _index, _done = published
    assert path.read_bytes().count(b"libthree\0") == 1


def test_progress_is_plain_lines_where_there_is_no_terminal(published):
    _path, index, done = published
    lines = done.stderr.splitlines()
    assert lines[0].startswith(f"reading {index}: 4 packages (")
    assert lines[-1].startswith("publishing ")
    assert "\r" not in done.stderr and "\x1b" not in done.stderr


def test_the_summary_tells_keys_and_counts(published):
    path, _index, done = published
    assert done.stdout.startswith(f"published {path}: ")
    assert [line.split()[:4] for line in done.stdout.splitlines()[1:]] == [
        ["key", "0", "packages", "4"],
        ["key", "1", "words", "9"],
        ["key", "2", "rdepends", "5"],
        ["key", "3", "meta", "1"],
    ]


def test_publishing_again_replaces_the_file_and_leaves_nothing_beside(published, tmp_path):
    _path, index, _done = published
    target = tmp_path / "packages.ancient"
    assert publish("--from", index, target).returncode == 0
    with target.open("rb") as old:
        assert publish("--from", index, target).returncode == 0
        assert os.fstat(old.fileno()).st_ino != target.stat().st_ino
    assert [path.name for path in tmp_path.iterdir()] == ["packages.ancient"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "which FILE?"),
        (["--from"], 2, "--from needs a path"),
        (["--fast", "x"], 2, "unknown option --fast"),
        (["x", "y"], 2, "one FILE too many: y"),
        (["--from", "no-such-index", "x"], 1, "no-such-index: No such file or directory"),
        (["--from", "empty", "x"], 1, "no package in empty"),
        (["--from", ".", "x"], 1, ".: is a directory, expected a package index"),
        (["--from", "index", "no-such-folder/x"], 1, "No such file or directory"),
    ],
)
def test_what_cannot_be_published_is_an_error_of_one_line(
    arguments, status, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").touch()
    (tmp_path / "index").write_text("Package: a\n")
    done = publish(*arguments)
    assert done.returncode == status
    errors = [line for line in done.stderr.splitlines() if line.startswith("ancient-demo-publish:")]
    assert len(errors) == 1
    assert message in errors[0]
    assert not (tmp_path / "x").exists()


def test_the_report_shows_sections_dependents_and_the_search(published):
    path, _index, _done = published
    done = python(REPORT, path, "--search", "TEXT")
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[0].startswith(f"{path}: 4 packages, 9 words, from ")
    assert "1 2.0 MiB editors" in lines
    assert "2 0 KiB libs" in lines
    assert "2 libone café library" in lines
    assert "1 mail-agent (virtual, or not in this index)" in lines
    assert "Search for 'TEXT': 2 packages" in lines
    assert "editor 2.0-1 Text EDITOR — fast, c++ text" in lines


def test_the_report_says_when_a_word_has_no_package(published):
    path, _index, _done = published
    assert "Search for 'nothing': no package" in python(REPORT, path, "--search", "nothing").stdout


def test_the_report_on_a_missing_file_is_an_error_of_one_line(tmp_path):
    done = python(REPORT, tmp_path / "none")
    assert done.returncode == 1
    assert done.stderr.startswith("report.py: ")
    assert done.stderr.count("\n") == 1
