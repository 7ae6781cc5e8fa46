"""ancientctl info, keys, get, dump: what they show."""

import json
import math
import re
import sys

import pytest
from ancientfile import AncientFile, Block, FloatArray, Raw, pair
from tool_sample import sample

# ---- info ----


def test_info_describes_the_file(tool, idx):
    run = tool("info", idx)
    assert (run.status, run.err) == (0, "")
    head, *rows = run.out.splitlines()
    assert head == f"{idx}: ancient file, format 1.1"
    rows = dict(re.fullmatch(r"  (.{12}) (.*)", row).groups() for row in rows)
    rows = {label.strip(): value for label, value in rows.items()}
    used = len(sample().image)
    assert rows["uuid"] == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert rows["state"] == "current"
    assert rows["generation"] == "3"
    assert rows["written by"] == "OCaml 4.13.1"
    assert rows["keys"] == "5, 3 named"
    assert rows["used"] == f"{used / 1000:.1f} kB ({used:,} bytes)"
    assert rows["may grow to"] == "1.1 GB (1,073,741,824 bytes)"
    assert rows["base"] == "0x200000000000"


def test_info_as_json(tool, idx):
    file = sample()
    assert tool("info", "--json", idx).json() == {
        "file": str(idx),
        "format": "1.1",
        "uuid": "00010203-0405-0607-0809-0a0b0c0d0e0f",
        "state": "current",
        "generation": 3,
        "newest_generation": 3,
        **dict.fromkeys(["time", "age_seconds", "history", "durable_bytes"]),
        **dict.fromkeys(["damaged_superblock", "hidden_generation"]),
        "ocaml_version": "4.13.1",
        "keys": 5,
        "names": 3,
        "blocks": file.block_count,
        "value_bytes": file.value_bytes,
        "used_bytes": len(file.image),
        "file_bytes": len(file.image),
        "reserve_bytes": 1 << 30,
        "base": 0x200000000000,
        "custom_slots": 5,
    }


def test_info_of_an_unknown_ocaml_and_a_superseded_file(tool, tmp_path):
    path = tmp_path / "old"
    path.write_bytes(AncientFile(ocaml_version=0).commit({0: 1}).supersede().image)
    assert "superseded" in tool("info", path).out
    assert "OCaml unknown" in tool("info", path).out
    shown = tool("info", "--json", path).json()
    assert (shown["state"], shown["ocaml_version"]) == ("superseded", None)


# ---- keys ----


def test_keys_is_a_table_with_aligned_columns(tool, idx):
    run = tool("keys", idx)
    assert (run.status, run.err) == (0, "")
    title, *rows = run.out.splitlines()
    assert title.split() == [
        "KEY",
        "NAME",
        "BYTES",
        "SIZE",
        "BLOCKS",
        "GENERATION",
        "SCHEMA",
        "VALUE",
    ]
    assert [row.split()[0] for row in rows] == ["0", "1", "7", "100", str(2**62 - 1)]
    value = title.index("VALUE")
    assert [row[value:] for row in rows] == [
        "block, tag 0, 3 fields",
        "int 42",
        "block, tag 0, 2 fields",
        "string",
        "block, tag 0, 9,000 fields",
    ]
    name = title.index("NAME")
    assert [row[name:].split()[0] for row in rows] == ["packages", "answer", "-", "123", "-"]
    end = title.index("BYTES") + len("BYTES")
    assert [row[:end].split()[-1] for row in rows] == ["152", "0", "64", "16", "72,008"]
    assert "72.0 kB" in rows[-1]


def test_keys_as_json_is_an_object_a_line(tool, idx):
    lines = tool("keys", "--json", idx).lines()
    assert lines[1] == {
        "key": 1,
        "name": "answer",
        "bytes": 0,
        "blocks": 0,
        "generation": 2,
        "fingerprint": None,
        "kind": "int",
    }
    assert lines[4] == {
        "key": str(2**62 - 1),
        "name": None,
        "bytes": 72008,
        "blocks": 1,
        "generation": 3,
        "fingerprint": None,
        "kind": "block",
        "tag": 0,
        "fields": 9000,
    }


def test_keys_of_a_file_without_any_prints_nothing(tool, tmp_path):
    path = tmp_path / "none"
    path.write_bytes(AncientFile().image)
    for option in ([], ["--json"]):
        run = tool("keys", *option, path)
        assert (run.status, run.out, run.err) == (0, "", "")


