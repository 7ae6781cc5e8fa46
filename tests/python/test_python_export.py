"""python: `python -m ancient export` without pyarrow: CSV and JSON lines, what goes wrong, what is
left behind.  tests/arrow has the rest."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys

import pytest
from ancientfile import Block, Raw, ocaml_list, pair, poly_tag, string_hashtbl

SCHEMA = """
type origin = { host : string; port : int }
type source = Local | Git of string * int | Url of { u : string } | Number of int
type t = { name : string; size : int; score : float option; tags : string list;
           origin : origin option; source : source; place : int * bool; res : (int, string) result }
"""
RECORDS = [
    pair("a,b", 2**60 + 1, 0, ocaml_list(["x", 'y"z']), 0, 0, pair(1, 1), Block(0, 5)),
    pair("", -1, pair(1.5), 0, pair(pair("höst", 80)), Block(0, "url", 3), pair(2, 0),
         Block(1, "bad")),
    pair('say "hi"', 0, pair(1e300), 0, 0, Block(1, "u\n"), pair(3, 0), Block(0, 0)),
    pair(b"\xff", 7, 0, 0, 0, Block(2, 9), pair(4, 1), Block(0, 1)),
]  # fmt: skip
ROWS = [
    {"name": "a,b", "size": "1152921504606846977", "score": None, "tags": ["x", 'y"z'],
     "origin": None, "source": "Local", "place": [1, True], "res": {"Ok": 5}},
    {"name": "", "size": -1, "score": 1.5, "tags": [], "origin": {"host": "höst", "port": 80},
     "source": {"Git": ["url", 3]}, "place": [2, False], "res": {"Error": "bad"}},
    {"name": 'say "hi"', "size": 0, "score": 1e300, "tags": [], "origin": None,
     "source": {"Url": {"u": "u\n"}}, "place": [3, False], "res": {"Ok": 0}},
    {"name": {"bytes": "ff"}, "size": 7, "score": None, "tags": [], "origin": None,
     "source": {"Number": [9]}, "place": [4, True], "res": {"Ok": 1}},
]  # fmt: skip
NAMES = list(ROWS[0])


def export(*words, program=None, **options):
    """(exit status, stdout, stderr)"""
    command = ["-m", "ancient"] if program is None else ["-c", program]
    words = [sys.executable, *command, "export", *map(str, words)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "schema"
    path.write_text(SCHEMA + "val root : t array")
    return path


@pytest.fixture
def records(make_file):
    return make_file({0: pair(*RECORDS), 5: pair(*RECORDS)}, names={5: "records"})


@pytest.fixture
def folder(tmp_path):
    """Where files are written, and nothing else is."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


# ---- Formats -----------------------------------------------------------------------------


def test_json_lines_have_what_to_json_says(records, schema, folder):
    out = folder / "x.jsonl"
    said = export(records, "records", "--to", out, "--schema", schema)
    assert said == (0, f"{out}: 4 rows\n", "")
    assert lines(out) == ROWS
    assert list(folder.iterdir()) == [out]


def test_csv_quotes_as_rfc_4180_and_has_json_in_it(records, schema, folder):
    out = folder / "x.csv"
    assert export(records, 5, "--to", out, "--schema", schema)[0] == 0
    with open(out, newline="", encoding="utf-8") as file:
        names, *rows = csv.reader(file, strict=True)
    assert names == NAMES
    assert rows == [
        ["a,b", "1152921504606846977", "", '["x", "y\\"z"]', "", "Local", "[1, true]", '{"Ok": 5}'],
        ["", "-1", "1.5", "[]", '{"host": "höst", "port": 80}', '{"Git": ["url", 3]}',
         "[2, false]", '{"Error": "bad"}'],
        ['say "hi"', "0", "1e+300", "[]", "", '{"Url": {"u": "u\\n"}}', "[3, false]", '{"Ok": 0}'],
        ['{"bytes": "ff"}', "7", "", "[]", "", '{"Number": [9]}', "[4, true]", '{"Ok": 1}'],
    ]  # fmt: skip
    text = out.read_bytes()
    assert text.count(b"\r\n") == 5 and b'\r\n"",-1,1.5,' in text  # None is nothing, "" quoted
    assert text.startswith(b'name,size,score,tags,origin,source,place,res\r\n"a,b",11529')


