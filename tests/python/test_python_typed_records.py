"""python: typed records and variants."""

import pytest
from ancientfile import (
    Block,
    FloatArray,
    ocaml_list,
    pair,
    poly_tag,
    string_hashtbl,
)
from typedsamples import PACKAGE, PERL, TABLE, TREE, VIM, table

import ancient

# ---- Records ----


def test_records_have_their_fields_as_attributes_and_nothing_else(read):
    found = read(PACKAGE + "val root : Package.t", VIM)
    assert (found.version, found.size) == ("9.1", 3)
    assert found.depends[1].alternatives[0] == "perl5"
    assert [name for name in dir(found) if not name.startswith("_")] == [
        "depends",
        "size",
        "version",
    ]
    assert isinstance(found, ancient.Record)
    assert ancient.fields(found) == ("version", "size", "depends") == ancient.fields(type(found))
    assert ancient.asdict(found) == {"version": "9.1", "size": 3, "depends": found.depends}
    with pytest.raises(AttributeError):
        found.nothing  # noqa: B018
    with pytest.raises(AttributeError, match="never changes"):
        found.size = 4
    with pytest.raises(TypeError):
        type(found)()


def test_records_print_their_fields(read):
    found = read(PACKAGE + "val root : Package.t", VIM)
    assert repr(found) == "Package(version='9.1', size=3, depends=[...])"
    assert repr(found.depends[0]) == "dep(name='libc6', alternatives=[])"
    assert repr(found.depends) == (
        "List([dep(name='libc6', alternatives=[]), dep(name='perl', alternatives=[...])])"
    )
    long = read("string list", ocaml_list(["x" * 1000] * 100))
    assert len(repr(long)) < 1000


def test_records_match_by_position_and_by_name(read):
    found = read(PACKAGE + "val root : Package.t", VIM)
    package = type(found)
    match found:
        case package(version, size=3):
            assert version == "9.1"
        case _:
            raise AssertionError


def test_records_are_equal_by_value_and_hash_when_their_fields_do(read):
    schema = PACKAGE + "val root : (dep * int) list"
    one, two = read(schema, ocaml_list([pair(PERL, 1)])), read(schema, ocaml_list([pair(PERL, 1)]))
    assert one == two
    assert one[0][0] == two[0][0]
    with pytest.raises(TypeError):
        hash(one[0][0])
    point = "type point = { x : int; y : string }\nval root : point"
    left, right = read(point, pair(1, "a")), read(point, pair(1, "a"))
    assert left == right
    assert hash(left) == hash(right)
    assert {left: 1}[right] == 1
    assert left != read(point, pair(2, "a"))
    assert left != (1, "a")


def test_records_of_floats_are_read_flat_and_boxed(read):
    schema = "type point = { x : float; y : float }\nval root : point"
    flat, boxed = read(schema, FloatArray([1.5, 2.5])), read(schema, pair(1.5, 2.5))
    assert (flat.x, flat.y, boxed.x, boxed.y) == (1.5, 2.5, 1.5, 2.5)
    assert flat == boxed
    assert hash(flat) == hash(boxed)
    assert repr(flat) == repr(boxed) == "point(x=1.5, y=2.5)"


def test_unboxed_records_look_like_others(read):
    schema = "type id = { name : string } [@@unboxed]\nval root : id list"
    found = read(schema, ocaml_list(["a", "b"]))
    assert [id.name for id in found] == ["a", "b"]
    assert found[0] != found[1]
    schema = "type m = { v : float } [@@unboxed]\nval root : m array"
    assert [m.v for m in read(schema, FloatArray([1.5, 2.5]))] == [1.5, 2.5]
    assert repr(read(schema, FloatArray([1.5]))) == "Array([m(v=1.5)])"


def test_fields_named_by_keywords_of_python(read):
    schema = "type t = { from : int; class_ : int; x' : int }\nval root : t"
    found = read(schema, pair(1, 2, 3))
    assert (found.from_, found.class_, getattr(found, "from"), getattr(found, "x'")) == (1, 2, 1, 3)
    assert ancient.asdict(found) == {"from": 1, "class_": 2, "x'": 3}
    found = read("type t = { from : int; from_ : int }\nval root : t", pair(1, 2))
    assert (getattr(found, "from"), found.from_) == (1, 2)


def test_fields_win_over_everything_but_dunders(read):
    schema = (
        "type t = { get : int; keys : int; __class__ : int; tag : int; mro : int }\nval root : t"
    )
    found = read(schema, pair(1, 2, 3, 4, 5))
    assert (found.get, found.keys, found.tag, found.mro) == (1, 2, 4, 5)
    assert found.__class__ is type(found)
    assert ancient.asdict(found)["__class__"] == 3


