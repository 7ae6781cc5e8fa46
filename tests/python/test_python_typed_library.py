"""python: typed values of OCaml's standard library: queues, stacks, dynarrays, and its records."""

import collections.abc
import pickle

import pytest
from ancientfile import Block, FloatArray, ocaml_list, pair

import ancient

VERSIONS = ["9.0", "9.1", "9.2"]


def queue(*items):
    cells = [Block(0, item, 0) for item in items]
    for cell, after in zip(cells, cells[1:]):
        cell.fields[1] = after
    return Block(0, len(items), cells[0] if cells else 0, cells[-1] if cells else 0)


def stack(*items):
    return Block(0, ocaml_list(list(items)), len(items))


def dynarray(*items):
    return Block(0, len(items), Block(0, *items), Block(0, 0))


HOLDERS = [("Queue", queue), ("Stack", stack), ("Dynarray", dynarray)]


@pytest.mark.parametrize(("name", "make"), HOLDERS)
def test_what_holds_elements_is_a_sequence_of_them(read, name, make):
    found = read(f"string {name}.t", make(*VERSIONS))
    assert isinstance(found, collections.abc.Sequence)
    assert (len(found), list(found), found[-1], found[1:]) == (3, VERSIONS, "9.2", VERSIONS[1:])
    assert found.index("9.1") == 1 and "9.3" not in found
    assert ancient.to_python(found) == VERSIONS
    assert found == read(f"string {name}.t", make(*VERSIONS))
    assert pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(IndexError):
        found[3]
    assert list(read(f"int {name}.t", make())) == []


@pytest.mark.parametrize(("name", "make"), HOLDERS)
def test_they_may_be_anywhere(read, name, make):
    schema = f"type t = {{ n : int; inside : (int * string) {name}.t }} val root : t {name}.t"
    found = read(schema, make(pair(1, make(pair(5, "a"), pair(6, "b"))), pair(2, make())))
    assert [[list(pair) for pair in t.inside] for t in found] == [[[5, "a"], [6, "b"]], []]
    assert list(ancient.column(found, "n")) == [1, 2]
    assert ancient.at(found, "[0].inside[1][1]") == "b"
    assert "(5, 'a'), (6, 'b')" in repr(found[0].inside)


def test_floats_of_a_dynarray_are_boxed(read):
    found = read("float Dynarray.t", dynarray(0.5, 1.5))
    assert list(found) == [0.5, 1.5]
    assert list(ancient.column(found)) == [0.5, 1.5]


def test_an_atomic_is_a_ref(read):
    found = read("int Atomic.t", pair(5))
    assert isinstance(found, ancient.Ref) and found.contents == 5


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ("int Queue.t", pair(0, 0), "int Queue.t: expected a block of tag 0 and size 3"),
        ("int Stack.t", pair(0, 0, 0), "int Stack.t: expected a block of tag 0 and size 2"),
        ("int Dynarray.t", Block(0, 2, Block(0, 1, 2, 3), 0), "an array without spare room"),
        ("int Dynarray.t", Block(0, 2, 7, 0), "expected an array of elements"),
        ("float Dynarray.t", Block(0, 1, FloatArray([1.0]), 0), "expected an array of elements"),
        ("int Queue.t", FloatArray([1.0]), "found a float array"),
    ],
)
def test_other_blocks_are_refused(read, schema, value, message):
    with pytest.raises(ancient.BadShapeError, match=message):
        read(schema, value)


def test_a_queue_that_leads_back_to_itself_ends(read):
    made = queue(1, 2)
    made.fields[2].fields[1] = made.fields[1]
    found = read("int Queue.t", made)
    with pytest.raises(ancient.Error):
        list(found)
    with pytest.raises(ancient.Error):
        len(found)


@pytest.mark.parametrize("schema", ["floatarray", "float array", "float Dynarray.t"])
def test_no_floats_are_copied_as_an_empty_list(read, schema):
    value = dynarray() if "Dyn" in schema else Block(0)
    assert ancient.to_python(read(schema, value)) == []
    assert ancient.to_python(read(f"{schema} option", pair(value))) == []
