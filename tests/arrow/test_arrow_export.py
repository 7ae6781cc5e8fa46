"""tests/arrow: `python -m ancient export`: each format read back, and what is left behind where it
is interrupted or there is no room."""

import csv
import json
import os
import signal
import subprocess
import sys

import polars
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest
from conftest import BIG

import ancient

FORMATS = ["parquet", "arrow", "csv", "jsonl"]


def export(*words, program=None):
    command = ["-m", "ancient"] if program is None else ["-c", program]
    words = [sys.executable, *command, "export", *map(str, words)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def schema(sample, tmp_path):
    (tmp_path / "schema").write_text(sample.schema)
    return tmp_path / "schema"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def write(sample, schema, folder):
    """write(end, *options) exports the sample, and gives the file's path."""

    def write(end, *options):
        path = folder / f"x.{end}"
        said = export(sample.path, 0, "--to", path, "--schema", schema, *options)
        assert said[0] == 0 and said[2] == "", said
        return path

    return write


def sort(rows):
    return sorted(rows, key=lambda row: row["size"])


# ---- Read back ---------------------------------------------------------------------------


def test_parquet_has_the_rows_of_the_table(sample, write):
    path = write("parquet")
    table = pa.parquet.read_table(path)
    table.validate(full=True)
    assert sort(table.to_pylist()) == sample.rows
    assert table.schema == pa.schema(ancient.table(sample.view))
    assert sort(polars.read_parquet(path, columns=["size"]).to_dicts())[0] == {"size": BIG}


def test_arrow_has_the_rows_of_the_table(sample, write):
    with pa.memory_map(str(write("arrow"))) as file:
        table = pa.ipc.open_file(file).read_all()
        table.validate(full=True)
        assert sort(table.to_pylist()) == sample.rows
        assert table.schema == pa.schema(ancient.table(sample.view))


def plain(value):
    """What to_json makes of what Arrow has, where they have other words for it."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return str(value)
    return value


PLAIN = ["key", "size", "tags", "origin.host", "colour", "b", "i32", "c2", "sometimes", "u", "lz",
         "source.tag", "source.Git._1", "res.Error", "source.Number", "arr[*]._0", "poly.tag",
         "poly.B", "value.key"]  # fmt: skip


def test_json_lines_have_the_columns_of_the_table(sample, write):
    """Those that JSON has no other words for."""
    path = write("jsonl", "--columns", ",".join(PLAIN))
    found = [json.loads(line) for line in path.read_text().splitlines()]
    wanted = pa.table(ancient.table(sample.view, PLAIN)).to_pylist()
    assert found == [{name: plain(value) for name, value in row.items()} for row in wanted]


def test_json_lines_have_all_that_to_json_says(sample, write):
    lines = write("jsonl").read_text().splitlines()
    for line, (key, value) in zip(lines, sample.view.items(), strict=True):
        row = json.loads(line)
        assert row.pop("key") == key
        record = json.loads(ancient.to_json(value))
        record["value.key"] = record.pop("key")
        if record["ch"] > "\x7f":  # a char that is no part of a view is a string
            record["ch"] = chr(ord(record["ch"]) - 0xDC00)
        assert row == record


def test_csv_has_the_columns_of_the_table(sample, write):
    names = ["key", "size", "b", "colour", "sometimes", "origin.host", "tags", "score"]
    with open(write("csv", "--columns", ",".join(names)), newline="") as file:
        found = list(csv.DictReader(file, strict=True))
    for row, wanted in zip(found, pa.table(ancient.table(sample.view, names)).to_pylist()):
        wanted["b"] = {True: "true", False: "false"}[wanted["b"]]
        wanted["tags"] = json.dumps(wanted["tags"])
        assert row == {name: "" if v is None else str(v) for name, v in wanted.items()}
    assert len(found) == len(sample.rows)


# ---- What goes wrong ---------------------------------------------------------------------


def test_what_is_wrong_with_a_value_is_one_line(make_file, tmp_path, folder):
    (tmp_path / "types").write_text("val root : string list")
    from ancientvalue import Block, Raw

    for value, said in [(Block(0, b"\xff", 0), "UTF-8"), (Block(0, Raw(8), 0), "")]:
        path = make_file({0: value})
        for end in ["parquet", "arrow"]:
            words = [path, 0, "--to", folder / f"x.{end}", "--schema", tmp_path / "types"]
            code, _, error = export(*words)
            assert code == 1 and error.count("\n") == 1 and str(path) in error and said in error
    assert list(folder.iterdir()) == []
    (tmp_path / "types").write_text("type t = { n : int; more : t list } val root : t list")
    words = [make_file({0: 0}), 0, "--to", folder / "x.parquet", "--schema", tmp_path / "types"]
    assert export(*words)[0] == 3
    assert export(*words, "--recursive-as-json")[0] == 0
    words = [make_file({0: Block(0, b"\xff", 0)}), 0, "--to", folder / "y.parquet", "--schema"]
    (tmp_path / "types").write_text("val root : string list")
    assert export(*words, tmp_path / "types", "--strings", "bytes")[0] == 0
    assert pa.parquet.read_table(folder / "y.parquet").to_pylist() == [{"value": b"\xff"}]


FULL = """
import resource, sys
from ancient.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
sys.exit(main())
"""


@pytest.mark.parametrize("end", FORMATS)
def test_a_full_disk_leaves_nothing(end, sample, schema, folder):
    words = [sample.path, 0, "--to", folder / f"x.{end}", "--schema", schema]
    code, said, error = export(*words, program=FULL)
    assert (code, said) == (4, "") and error.endswith(f"x.{end}: File too large\n"), error
    assert error.count("\n") == 1 and list(folder.iterdir()) == []


# Stops in the middle of a file, says so on descriptor 3, and waits for a signal.
STOPS = """
import os, sys
from ancient import _export
from ancient.__main__ import main

def stopping(write):
    def stop(table, file):
        for rows in write(table, file):
            yield rows
            os.write(3, b".")
            os.read(4, 1)
    return stop

found = _export.writer
_export.writer = lambda path: stopping(found(path))
sys.exit(main())
"""


@pytest.mark.parametrize(("end", "number"), [("parquet", signal.SIGINT), ("arrow", signal.SIGTERM)])
def test_an_interrupt_leaves_nothing(end, number, sample, schema, folder):
    from_child, to_parent = os.pipe()
    from_parent, to_child = os.pipe()
    words = ["export", sample.path, 0, "--to", folder / f"x.{end}", "--schema", schema]
    shell = f'exec 3>&{to_parent} 4<&{from_parent}; exec "$@"'
    child = subprocess.Popen(
        ["bash", "-c", shell, "-", sys.executable, "-c", STOPS, *map(str, words)],
        pass_fds=(to_parent, from_parent), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(to_parent)
    assert os.read(from_child, 1) == b"." and len(list(folder.iterdir())) == 1
    child.send_signal(number)
    assert child.communicate()[1] == "" and child.returncode == -number
    for each in (from_child, from_parent, to_child):
        os.close(each)
    assert list(folder.iterdir()) == []
