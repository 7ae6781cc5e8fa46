"""python: typed tables, maps and sets."""

import collections.abc

import pytest
from ancientfile import (
    Block,
    FloatArray,
    Int32,
    Int64,
    Nativeint,
    Z,
    pair,
    string_hashtbl,
)
from typedsamples import TABLE, some, table, tree

import ancient


def test_hash_tables_are_mappings(read):
    found = read(TABLE, table())
    assert isinstance(found, collections.abc.Mapping)
    assert isinstance(found, ancient.Hashtbl)
    assert found["vim"].version == "9.1"
    assert found[b"vim"].version == "9.1"
    assert found["git"].version == "3.0"
    assert ("vim" in found, "emacs" in found, 5 in found) == (True, False, False)
    assert (found.get("emacs"), found.get("emacs", default=7), found.get("vim").size) == (
        None,
        7,
        3,
    )
    assert len(found) == 2
    assert sorted(found) == sorted(found.keys()) == ["git", "vim"]
    assert {name: p.size for name, p in found.items()} == {"vim": 3, "git": 5}
    assert sorted(p.size for p in found.values()) == [3, 5]
    assert [p.version for p in found.getall("git")] == ["3.0", "2.47"]
    assert found.getall("emacs") == []
    assert sorted((k, p.version) for k, p in found.all_items()) == [
        ("git", "2.47"),
        ("git", "3.0"),
        ("vim", "9.1"),
    ]
    with pytest.raises(KeyError, match=r"no such key: 'emacs' \(keys are of OCaml's type string\)"):
        found["emacs"]
    with pytest.raises(TypeError):
        hash(found)
    assert found == read(TABLE, table())
    assert found == dict(found.items())
    assert found != {}
    assert repr(read("(string, int) Hashtbl.t", string_hashtbl([("a", 1)], 1))) == (
        "Hashtbl({'a': 1})"
    )
    match found:
        case {"vim": package}:
            assert package.size == 3


MAP = "module M : Map.S with type key = KEY [@@ancient.order standard]\nval root : string M.t"


@pytest.mark.parametrize("order", [" [@@ancient.order standard]", ""])
@pytest.mark.parametrize(
    ("key", "keys", "built", "absent"),
    [
        ("int", [-5, 0, 7, 9], [-5, 0, 7, 9], [1, 2**80, "a", None, 1.5]),
        ("string", ["a", "b", "bb"], ["a", "b", "bb"], ["", "c", b"\xff", 1]),
        ("float", [-1.5, 0.0, 2.0], [-1.5, 0.0, 2.0], [7.0, "a"]),
        ("char", ["a", "b"], [97, 98], ["c", "aa", "", "é" * 2]),
        ("bool", [False, True], [0, 1], ["c", 7]),
        ("unit", [()], [0], [1, None]),
        ("int32", [-1, 5], [Int32(-1), Int32(5)], [6, 2**40]),
        ("int64", [-1, 5], [Int64(-1), Int64(5)], [6, 2**80]),
        ("nativeint", [-1, 5], [Nativeint(-1), Nativeint(5)], [6]),
        ("Z.t", [-1, 5, 10**30], [-1, 5, Z(10**30)], [6, 10**31, "x"]),
        ("int * string", [(1, "a"), (1, "b")], [pair(1, "a"), pair(1, "b")], [(1, "c"), (1,), 1]),
        ("int option", [None, 1], [0, some(1)], [2, "a"]),
        ("int option option", [None, ancient.Some(None)], [0, some(0)], [2, ancient.Some(1)]),
        ("(int, int) result", [ancient.Ok(1), ancient.Err(1)], [Block(0, 1), Block(1, 1)], [1]),
    ],
)
def test_maps_are_mappings_with_keys_of_any_type(read, order, key, keys, built, absent):
    root, _ = tree([(k, str(i)) for i, k in enumerate(built)])
    schema = MAP.replace("KEY", key).replace(" [@@ancient.order standard]", order)
    found = read(schema, root)
    assert isinstance(found, ancient.Map)
    assert [*found] == keys
    assert [*found.items()] == [(k, str(i)) for i, k in enumerate(keys)]
    assert [found[k] for k in keys] == [str(i) for i in range(len(keys))]
    assert [found.get(k) for k in absent] == [None] * len(absent)
    assert found.getall(keys[0]) == ["0"]
    assert found == dict(zip(keys, found.values()))
    assert len(found) == len(keys)


def test_keys_can_be_records_and_constructors(make_file):
    schema = (
        "type k = { a : int; b : string }\ntype v = A | B of int\n"
        "module M : Map.S with type key = k * v [@@ancient.order standard]\nval root : int M.t"
    )
    root, _ = tree([(pair(pair(1, "x"), 0), 10), (pair(pair(1, "x"), Block(0, 5)), 20)])
    one = ancient.open(make_file({0: root}), schema=schema)[0]
    two = ancient.open(make_file({0: root}), schema=schema)[0]
    assert [one[k] for k in one] == [one[k] for k in two] == [10, 20]
    point = "type p = { x : float; y : float }\nmodule M : Map.S with type key = p "
    point += "[@@ancient.order standard]\nval root : int M.t"
    for built in (FloatArray([1.0, 2.0]), pair(1.0, 2.0)):
        one = ancient.open(make_file({0: tree([(built, 1)])[0]}), schema=point)[0]
        two = ancient.open(make_file({0: tree([(built, 1)])[0]}), schema=point)[0]
        assert one[next(iter(two))] == two[next(iter(two))] == 1


def test_sets_are_sets(read):
    schema = "module S : Set.S with type elt = string [@@ancient.order standard]\nval root : S.t"
    root, _ = tree([("a", None), ("b", None), ("c", None)])
    found = read(schema, root)
    assert isinstance(found, collections.abc.Set)
    assert isinstance(found, ancient.Set)
    assert [*found] == ["a", "b", "c"]
    assert ("a" in found, "x" in found, 5 in found, len(found)) == (True, False, False, 3)
    assert found == {"a", "b", "c"}
    assert found & {"a", "x"} == {"a"}
    assert found | {"x"} == {"a", "b", "c", "x"}
    assert found <= {"a", "b", "c", "d"}
    assert repr(found) == "Set({'a', 'b', 'c'})"
    assert not read(schema, 0)
    with pytest.raises(TypeError):
        hash(found)