def test_columns_are_the_paths_of_tables(records, schema, folder):
    out = folder / "x.jsonl"
    columns = {
        "size": [row["size"] for row in ROWS],
        "origin.host": [None, "höst", None, None],
        "place._1": [True, False, False, True],
        "source.tag": ["Local", "Git", "Url", "Number"],
        "source.Git": [None, {"_0": "url", "_1": 3}, None, None],
        "source.Git._1": [None, 3, None, None],
        "source.Url.u": [None, None, "u\n", None],
        "source.Number": [None, None, None, 9],
        "res.Error": [None, "bad", None, None],
        "res.tag": ["Ok", "Error", "Ok", "Ok"],
        "tags[*]": [["x", 'y"z'], [], [], []],
    }
    names = ",".join(columns)
    said = export(records, 0, "--to", out, "--schema", schema, "--columns", names)
    assert said[0] == 0, said
    found = lines(out)
    assert {name: [row[name] for row in found] for name in found[0]} == columns


def test_a_constructor_called_tag_is_no_tag(make_file, tmp_path, folder):
    (tmp_path / "types").write_text("val root : [ `tag of int | `b of int | `_tag ] list")
    tag, b, _tag = (poly_tag(name) for name in ("tag", "b", "_tag"))
    path = make_file({0: ocaml_list([pair(tag, 3), pair(b, 4), _tag])})
    options = ["--schema", tmp_path / "types", "--to", folder / "x.csv"]
    said = export(path, 0, *options, "--columns", "value.__tag,value.tag,value.b")
    assert said[0] == 0, said
    text = (folder / "x.csv").read_text().splitlines()
    assert text == ["value.__tag,value.tag,value.b", "tag,3,", "b,,4", "_tag,,"]


@pytest.mark.parametrize(
    ("types", "value", "rows"),
    [
        ("(string, int) Hashtbl.t", string_hashtbl([("vim", 1)], 4), [{"key": "vim", "value": 1}]),
        ("type r = { key : int; b : unit } val root : (string, r) Hashtbl.t",
         string_hashtbl([("vim", pair(3, 0))], 4), [{"key": "vim", "value.key": 3, "b": None}]),
        ("(string, int * int) Hashtbl.t", string_hashtbl([("vim", pair(3, 4))], 4),
         [{"key": "vim", "value": [3, 4]}]),
        ("(int * char) array", pair(pair(1, 233)), [{"_0": 1, "_1": "é"}]),
        ("unit array", pair(0, 0), [{"value": None}] * 2),
        ("float list", ocaml_list([0.5, float("nan")]),
         [{"value": 0.5}, {"value": {"float": "nan"}}]),
        ("int option list", ocaml_list([0, pair(3)]), [{"value": None}, {"value": 3}]),
        ("type r = { value : int } val root : r array", pair(pair(3)), [{"value": 3}]),
        ("type r = { x : int; more : r list } val root : r ref array",
         pair(pair(pair(1, ocaml_list([pair(2, 0)])))), [{"x": 1, "more": [{"x": 2, "more": []}]}]),
        ("int list", 0, []),
    ],
)  # fmt: skip
def test_rows_of_every_container(types, value, rows, make_file, tmp_path, folder):
    (tmp_path / "types").write_text(types if "val root" in types else f"val root : {types}")
    options = ["--schema", tmp_path / "types", "--to", folder / "x.jsonl"]
    assert export(make_file({0: value}), 0, *options)[2] == ""
    assert lines(folder / "x.jsonl") == rows


