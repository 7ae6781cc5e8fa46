"""tests/c-reader/tool: `get` and `dump` of values that were published with their types."""

import pathlib

import pytest
from ancientfile import AncientFile, Block, Schema

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden" / "schemas.ancient"
VIM = {
    "version": "9.0",
    "size": 3700,
    "depends": [
        {"name": "libc6", "alternatives": []},
        {"name": "vim-runtime", "alternatives": []},
    ],
}


def test_get_shows_names(tool):
    assert tool("get", GOLDEN, "packages").json() == {"vim": VIM}


def test_dump_shows_names(tool):
    lines = tool("dump", GOLDEN).lines()
    assert lines[0] == {"key": 0, "name": "packages", "value": {"vim": VIM}}
    assert lines[3]["value"] is True


def test_raw_shows_none(tool):
    run = tool("get", "--raw", GOLDEN, "0", "[1]")
    assert run.status == 0 and set(run.json()) == {"tag", "fields"}


def test_a_path_leads_through_names_and_keys(tool):
    assert tool("get", GOLDEN, "0", '["vim"].depends[1].name').json() == "vim-runtime"
    assert tool("get", GOLDEN, "0", '["vim"].size').json() == 3700


@pytest.mark.parametrize(
    "path, status, said",
    [
        (
            '["vim"].nothing',
            3,
            'no such field: at ["vim"]: Package.t has no nothing (fields: version, size, depends)',
        ),
        ('["emacs"]', 3, 'no such key: at the root: "emacs"'),
        ('["vim"].depends[2]', 3, 'at ["vim"].depends: '),
        ('["vim"].size.more', 3, 'at ["vim"].size: '),
        ('["vim"', 2, "expected ']' at position 7, found its end"),
    ],
)
def test_a_path_that_leads_nowhere_says_where(tool, path, status, said):
    run = tool("get", GOLDEN, "0", path)
    assert (run.status, run.out) == (status, "")
    assert said in run.err


def test_a_key_may_be_named_without_brackets(tool):
    assert tool("get", GOLDEN, "packages", "vim").json() == VIM
    assert tool("get", GOLDEN, "packages", '"vim"').json() == VIM
    assert tool("get", GOLDEN, 'packages["vim"].size').json() == 3700
    assert tool("get", GOLDEN, "0[{|vim|}].size").json() == 3700
    absent = tool("get", GOLDEN, "packages", "vim.size")
    assert absent.status == 3 and 'no such key: "vim.size"' in absent.err
    assert "keys FILE" not in absent.err  # it is a key of the table
    other = tool("get", GOLDEN, "packages[3]")
    assert other.status == 3 and 'type string, written as "text"' in other.err
    fields = tool("get", GOLDEN, "packages.vim")
    assert fields.status == 3 and 'has keys and no fields: a key is written ["vim"]' in fields.err


def test_keys_of_every_type_are_written_as_ocaml_writes_them(tool, tmp_path):
    types = """type pos = Noun | Verb
type t = { words : (pos * int, string) Hashtbl.t }
val root : t"""
    # One bucket: no hash is needed.
    bucket = Block(0, Block(0, 0, 1740), "entity", Block(0, Block(0, 1, 2), "go", 0))
    table = Block(0, 2, Block(0, bucket), 0, 1)
    path = tmp_path / "typed"
    schemas = {0: Schema(types, "?")}
    path.write_bytes(AncientFile().commit({0: Block(0, table)}, None, schemas).image)
    assert tool("get", path, "0", "words[(Noun, 1740)]").json() == "entity"
    assert tool("get", path, "0", "words[ (Verb,2) ]").json() == "go"
    absent = tool("get", path, "0", "words[(Noun, 3)]")
    assert absent.status == 3 and "no such key: at words: (Noun, 3)\n" in absent.err
    wrong = tool("get", path, "0", "words[(Nuon, 3)]")
    assert wrong.status == 3 and "type pos at position 8: Noun, Verb; found Nuon" in wrong.err


def test_keys_shows_types_and_counts(tool):
    lines = tool("keys", GOLDEN).out.splitlines()
    assert lines[1].endswith("(string, Package.t) Hashtbl.t, 1")
    shown = tool("keys", "--json", GOLDEN).lines()[0]
    assert (shown["type"], shown["count"]) == ("(string, Package.t) Hashtbl.t", 1)


@pytest.mark.parametrize("container", ["Map", "Set"])
@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize("side", [0, -2])
def test_a_tree_that_leads_back_into_itself_is_of_another_shape(
    tool, make_file, container, inner, side
):
    """Its root, and a node below it, left and right."""
    value = [7] if container == "Map" else []
    node = Block(0, 0, 1, *value, 0, 1)
    root = Block(0, node, 2, *value, 0, 2) if inner else node
    node.fields[side] = root
    key = "type key = int" if container == "Map" else "type elt = int"
    root_type = "int M.t" if container == "Map" else "M.t"
    schema = f"module M : {container}.S with {key} val root : {root_type}"
    file = AncientFile().commit({0: root}, schemas={0: Schema(schema, "not looked at")})
    path = make_file(file.image)
    for command in (["dump", path], ["get", path, "0"]):
        run = tool(*command)
        assert run.status == 1
        assert "a tree with an end" in run.err
