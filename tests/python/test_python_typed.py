"""python: typed values: what each type of section 12.3 becomes, and what views can do."""

import collections.abc
import pathlib
import pickle

import pytest
from ancientfile import (
    Bigarray,
    Block,
    FloatArray,
    Int32,
    Int64,
    Lazy,
    Nativeint,
    Z,
    ocaml_list,
    pair,
    reseal,
    string_hashtbl,
)
from ancientlayout import Layout

import ancient

some = pair  # Some x is a block of tag 0 with one field


@pytest.fixture
def read(make_file):
    """read(schema, value) publishes a value and reads it with its type."""

    def read(schema, value, **options):
        if "val root" not in schema:
            schema = f"val root : {schema}"
        return ancient.open(make_file({0: value}), schema=schema, **options)[0]

    return read


def leaf(key, value, left=0, right=0, height=1):
    """A node of a Map; without a value, of a Set."""
    return Block(0, left, key, *([] if value is None else [value]), right, height)


def tree(bindings):
    """A Map, or a Set where the values are None, of sorted bindings."""
    if not bindings:
        return 0, 0
    middle = len(bindings) // 2
    left, left_height = tree(bindings[:middle])
    right, right_height = tree(bindings[middle + 1 :])
    height = 1 + max(left_height, right_height)
    return leaf(*bindings[middle], left, right, height), height


PACKAGE = """
type dep = { name : string; alternatives : string list }
module Package : sig
  type t = { version : string; size : int; depends : dep list }
end
"""
TABLE = PACKAGE + "val root : (string, Package.t) Hashtbl.t"
PERL = pair("perl", ocaml_list(["perl5", "raku"]))
VIM = pair("9.1", 3, ocaml_list([pair("libc6", 0), PERL]))
GIT = pair("2.47", 4, 0)


def table():
    return string_hashtbl([("vim", VIM), ("git", GIT), ("git", pair("3.0", 5, 0))], 4)


# ---- Values without parts ----


@pytest.mark.parametrize(
    ("schema", "value", "wanted"),
    [
        ("unit", 0, ()),
        ("bool", 0, False),
        ("bool", 1, True),
        ("int", -(2**62), -(2**62)),
        ("int", 2**62 - 1, 2**62 - 1),
        ("char", 65, "A"),
        ("char", 255, "\xff"),
        ("string", "é", "é"),
        ("string", b"\xff", "\udcff"),
        ("string [@ancient.bytes]", "é", "é".encode()),
        ("bytes", b"\xff\0", b"\xff\0"),
        ("float", 1.5, 1.5),
        ("int32", Int32(-7), -7),
        ("int64", Int64(2**63 - 1), 2**63 - 1),
        ("nativeint", Nativeint(-1), -1),
        ("Z.t", 7, 7),
        ("Z.t", Z(-(10**30)), -(10**30)),
        ("int lazy_t", Lazy(Lazy(3)), 3),
        ("int Lazy.t", 3, 3),
        ("int * string", pair(1, "a"), (1, "a")),
        ("(int * int) * unit", pair(pair(1, 2), 0), ((1, 2), ())),
        ("int option", 0, None),
        ("int option", some(0), 0),
        ("(int, string) result", Block(0, 1), ancient.Ok(1)),
        ("(int, string) result", Block(1, "no"), ancient.Err("no")),
        ("type t = A of int [@@unboxed]\nval root : int", 5, 5),
    ],
)
def test_what_has_no_parts_is_a_python_value(read, schema, value, wanted):
    found = read(schema, value)
    assert found == wanted
    assert type(found) is type(wanted)


def test_strings_are_bytes_where_the_caller_says(read):
    assert read("string", "é", strings="bytes") == "é".encode()
    assert read("char", 65, strings="bytes") == "A"


def test_nested_options_stay_distinguishable(read):
    schema = "int option option"
    assert read(schema, 0) is None
    assert read(schema, some(0)) == ancient.Some(None)
    assert read(schema, some(some(3))) == ancient.Some(3)
    assert repr(read(schema, some(some(3)))) == "Some(3)"
    assert read("int option lazy_t option", some(Lazy(0))) == ancient.Some(None)