def test_a_line_of_csv_is_never_empty(make_file, tmp_path, folder):
    (tmp_path / "types").write_text("val root : int option list")
    path = make_file({0: ocaml_list([0, pair(3)])})
    export(path, 0, "--schema", tmp_path / "types", "--to", folder / "x.csv")
    assert (folder / "x.csv").read_bytes() == b'value\r\n""\r\n3\r\n'


def test_a_path_leads_to_the_table(make_file, tmp_path, folder):
    (tmp_path / "types").write_text("type t = { xs : int array } val root : t array")
    path = make_file({3: pair(pair(pair(1, 2)))}, names={3: "all"})
    for key in ["all[0].xs", "3[0].xs"]:
        words = ["--schema", tmp_path / "types", "--to", folder / "x.csv", "--force"]
        assert export(path, key, *words)[2] == ""
        assert (folder / "x.csv").read_bytes() == b"value\r\n1\r\n2\r\n"


# ---- What goes wrong ---------------------------------------------------------------------


def one_line(said, status, *parts):
    assert said[0] == status and said[1] == "", said
    assert said[2].startswith("python -m ancient") and said[2].count("\n") == 1
    assert all(str(part) in said[2] for part in parts), said[2]


def test_refusals_are_one_line_and_leave_nothing(records, schema, folder, tmp_path):
    out = folder / "x.csv"
    options = ["--to", out, "--schema", schema]
    one_line(export(records, "recods", *options), 3, records, "records")
    one_line(export(records, 9, *options), 3, records)
    one_line(export(records, "records[9]", *options), 3, records)
    one_line(export(records, "records[", *options), 2)
    one_line(export(records, "records[0].size", *options), 3, records, "no table")
    one_line(export(records, 0, "--columns", "siez", *options), 3, records, "siez, only name, size")
    one_line(export(records, 0, "--columns", "", *options), 2, records)
    one_line(export(records, 0, "--to", out), 3, records, "--schema")
    one_line(export(records, 0, "--generation", "9", *options), 3, records)
    one_line(export(tmp_path / "none", 0, *options), 4, "none")
    one_line(export(tmp_path, 0, *options), 4, tmp_path)
    one_line(export(schema, 0, *options), 1, schema)
    one_line(export(records, 0, "--to", out, "--schema", records), 2, records)
    one_line(export(records, 0, "--to", folder / "x.txt"), 2, ".parquet, .arrow, .csv, .jsonl")
    missing = folder / "none"
    said = export(records, 0, "--to", missing / "x.csv", "--schema", schema)
    one_line(said, 4, f" {missing}: no such folder")
    one_line(export(records, 0, "--to"), 2, "--to", "--help")
    one_line(export(records, 0), 2, "--to")
    assert list(folder.iterdir()) == []


def test_a_damaged_value_is_named_and_leaves_nothing(make_file, schema, folder):
    path = make_file({0: pair(*RECORDS, Raw(8))})
    for name in ["x.csv", "x.jsonl"]:
        said = export(path, 0, "--to", folder / name, "--schema", schema)
        one_line(said, 1, path)
    assert list(folder.iterdir()) == []


def test_what_is_there_stays_without_force(records, schema, folder):
    out, link = folder / "x.csv", folder / "link.csv"
    out.write_text("mine")
    out.chmod(0o640)
    link.symlink_to("x.csv")
    options = ["--schema", schema]
    for path in [out, link]:
        one_line(export(records, 0, "--to", path, *options), 4, path, "--force")
    assert out.read_text() == "mine"
    assert export(records, 0, "--to", link, "--force", *options)[0] == 0
    assert link.is_symlink() and out.read_text().startswith("name,")
    assert out.stat().st_mode & 0o777 == 0o640
    os.mkfifo(folder / "pipe.csv")
    one_line(export(records, 0, "--to", folder / "pipe.csv", "--force", *options), 4, "pipe.csv")
    assert sorted(path.name for path in folder.iterdir()) == ["link.csv", "pipe.csv", "x.csv"]


