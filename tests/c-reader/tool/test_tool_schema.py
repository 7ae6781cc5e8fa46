"""ancientctl schema: the OCaml types that a file carries."""

import os
import pathlib
import pty

import pytest
from ancientfile import AncientFile, Schema

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden" / "schemas.ancient"
INT = "7617cc4b435dae7c97211c6082923b47"


def test_the_text_of_a_key_comes_as_it_is(tool, tmp_path):
    text = "(* a\ttab, a \\ *)\r\nval root : int\n"
    path = tmp_path / "typed"
    file = AncientFile().commit({5: 1}, {5: "five"}, {5: Schema(text, "int")})
    path.write_bytes(file.image)
    for arguments in (["5"], ["five"]):
        run = tool("schema", path, *arguments)
        assert (run.status, run.out, run.err) == (0, text, "")


def test_a_text_without_a_last_end_of_line_gets_one(tool):
    assert tool("schema", GOLDEN, "3").out == "val root : bool\n"


def test_without_a_key_each_text_is_below_the_keys_that_have_it(tool, tmp_path):
    one, two = Schema("val root : int", "int"), Schema("val root : bool", "bool")
    path = tmp_path / "typed"
    schemas = {0: one, 1: one, 3: two}
    file = AncientFile().commit({0: 1, 1: 2, 2: 3, 3: 1}, {1: "uno"}, schemas)
    path.write_bytes(file.image)
    run = tool("schema", path)
    assert (run.status, run.err) == (0, "")
    assert run.out.splitlines() == [
        "(* key 0 *)", "(* key 1, uno *)", "val root : int", "(* key 3 *)", "val root : bool",
    ]  # fmt: skip


def test_json_has_the_fingerprint_too(tool):
    assert tool("schema", "--json", GOLDEN, "1").json() == {
        "key": 1,
        "name": None,
        "fingerprint": INT,
        "schema": "(* the same type *) val root : int",
    }
    lines = tool("schema", "--json", GOLDEN).lines()
    assert [line["key"] for line in lines] == [0, 1, 3, 4, 6]
    assert lines[0]["name"] == "packages"
    assert lines[4]["fingerprint"] == INT


@pytest.mark.parametrize("arguments", [[GOLDEN, "2"], [GOLDEN.with_name("example.ancient")]])
def test_no_schema_is_status_3(tool, arguments):
    run = tool("schema", *arguments)
    assert (run.status, run.out) == (3, "")
    assert "without types" in run.err


def test_keys_shows_the_first_digits_of_fingerprints(tool):
    title, *rows = tool("keys", GOLDEN).out.splitlines()
    end = title.index("SCHEMA") + len("SCHEMA")
    shown = [row[:end].split()[-1] for row in rows]
    assert shown[1] == INT[:8]
    assert shown[2] == "-"
    assert tool("keys", "--json", GOLDEN).lines()[6]["fingerprint"] == INT


def test_verify_counts_texts(tool):
    assert tool("verify", "--json", GOLDEN).json()["schemas"] == 5


def test_a_terminal_gets_no_control_characters(ancientctl, tmp_path):
    path = tmp_path / "typed"
    text = "(* \x1b[31m *)\nval root : int"
    path.write_bytes(AncientFile().commit({0: 1}, None, {0: Schema(text, "int")}).image)
    child, terminal = pty.fork()
    if child == 0:
        os.execv(ancientctl, [str(ancientctl), "schema", str(path), "0"])
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:
        pass  # how a terminal ends
    assert os.waitpid(child, 0)[1] == 0
    os.close(terminal)
    assert b"\x1b" not in shown
    assert rb"\x1b[31m" in shown
    assert b"val root : int" in shown


def test_a_damaged_schema_is_a_bad_file(tool, tmp_path):
    image = bytearray(GOLDEN.read_bytes())
    at = image.index(b"val root : bool")
    image[at - 8 : at] = (2**64 - 1).to_bytes(8, "little")
    path = tmp_path / "damaged"
    path.write_bytes(image)
    run = tool("schema", path, "3")
    assert (run.status, run.out) == (1, "")
    assert "rule D6" in run.err