def test_lists_are_sequences(read):
    found = read("int list", ocaml_list([1, 2, 3]))
    assert isinstance(found, ancient.List)
    assert isinstance(found, collections.abc.Sequence)
    assert (len(found), found[0], found[-1], found[1:], found[::-1]) == (3, 1, 3, [2, 3], [3, 2, 1])
    assert [*found] == [1, 2, 3] == found.tolist()
    assert [*reversed(found)] == [3, 2, 1]
    assert (2 in found, 5 in found, found.index(3), found.count(1)) == (True, False, 2, 1)
    assert found == [1, 2, 3] != [1, 2]
    assert found != (1, 2, 3)
    assert found != [1, 2, 3, 4]
    assert not read("int list", 0)
    assert found
    for index in (3, -4, 10**20):
        with pytest.raises(IndexError):
            found[index]
    with pytest.raises(TypeError):
        hash(found)
    match found:
        case [first, *_]:
            assert first == 1
        case _:
            raise AssertionError


def test_arrays_are_sequences_and_of_floats_buffers(read):
    found = read("string array", pair("a", "b"))
    assert isinstance(found, ancient.Array)
    assert found == ["a", "b"]
    assert found[::-1] == ["b", "a"]
    assert repr(found) == "Array(['a', 'b'])"
    assert read("string array", pair()) == []
    for schema in ("float array", "floatarray", "Float.Array.t"):
        floats = read(schema, FloatArray([1.5, 2.5]))
        assert isinstance(floats, ancient.FloatArray)
        assert memoryview(floats).tolist() == [1.5, 2.5]
        assert len(read(schema, pair())) == 0
    assert read("float array", pair(1.5, 2.5)) == [1.5, 2.5]


def test_refs_have_contents(read):
    found = read("int ref", pair(5))
    assert found.contents == 5
    assert repr(found) == "Ref(5)"
    assert found == read("int ref", pair(5)) != read("int ref", pair(6))


def test_bigarrays_are_what_they_are_without_types(read):
    value = Bigarray("float64", [2], [1.0, 2.0])
    schema = "(float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t"
    assert read(schema, value).tolist() == [1.0, 2.0]
    with pytest.raises(ancient.BadShapeError):
        read(schema.replace("float64", "float32"), value)


# ---- Records ----