def test_keys_shows_the_others_beside_a_damaged_root(tool, tmp_path):
    path = tmp_path / "damaged"
    path.write_bytes(AncientFile().commit({0: 1, 1: Raw(6), 2: 3}).image)
    run = tool("keys", path)
    assert run.status == 1
    assert [row.split("  ")[-1] for row in run.out.splitlines()[1:]] == [
        "int 1",
        "damaged (BAD_POINTER)",
        "int 3",
    ]
    assert run.err.startswith("ancientctl: ") and "pointer" in run.err
    *lines, failure = tool("keys", "--json", path).lines()
    assert (failure["ok"], failure["code"]) == (False, "BAD_POINTER")
    assert [line.get("damaged") for line in lines] == [None, "BAD_POINTER", None]


# ---- get ----


def test_get_by_number_and_by_name(tool, idx):
    expected = sample().dumps()
    assert tool("get", idx, "0").json() == tool("get", idx, "packages").json() == expected[0]
    assert tool("get", idx, str(2**62 - 1)).json() == expected[2**62 - 1]


def test_get_takes_digits_for_a_number_unless_told(tool, idx):
    assert tool("get", idx, "123").status == 3
    assert tool("get", "--name", idx, "123").json() == "text"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", None),
        ("[0]", {"tag": 0, "fields": ["vim", 9]}),
        ("[0][0]", "vim"),
        ("[0][1]", 9),
        ("[1]", {"floats": [1.5, 0.1, "inf"]}),
        ("[1][0]", {"float": 1.5}),
        ("[1][1]", {"float": 0.1}),
        ("[1][2]", {"float": "inf"}),
        ("[2][0]", 7),
    ],
)
def test_get_follows_a_path(tool, idx, path, value):
    run = tool("get", idx, "packages", path)
    assert run.status == 0
    assert run.json() == (sample().dumps()[0] if path == "" else value)


@pytest.mark.parametrize(
    ("key", "path", "message"),
    [
        ("5", "", "no such key"),
        ("nobody", "", "no such key"),
        ("0", "[3]", "no index 3 at the root: expected less than 3, the number of fields"),
        ("0", "[0][2]", "no index 2 at [0]: expected less than 2"),
        ("0", "[1][3]", "no index 3 at [1]: expected less than 3, the number of elements"),
        ("0", f"[{2**64}]", "no index 18446744073709551615 at the root"),
        (
            "0",
            "[0][0][0]",
            "no fields at [0][0]: expected a block or a float array, found a string",
        ),
        ("0", "[0][1][0]", "found an int"),
        ("0", "[1][0][0]", "no fields at [1][0]"),
    ],
)
def test_no_such_key_or_path_is_3(tool, idx, key, path, message):
    run = tool("get", idx, key, path)
    assert (run.status, run.out) == (3, "")
    assert message in run.err and str(idx) in run.err


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (10.0, "10.0"),
        (1e16, "1e+16"),
        (1e22, "1e+22"),
        (-0.0, "-0.0"),
        (1e-7, "1e-07"),
        (0.1, "0.1"),
        (sys.float_info.max, "1.7976931348623157e+308"),
        (math.nan, '"nan"'),
        (-math.inf, '"-inf"'),
    ],
)
@pytest.mark.parametrize("indent", ["--no-indent", "--indent"])
def test_get_and_dump_print_a_number_the_same_way(tool, tmp_path, number, text, indent):
    path = tmp_path / "floats"
    floats = FloatArray([number])
    path.write_bytes(AncientFile().commit({0: Block(0, floats), 1: number}).image)
    element = tool("get", "--raw", indent, path, "0", "[0][0]")
    value = tool("get", "--raw", indent, path, "1")
    array = tool("dump", "--raw", indent, path, "0")
    assert element.out == value.out
    assert f'"float": {text}' in element.out
    assert re.search(rf'"floats": \[\s*{re.escape(text)}\s*\]', array.out)


def test_get_is_one_line_in_a_pipe_and_indented_on_request(tool, idx):
    plain, indented = tool("get", idx, "0"), tool("get", "--indent", idx, "0")
    assert len(plain.out.splitlines()) == 1
    assert len(indented.out.splitlines()) > 5
    assert plain.json() == indented.json()


@pytest.mark.parametrize(("limit", "size"), [("1000", 1000), ("2k", 2000)])
def test_get_cuts_at_the_limit_and_says_so(tool, idx, limit, size):
    whole = tool("get", "--all", idx, str(2**62 - 1))
    run = tool("get", "--limit", limit, idx, str(2**62 - 1))
    assert run.status == 0
    assert run.out == whole.out[:size] + "\n"
    assert f"cut after {size} bytes" in run.err and "--all" in run.err
    assert whole.err == ""


