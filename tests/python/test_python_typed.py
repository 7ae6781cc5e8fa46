"""python: typed values: what each type of section 12.3 becomes, and what views can do."""

import collections.abc

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
)
from typedsamples import PACKAGE, TABLE, TREE, VIM, some, table

import ancient

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