def test_classes_are_interned_by_what_the_type_is(read):
    one = type(read(PACKAGE + "val root : Package.t", VIM))
    other = PACKAGE.replace("module", "type unrelated = { z : int }\nmodule")
    assert type(read(other + "val root : Package.t list", ocaml_list([VIM]))[0]) is one
    more = PACKAGE.replace("size : int", "size : int; more : int")
    assert type(read(more + "val root : Package.t", pair("", 1, 2, 0))) is not one
    renamed = PACKAGE.replace("Package", "Paket")
    assert type(read(renamed + "val root : Paket.t", VIM)) is not one


def test_adding_a_field_keeps_what_reads_by_name_working(make_file):
    def report(path, schema):
        with ancient.open(path, schema=schema) as db:
            return sorted((name, p.version, p.size) for name, p in db[0].items())

    new_schema = TABLE.replace("version : string;", "epoch : int; version : string;")
    new = string_hashtbl([("vim", pair(1, "9.1", 3, 0)), ("git", pair(1, "3.0", 5, 0))], 4)
    wanted = [("git", "3.0", 5), ("vim", "9.1", 3)]
    assert report(make_file({0: table()}), TABLE) == wanted
    assert report(make_file({0: new}), new_schema) == wanted


# ---- Variants ----


def test_variants_match(make_file):
    node = Block(0, 0, 5, 1)
    db = ancient.open(make_file({0: node, 1: 0, 2: 1}), schema=TREE)
    types = db.types(0)

    def show(value):
        match value:
            case types.Leaf:
                return "leaf"
            case types.Tip:
                return "tip"
            case types.Node(left, number, right):
                return f"{show(left)} {number} {show(right)}"
        raise AssertionError

    assert [show(db[key]) for key in db] == ["leaf 5 tip", "leaf", "tip"]
    assert repr(db[0]) == "Node(Leaf, 5, Tip)"
    assert db[1] is types.Leaf is types.tree.Leaf
    assert db[1] == types.Leaf != types.Tip
    assert types.Leaf
    assert hash(db[0]) == hash(db[0])
    assert db[0] == db[0] != db[1]
    assert isinstance(db[0], types.tree)
    assert isinstance(db[1], types.tree)
    assert isinstance(db[1], ancient.Variant)
    assert [*map(ancient.constructor, db.values())] == ["Node", "Leaf", "Tip"]
    left, number, right = db[0]
    assert (left, number, right) == (types.Leaf, 5, types.Tip)
    assert db[0]._1 == db[0][1] == db[0][-2] == 5


def test_inline_records_have_attributes(read):
    schema = "type shape = Dot | Circle of { x : int; radius : int }\nval root : shape"
    found = read(schema, Block(0, 1, 2))
    assert (found.x, found.radius) == (1, 2)
    assert repr(found) == "Circle(x=1, radius=2)"
    assert ancient.asdict(found) == {"x": 1, "radius": 2}
    types = ancient.types(found)
    match found:
        case types.Circle(x=1, radius=radius):
            assert radius == 2
        case _:
            raise AssertionError


def test_one_argument_that_is_a_tuple_is_not_two_arguments(read):
    two = read("type t = C of int * int\nval root : t", Block(0, 1, 2))
    one = read("type t = C of (int * int)\nval root : t", Block(0, pair(1, 2)))
    assert ([*two], [*one]) == ([1, 2], [(1, 2)])


def test_polymorphic_variants_match(make_file):
    schema = "type t = [ `Red | `Other of int * int ]\nval root : t"
    other = pair(poly_tag("Other"), pair(1, 2))
    db = ancient.open(make_file({0: poly_tag("Red"), 1: other}), schema=schema)
    types = db.types(0)
    assert db[0] == types.Red
    match db[1]:
        case types.Other((1, n)):
            assert n == 2
        case _:
            raise AssertionError
    assert repr(db[0]) == "Red"
    assert repr(db[1]) == "Other((...))"
    db = ancient.open(make_file({0: poly_tag("Red")}), schema="val root : [ `Red | `Blue ]")
    assert db[0] == db.types(0).Red


def test_classes_of_variants_survive_reopening(make_file):
    path = make_file({0: Block(0, 0, 5, 1)})
    types = ancient.open(path, schema=TREE).types(0)
    assert isinstance(ancient.open(path, schema=TREE)[0], types.Node)
    assert ancient.open(path, schema=TREE)[0]._0 is types.Leaf


def test_types_are_found_by_name_and_ambiguous_ones_said_to_be(make_file):
    schema = "type a = X | Y\nmodule B : sig type t = X | Z of int end\nval root : a * B.t"
    db = ancient.open(make_file({0: pair(0, 0)}), schema=schema)
    types = db.types(0)
    assert db[0] == (types.a.X, types.B.X)
    assert types["B.t"] is types.B
    assert {"a", "B", "X", "Y", "Z"} <= set(dir(types))
    with pytest.raises(AttributeError, match="X is a constructor of a and of B.t"):
        types.X  # noqa: B018
    with pytest.raises(AttributeError, match="no record, variant or constructor 'Q'"):
        types.Q  # noqa: B018
    with pytest.raises(KeyError):
        types["Q"]
