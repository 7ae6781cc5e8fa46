"""python: typed values of other shapes than their types."""

import pathlib

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
from typedsamples import TREE, leaf, some

import ancient

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