def test_records_have_their_fields_as_attributes_and_nothing_else(read):
    found = read(PACKAGE + "val root : Package.t", VIM)
    assert (found.version, found.size) == ("9.1", 3)
    assert found.depends[1].alternatives[0] == "perl5"
    assert [name for name in dir(found) if not name.startswith("__")] == [
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

TREE = "type tree = Leaf | Node of tree * int * tree | Tip\nval root : tree"


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
    assert (left, number, right, len(db[0])) == (types.Leaf, 5, types.Tip, 3)
    assert db[0]._1 == 5


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


def hash_of_variant(name):
    h = 0
    for byte in name.encode():
        h = (h * 223 + byte) & 0x7FFFFFFF
    return h - (1 << 31) if h >= 1 << 30 else h


def test_polymorphic_variants_match(make_file):
    schema = "type t = [ `Red | `Other of int * int ]\nval root : t"
    other = pair(hash_of_variant("Other"), pair(1, 2))
    db = ancient.open(make_file({0: hash_of_variant("Red"), 1: other}), schema=schema)
    types = db.types(0)
    assert db[0] == types.Red
    match db[1]:
        case types.Other((1, n)):
            assert n == 2
        case _:
            raise AssertionError
    assert repr(db[0]) == "Red"
    assert repr(db[1]) == "Other((...))"
    db = ancient.open(make_file({0: hash_of_variant("Red")}), schema="val root : [ `Red | `Blue ]")
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


# ---- Containers ----


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


# ---- Copies ----


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
    with pytest.raises(RecursionError):
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


# ---- Views and stores ----


def test_views_cannot_be_changed(read):
    for found in (
        read(TABLE, table()),
        read(TABLE, table())["vim"],
        read("int list", ocaml_list([1])),
        read(TREE, Block(0, 0, 5, 1)),
    ):
        with pytest.raises((TypeError, AttributeError)):
            found.x = 1


def test_views_live_longer_than_their_store(make_file):
    with ancient.open(make_file({0: table()}), schema=TABLE) as db:
        found = db[0]
    assert found["vim"].depends[0].name == "libc6"


def test_raw_values_are_there_beside_typed_ones(make_file):
    path = make_file({0: VIM}, names={0: "vim"})
    schema = PACKAGE + "val root : Package.t"
    db = ancient.open(path, schema=schema)
    assert isinstance(db.raw(0), ancient.Block)
    assert db.raw("vim")[0] == "9.1"
    assert db.schema(0) == schema
    assert ancient.open(path).schema(0) is None
    assert isinstance(ancient.open(path, schema=schema, raw=True)[0], ancient.Block)
    with pytest.raises(ancient.WrongKindError, match="no schema"):
        ancient.open(path).types(0)
    with pytest.raises(ancient.NoKeyError):
        db.raw(5)


def test_paths_lead_from_a_store_and_from_a_value(make_file):
    db = ancient.open(make_file({0: table()}, names={0: "packages"}), schema=TABLE)
    assert db.at('packages["vim"].version') == "9.1"
    assert db.at('0["vim"].depends[1].alternatives[0]') == "perl5"
    assert db.at("packages") == db[0]
    assert ancient.at(db[0], '["vim"].size') == 3
    for path, error in [
        ('nothing["vim"]', ancient.NoKeyError),
        ('packages["emacs"]', ancient.NoKeyError),
        ('packages["vim"].nothing', ancient.NoFieldError),
        ('packages["vim"].depends[7]', ancient.NoIndexError),
        ('packages["vim"].version.x', ancient.WrongKindError),
        ("packages[", ancient.ArgumentError),
    ]:
        with pytest.raises(error):
            db.at(path)
    with pytest.raises(ancient.WrongKindError, match="no schema"):
        ancient.open(make_file({0: VIM})).at("0.version")


@pytest.mark.parametrize("schema", ["", "val root : nothing", "type t = { x : int", "val root"])
def test_what_is_no_schema_is_refused_with_line_and_column(make_file, schema):
    with pytest.raises(ancient.BadSchemaError, match="schema: "):
        ancient.open(make_file({0: 1}), schema=schema)


def test_refresh_keeps_the_schema(make_file, tmp_path):
    path = make_file({0: 5})
    db = ancient.open(path, schema="val root : int option option")
    other = make_file({0: some(0)})
    other.rename(path)
    assert db.refresh()
    assert db[0] == ancient.Some(None)


def test_a_stored_schema_is_used_by_itself_and_wins(tmp_path):
    from ancientfile import AncientFile, Schema

    text = "type t = { name : string }\nval root : t"
    path = tmp_path / "file"
    file = AncientFile().commit({0: pair("vim"), 1: 5}, None, {0: Schema(text, "{name:string}")})
    path.write_bytes(file.image)
    db = ancient.open(path)
    assert (db[0].name, db[1]) == ("vim", 5)
    assert db.at("0.name") == "vim"
    assert db.types(0).t is type(db[0])
    assert isinstance(db.raw(0), ancient.Block)
    db = ancient.open(path, schema="val root : int option option")
    assert db[0].name == "vim"
    with pytest.raises(ancient.BadShapeError):
        db[1]
    assert ancient.open(path, raw=True)[0][0] == "vim"


# ---- Values of other shapes than their types ----

SCHEMAS = {
    "unit": 0,
    "bool": 1,
    "int": -7,
    "char": 200,
    "string": "text",
    "bytes": b"\xff",
    "float": 1.5,
    "int32": Int32(1),
    "int64": Int64(1),
    "nativeint": Nativeint(1),
    "Z.t": Z(10**40),
    "floatarray": FloatArray([1.5]),
    "float array": FloatArray([1.5, 2.5]),
    "string array": pair("a", "b"),
    "int * string": pair(1, "a"),
    "int * int * int": pair(1, 2, 3),
    "int list": ocaml_list([1, 2]),
    "(int * string) list list": ocaml_list([ocaml_list([pair(1, "a")])]),
    "string option option": some(some("a")),
    "(int, string) result": Block(1, "no"),
    "int ref": pair(1),
    "string lazy_t": Lazy("a"),
    "(string, int) Hashtbl.t": string_hashtbl([("a", 1), ("b", 2)], 2),
    "(int, float) Hashtbl.t": pair(0, pair(0), 0, 1),
    "[ `A | `B of int ]": pair(66, 1),
    "(float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t": Bigarray(
        "float64", [2], [1.0, 2.0]
    ),
    "type t = { x : float; y : float }\nval root : t": FloatArray([1.0, 2.0]),
    "type t = { a : int; b : t option }\nval root : t": pair(1, some(pair(2, 0))),
    TREE: Block(0, 0, 5, 1),
    "module M : Map.S with type key = int [@@ancient.order standard]\nval root : int M.t": leaf(
        1, 2
    ),
    "module S : Set.S with type elt = string\nval root : S.t": leaf("a", None),
    "type u = { s : string } [@@unboxed]\nval root : u array": pair("a"),
}


def use(value, depth=0):
    """Does everything with a value that can be done; only our own exceptions may come."""
    attempts = [repr, hash, len, list, bool, ancient.to_python, ancient.asdict, lambda v: v == v]
    attempts += [lambda v: v["a"], lambda v: v[0], lambda v: v.get("a"), lambda v: v.getall(1)]
    attempts += [lambda v: list(v.items()), lambda v: v.contents, lambda v: "a" in v]
    parts = []
    for attempt in attempts:
        try:
            found = attempt(value)
        except (ancient.Error, TypeError, AttributeError, IndexError, KeyError):
            continue
        if isinstance(found, (list, tuple)):
            parts += found
        elif isinstance(found, dict):
            parts += found.values()
    if depth < 4:
        for part in parts[:8]:
            use(part, depth + 1)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_value_of_another_shape_is_an_error_and_no_crash(make_file, schema):
    assert len(SCHEMAS) >= 30
    path = make_file(dict(enumerate(SCHEMAS.values())))
    db = ancient.open(path, schema=schema if "val root" in schema else f"val root : {schema}")
    for key, written in enumerate(SCHEMAS):
        try:
            use(db[key])
        except ancient.BadShapeError as error:
            assert written != schema
            assert "the value has not the shape of its type" in str(error)
        else:
            if written == schema:
                ancient.to_python(db[key])


INTEROP = pathlib.Path(__file__).resolve().parent.parent / "interop"


@pytest.fixture(scope="module")
def ocaml_types():
    """name: (text, fingerprint), of the types that OCaml and C are tried with too."""
    cases = (INTEROP / "schemas.txt").read_text().split("\n# ")[1:]
    found = {}
    for case in cases:
        name, rest = case.split("\n", 1)
        text, _, fingerprint = rest.partition("\n= ")
        found[name] = (text, fingerprint.splitlines()[1])
    return found


@pytest.fixture(scope="module")
def untyped(ocaml_types, tmp_path_factory):
    """The file of their values, which OCaml has written, without their types."""
    image = bytearray((INTEROP / "schemas.ancient").read_bytes())
    layout = Layout(bytes(image))
    for key in range(len(ocaml_types)):
        at = layout(f"key({key}).schema")
        image[at : at + 8] = bytes(8)
    reseal(image, layout.extents)
    path = tmp_path_factory.mktemp("pairs") / "untyped.ancient"
    path.write_bytes(image)
    return path


def test_every_value_of_the_table_is_read_as_every_type(ocaml_types, untyped):
    assert len(ocaml_types) >= 30
    refused = 0
    for text, fingerprint in ocaml_types.values():
        db = ancient.open(untyped, schema=text)
        for key, (_, written) in enumerate(ocaml_types.values()):
            try:
                use(db[key])
                ancient.to_python(db[key])
            except ancient.BadShapeError:
                assert written != fingerprint
                refused += 1
    assert refused > len(ocaml_types) * (len(ocaml_types) - 3)
