"""tests/c-reader/tool: `get` of a part of a map or set: --from, --to, --prefix, --first, --last."""

import json

import pytest
from ancientfile import AncientFile, Block, Schema, pair

STRINGS = "module M : Map.S with type key = string [@@ancient.order standard] "
STRINGS += "type v = { n : int; l : int list } val root : v M.t"
INTS = "module S : Set.S with type elt = int [@@ancient.order standard] val root : S.t"
PAIRS = "type p = Noun | Verb module M : Map.S with type key = p * int "
PAIRS += "[@@ancient.order standard] val root : string M.t"
TABLE = "val root : (string, int) Hashtbl.t"
OWN = "module Own : Map.S with type key = int val root : int Own.t"
RECORD = STRINGS.replace("val root : v M.t", "type t = { names : v M.t } val root : t")
NAMES = ["", "a", "lib", "lib\udcff", "liba", "zsh"]
NAMES.sort(key=lambda name: name.encode("utf-8", "surrogateescape"))


def tree(bindings):
    if not bindings:
        return 0
    middle = len(bindings) // 2
    left, right = tree(bindings[:middle]), tree(bindings[middle + 1 :])
    return Block(0, left, *bindings[middle], right, 1)


def names():
    return tree([(n.encode("utf-8", "surrogateescape"), pair(i, 0)) for i, n in enumerate(NAMES)])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("ranges") / "ranges"
    verbs = [(pair(0, 7), "a"), (pair(0, 1740), "b"), (pair(1, 1), "c"), (pair(1, 2), "d")]
    values = {
        0: (STRINGS, names()),
        1: (INTS, tree([(n,) for n in range(-5, 6)])),
        2: (PAIRS, tree(verbs)),
        3: (TABLE, Block(0, 0, Block(0, *[0] * 16), 0, 16)),
        4: (OWN, tree([(n, n) for n in (3, 2, 1)])),
        5: (RECORD, Block(0, names())),
        6: (INTS, 0),
        7: (STRINGS, tree([(n, pair(0, 0)) for n in ("c", "b", "a")])),
    }
    schemas = {key: Schema(text, "?") for key, (text, _) in values.items()}
    roots = {key: root for key, (_, root) in values.items()}
    path.write_bytes(AncientFile().commit(roots, None, schemas).image)
    return path


def value(name):
    return {"n": NAMES.index(name), "l": []}


@pytest.mark.parametrize(
    "options, found",
    [
        (["--from", "lib"], NAMES[2:]),
        (["--after", "lib"], NAMES[3:]),
        (["--from", '"lib"', "--to", '"lib"'], ["lib"]),
        (["--to", "lib"], NAMES[:3]),
        (["--before", "lib"], NAMES[:2]),
        (["--from", "z", "--to", "a"], []),
        (["--prefix", "lib"], NAMES[2:5]),
        (["--prefix", ""], NAMES),
        (["--prefix", "lib", "--after", "lib", "--first", "1"], ["liba"]),
        (["--first", "2"], NAMES[:2]),
        (["--last", "2"], NAMES[-2:]),
        (["--last", "99"], NAMES),
        (["--prefix", "lib", "--last", "1"], NAMES[4:5]),
    ],
)
def test_a_part_of_a_map_is_printed_as_the_whole(tool, file, options, found):
    for layout in ([], ["--indent"]):
        run = tool("get", *options, *layout, file, "0")
        assert run.status == 0
        assert list(run.json().items()) == [(name, value(name)) for name in found]
        assert tool("get", *options, file, "5", "names").json() == run.json()


@pytest.mark.parametrize("layout", ["--indent", "--no-indent"])
@pytest.mark.parametrize("key", ["0", "1", "2", "6"])
def test_a_part_that_is_the_whole_has_the_same_text(tool, file, key, layout):
    whole = tool("get", layout, file, key).out
    assert tool("get", layout, "--last", "99", file, key).out == whole
    assert tool("get", layout, "--first", "99", file, key).out == whole


def test_keys_are_written_as_ocaml_writes_them(tool, file):
    assert tool("get", "--from", "-2", "--to", "0x1", file, "1").json() == [-2, -1, 0, 1]
    found = tool("get", "--after", "(Noun, 7)", "--to", "(Verb, 1)", file, "2").json()
    assert found == [[["Noun", 1740], "b"], [["Verb", 1], "c"]]
    assert tool("get", "--first", "1", file, "4").json() == [[3, 3]]
    assert tool("get", "--last", "2", file, "4").json() == [[2, 2], [1, 1]]


@pytest.mark.parametrize(
    "options, key, status, said",
    [
        (["--from", "a"], "3", 3, "(string, int) Hashtbl.t: a hash table has no order: sort"),
        (["--prefix", "a"], "3", 3, "a hash table has no order: sort its keys, or publish a map"),
        (["--from", "2"], "4", 3, "int Own.t: the schema does not say how its keys are ordered"),
        (["--from", "a"], "1", 3, "type int, written as"),
        (["--prefix", "a"], "1", 3, "expected string or bytes, found int"),
        (["--from", "a"], "5", 3, "expected a value of type map or set"),
        (["--from", "b"], "7", 1, "in the order of OCaml's compare"),
        (["--from", "a", "--after", "b"], "0", 2, "--after: there is a bound on this side already"),
        (["--first", "0"], "0", 2, "--first: expected a number from 1 on, found '0'"),
        (["--first", "1", "--last", "1"], "0", 2, "--first and --last exclude each other"),
        (["--raw", "--first", "1"], "0", 2, "a range is one of a value with types"),
    ],
)
def test_what_has_no_such_part_says_why(tool, file, options, key, status, said):
    run = tool("get", *options, file, key)
    assert (run.status, run.out) == (status, "")
    assert said in run.err
    assert "literal:" not in run.err and (status == 2 or f"ancientctl: {file}: " in run.err)
    assert json.loads(tool("get", "--json", *options, file, key).out)["ok"] is False


def test_a_part_is_cut_where_a_value_is(tool, file):
    run = tool("get", "--limit", "20", "--first", "4", file, "0")
    assert run.status == 0 and len(run.out) == 21
    assert "cut after 20 bytes" in run.err
    for command in ("keys", "dump", "info"):
        run = tool(command, "--from", "a", file)
        assert run.status == 2 and f"'{command}' takes no --from" in run.err