def test_parquet_without_pyarrow_says_what_to_install(records, schema, folder):
    program = "import sys; sys.modules['pyarrow'] = None\nfrom ancient.__main__ import main\n"
    program += "sys.exit(main())"
    for name in ["x.parquet", "x.arrow"]:
        said = export(records, 0, "--to", folder / name, "--schema", schema, program=program)
        one_line(said, 4, "pip install 'ancient-store[arrow]'")
    assert list(folder.iterdir()) == []


FULL = """
import resource, sys
from ancient.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
sys.exit(main())
"""


def test_a_full_disk_leaves_nothing(records, schema, folder):
    for name in ["x.csv", "x.jsonl"]:
        options = ["--to", folder / name, "--schema", schema]
        one_line(export(records, 0, *options, program=FULL), 4, name, "too large")
    assert list(folder.iterdir()) == []


# Stops in the middle of a file, says so on descriptor 3, and waits there for a byte or a signal.
STOPS = """
import os, sys
from ancient import _export
from ancient.__main__ import main

def stopping(write):
    def stop(table, file):
        for rows in write(table, file):
            file.flush()
            yield rows
            os.write(3, b".")
            os.read(4, 1)
    return stop

for end, write in _export.FORMATS.items():
    _export.FORMATS[end] = stopping(write)
_export.writer = lambda path: _export.FORMATS[os.path.splitext(path)[1]]
sys.exit(main())
"""


def stopped(*words):
    """The program where it has written some, and what lets it go on."""
    from_child, to_parent = os.pipe()
    from_parent, to_child = os.pipe()
    # Descriptors 3 and 4 of the child, whatever numbers they have here.
    shell = f'exec 3>&{to_parent} 4<&{from_parent}; exec "$@"'
    child = subprocess.Popen(
        ["bash", "-c", shell, "-", sys.executable, "-c", STOPS, "export", *map(str, words)],
        pass_fds=(to_parent, from_parent), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(to_parent)
    os.close(from_parent)
    assert os.read(from_child, 1) == b"."
    os.close(from_child)
    return child, to_child


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_nothing(number, records, schema, folder):
    out = folder / "x.csv"
    child, go_on = stopped(records, 0, "--to", out, "--schema", schema)
    (temporary,) = folder.iterdir()
    assert temporary.name != out.name and temporary.stat().st_size > 0
    child.send_signal(number)
    assert child.communicate()[1] == "" and child.returncode == -number
    os.close(go_on)
    assert list(folder.iterdir()) == []


def test_a_file_that_comes_meanwhile_stays(records, schema, folder):
    out = folder / "x.csv"
    child, go_on = stopped(records, 0, "--to", out, "--schema", schema)
    out.write_text("mine")
    os.close(go_on)
    assert "--force" in child.communicate()[1] and child.returncode == 4
    assert out.read_text() == "mine" and list(folder.iterdir()) == [out]


# ---- The terminal ------------------------------------------------------------------------

EAGER = """
import sys
from ancient import _export, _progress
from ancient.__main__ import main
_progress._DELAY = _progress._INTERVAL = 0
_export._ROWS = 1
sys.exit(main())
"""


@pytest.mark.parametrize("wanted", [True, False])
def test_a_bar_is_drawn_on_a_terminal_alone(wanted, records, schema, folder):
    ours, theirs = pty.openpty()
    words = ["export", records, 0, "--to", folder / "x.csv", "--schema", schema]
    words += [] if wanted else ["--no-progress"]
    subprocess.run(
        [sys.executable, "-c", EAGER, *map(str, words)], stderr=theirs, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    os.write(theirs, b"$")
    said = b""
    while not said.endswith(b"$"):
        said += os.read(ours, 4096)
    os.close(ours)
    os.close(theirs)
    assert (b"50 %  2 of 4 rows" in said) == wanted
    assert said.count(b"\r") == (6 if wanted else 0)  # four times drawn, and wiped


def test_help_says_what_there_is():
    code, text, _ = export("--help")
    assert code == 0 and all(
        end in text for end in [".parquet", ".arrow", ".csv", ".jsonl", "--force", "exit status"]
    )
    assert max(map(len, text.splitlines())) <= 100