def test_get_does_not_cut_a_character_in_two(tool, tmp_path):
    path = tmp_path / "idx"
    path.write_bytes(AncientFile().commit({0: "éé€😀"}).image)
    for limit in range(1, 14):
        run = tool("get", "--limit", limit, path, "0")
        assert run.out.encode("utf-8", "surrogateescape").decode("utf-8")
        assert '"éé€😀"'.startswith(run.out[:-1])
        assert len(run.out[:-1].encode()) > min(limit, 13) - 4


def test_get_of_a_damaged_value_is_1_and_names_the_rule(tool, tmp_path):
    path = tmp_path / "damaged"
    path.write_bytes(AncientFile().commit({0: pair(1, Raw(6))}).image)
    run = tool("get", path, "0", "[1]")
    assert run.status == 1
    assert "V1" in run.err


# ---- dump ----


def test_dump_is_an_object_for_each_key(tool, idx):
    names = {0: "packages", 1: "answer", 100: "123"}
    assert tool("dump", idx).lines() == [
        {"key": key if key < 2**53 else str(key), "name": names.get(key), "value": value}
        for key, value in sample().dumps().items()
    ]


@pytest.mark.parametrize("key", ["7", "answer"])
def test_dump_of_one_key(tool, idx, key):
    number = {"7": 7, "answer": 1}[key]
    (line,) = tool("dump", idx, key).lines()
    assert (line["key"], line["value"]) == (number, sample().dumps()[number])


def test_dump_of_no_such_key_is_3(tool, idx):
    run = tool("dump", idx, "5")
    assert (run.status, run.out) == (3, "")


def test_dump_indented_nests_the_value(tool, idx):
    run = tool("dump", "--indent", idx, "7")
    assert run.json() == tool("dump", idx, "7").json()
    lines = run.out.splitlines()
    assert lines[:3] == ["{", '  "key": 7,', '  "name": null,']
    assert lines[3].startswith('  "value": {')
    assert all(line.startswith("  ") for line in lines[1:-1]) and lines[-1] == "}"


def test_dump_of_a_damaged_value_is_1_after_what_came_before(tool, tmp_path):
    path = tmp_path / "damaged"
    path.write_bytes(AncientFile().commit({0: 5, 1: pair(1, Raw(6))}).image)
    run = tool("dump", path)
    assert run.status == 1
    assert json.loads(run.out.splitlines()[0])["value"] == 5
    assert run.err.startswith("ancientctl: ")


# ---- Hostile texts ----

HOSTILE = "a\x1b]0;owned\x07\x1b[2J\r\n\x7f\x9b5n‮\\é"


def controls(text):
    return [c for c in text if (ord(c) < 0x20 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c == "‮"]


def test_keys_escapes_a_hostile_name(tool, tmp_path):
    path = tmp_path / "idx"
    path.write_bytes(AncientFile().commit({0: 1, 1: 2}, names={0: HOSTILE, 1: "b"}).image)
    run = tool("keys", path)
    title, first, second = run.out.splitlines()
    assert controls(run.out) == []
    assert r"a\x1b]0;owned\x07\x1b[2J\x0d\x0a\x7f\xc2\x9b5n\xe2\x80\xae\\é" in first
    assert title.index("VALUE") == first.index("int 1") == second.index("int 2")


@pytest.mark.parametrize("command", [["keys", "--json"], ["dump"]])
def test_json_escapes_a_hostile_name_and_loses_nothing(tool, tmp_path, command):
    path = tmp_path / "idx"
    path.write_bytes(AncientFile().commit({0: 1}, names={0: HOSTILE}).image)
    run = tool(*command, path)
    assert [c for c in controls(run.out) if c != "‮"] == []
    assert run.json()["name"] == HOSTILE


@pytest.mark.parametrize("command", ["get", "dump"])
def test_values_send_no_control_character(tool, tmp_path, command):
    path = tmp_path / "idx"
    path.write_bytes(AncientFile().commit({0: pair(HOSTILE, b"\x9b\xff")}).image)
    run = tool(command, path, "0")
    assert [c for c in controls(run.out) if c != "‮"] == []
    shown = run.json() if command == "get" else run.json()["value"]
    assert shown["fields"] == [HOSTILE, "\udc9b\udcff"]


@pytest.mark.parametrize("command", ["info", "keys", "verify"])
def test_messages_escape_a_hostile_path(tool, tmp_path, command):
    path = tmp_path / HOSTILE
    missing = tool(command, path)
    assert missing.status == 4
    assert controls(missing.err) == [] and len(missing.err.splitlines()) == 1
    path.write_bytes(AncientFile().commit({0: 1}).image)
    assert controls(tool(command, path).out) == []
    assert tool("info", "--json", path).json()["file"] == str(path)
