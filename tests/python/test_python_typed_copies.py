"""python: copies of typed values, and comparison."""

import pickle

import pytest
from ancientfile import (
    Block,
    FloatArray,
    ocaml_list,
    pair,
)
from typedsamples import TABLE, TREE, leaf, table

import ancient


def test_to_python_gives_plain_values(read):
    assert ancient.to_python(read(TABLE, table())) == {
        "vim": {
            "version": "9.1",
            "size": 3,
            "depends": [
                {"name": "libc6", "alternatives": []},
                {"name": "perl", "alternatives": ["perl5", "raku"]},
            ],
        },
        "git": {"version": "3.0", "size": 5, "depends": []},
    }
    assert ancient.to_python(read(TREE, Block(0, 0, 5, 1))) == ancient.Constructor(
        "Node", (ancient.Constructor("Leaf"), 5, ancient.Constructor("Tip"))
    )
    assert ancient.to_python(read(TREE, 0)) == ancient.Constructor("Leaf")
    shape = "type shape = Dot | Circle of { x : int; radius : int }\nval root : shape list"
    copied = ancient.to_python(read(shape, ocaml_list([Block(0, 1, 2), 0])))
    assert copied == [
        ancient.Constructor("Circle", {"x": 1, "radius": 2}),
        ancient.Constructor("Dot"),
    ]
    assert repr(copied) == "[Circle(x=1, radius=2), Dot]"
    assert pickle.loads(pickle.dumps(copied)) == copied
    assert ancient.to_python(read("int ref list", ocaml_list([pair(1)]))) == [1]
    assert ancient.to_python(read("(float array) list", ocaml_list([FloatArray([1.5])]))) == [[1.5]]
    schema = "module S : Set.S with type elt = int list\nval root : S.t"
    assert ancient.to_python(read(schema, leaf(ocaml_list([1]), None))) == {(1,)}
    schema = "type k = { a : int }\nmodule M : Map.S with type key = k\nval root : int M.t"
    assert ancient.to_python(read(schema, leaf(pair(1), 2))) == {(1,): 2}


def test_to_python_of_what_contains_itself_is_refused(read):
    loop = pair(1, 0)
    loop.fields[1] = loop
    with pytest.raises(ancient.CycleError):
        ancient.to_python(read("type t = { n : int; next : t option }\nval root : t", cyclic()))
    found = read("int list", loop)
    with pytest.raises(ancient.Error):
        ancient.to_python(found)
    with pytest.raises(ancient.Error):
        len(found)
    assert found[1] == 1
    assert repr(found) == "List([1, 1, 1, 1, 1, 1, 1, 1, ...])"


def cyclic():
    inner = Block(0, 0)
    outer = pair(1, inner)
    inner.fields[0] = outer
    return outer


def test_cyclic_values_are_equal_in_finite_time(read):
    schema = "type t = { n : int; next : t option }\nval root : t"
    assert read(schema, cyclic()) == read(schema, cyclic())
    assert "n=1" in repr(read(schema, cyclic()))
    with pytest.raises(ancient.TooLargeError):
        hash(read(schema, cyclic()))


def test_shared_values_are_compared_and_copied_once(read):
    value = 0
    for _ in range(200):
        value = Block(0, value, value)
    schema = "type t = L | N of t * t\nval root : t"
    assert read(schema, value) == read(schema, value)
    copied = ancient.to_python(read(schema, value))
    assert copied.args[0] is copied.args[1]


def test_deep_values_are_compared_and_copied(read):
    value = 0
    for i in range(20_000):
        value = Block(0, value, i)
    schema = "type t = L | N of t * int\nval root : t"
    assert read(schema, value) == read(schema, value)
    copied, depth = ancient.to_python(read(schema, value)), 0
    while copied.args:
        copied, depth = copied.args[0], depth + 1
    assert depth == 20_000
    assert repr(read(schema, value)) == "N(N(...), 19999)"


def test_a_tower_of_tuples_is_read_or_refused(read):
    declarations, value = "type t0 = int * int\n", pair(1, 2)
    for i in range(1, 2000):
        declarations += f"type t{i} = int * t{i - 1}\n"
        value = pair(1, value)
    try:
        found = read(declarations + "val root : t1999", value)
    except RecursionError:
        return  # how deep C may go is the interpreter's to say
    levels = 0
    while isinstance(found, tuple):
        found, levels = found[1], levels + 1
    assert (found, levels) == (2, 2000)
