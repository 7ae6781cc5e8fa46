"""tests/arrow: values of many types, and the rows that they are in Arrow, written by hand."""

import dataclasses
import decimal
import pathlib
import typing

import pytest
from ancientfile import AncientFile
from ancientvalue import Bigarray, Block, FloatArray, Int32, Z, poly_tag

import ancient

SCHEMA = """
type origin = { host : string; port : int }
type colour = Red | Green | Blue
type source = Local | Git of string * int | Url of { u : string } | Number of int
module M : Map.S with type key = string
type t = { key : string; size : int; score : float option; tags : string list;
           origin : origin option; colour : colour; b : bool; z : Z.t; u : unit; ch : char;
           i32 : int32; oo : int option option; source : source;
           table : (int option, string) Hashtbl.t; map : int M.t; res : (int, string) result;
           arr : (int * float) array; lz : string Lazy.t; poly : [ `A | `B of int ];
           c2 : colour option;
           big : (float, Bigarray.float32_elt, Bigarray.c_layout) Bigarray.Array1.t;
           by : bytes; fl : floatarray; sometimes : int option }
"""

COLOURS = ["Red", "Green", "Blue"]
BIG = 2**60 + 1


def list_of(elements):
    cells = 0
    for element in reversed(list(elements)):
        cells = Block(0, element, cells)
    return cells


def some(value):
    return Block(0, value)


def table_of(pairs, buckets=2):
    """A Hashtbl; where a binding lies does not matter to who takes all."""
    cells = [0] * buckets
    for i, (key, value) in enumerate(pairs):
        cells[i % buckets] = Block(0, key, value, cells[i % buckets])
    return Block(0, len(pairs), Block(0, *cells), 0, buckets)


def source_of(i):
    return [0, Block(0, f"git{i}", i), Block(1, f"url{i}"), Block(2, i)][i % 4]


def record(i):
    odd = i % 2
    return Block(
        0,
        f"key {i}",
        BIG + i,
        some(i + 0.5) if odd else 0,
        list_of(f"tag{j}" for j in range(i % 3)),
        some(Block(0, f"höst{i}", i)) if i % 3 else 0,
        i % 3,
        odd,
        Z(10 ** (i % 37)),
        0,
        i % 256,
        Int32(-i),
        [0, some(0), some(some(i))][i % 3],
        source_of(i),
        table_of([(0, "none"), (some(i), "some")]),
        Block(0, 0, "x", i, 0, 1) if odd else 0,
        Block(odd, "bad" if odd else i),
        Block(0, Block(0, i, 2.5), Block(0, 3, 4.5)) if odd else Block(0),
        f"lazy{i}",
        poly_tag("A") if odd else Block(0, poly_tag("B"), i),
        0 if i % 4 == 0 else some(i % 3),
        Bigarray("float32", [i % 5], [float(j) for j in range(i % 5)]),
        b"\xff\x00" * (i % 3),
        FloatArray([float(i), 0.5]) if odd else Block(0),
        some(BIG) if odd else 0,
    )


def row(i):
    """The same in Arrow, as pyarrow gives it."""
    odd = i % 2
    members = [
        {},
        {"Git": {"_0": f"git{i}", "_1": i}},
        {"Url": {"u": f"url{i}"}},
        {"Number": i},
    ][i % 4]
    tag = ["Local", "Git", "Url", "Number"][i % 4]
    return {
        "key": f"key {i}",
        "size": BIG + i,
        "score": i + 0.5 if odd else None,
        "tags": [f"tag{j}" for j in range(i % 3)],
        "origin": {"host": f"höst{i}", "port": i} if i % 3 else None,
        "colour": COLOURS[i % 3],
        "b": bool(odd),
        "z": decimal.Decimal(10 ** (i % 37)),
        "u": None,
        "ch": i % 256,
        "i32": -i,
        "oo": [None, {"value": None}, {"value": i}][i % 3],
        "source": {"tag": tag, "Git": None, "Url": None, "Number": None, **members},
        "table": [{"key": None, "value": "none"}, {"key": i, "value": "some"}],
        "map": [("x", i)] if odd else [],
        "res": {"tag": "Error", "Ok": None, "Error": "bad"}
        if odd
        else {"tag": "Ok", "Ok": i, "Error": None},
        "arr": [{"_0": i, "_1": 2.5}, {"_0": 3, "_1": 4.5}] if odd else [],
        "lz": f"lazy{i}",
        "poly": {"tag": "A", "B": None} if odd else {"tag": "B", "B": i},
        "c2": None if i % 4 == 0 else COLOURS[i % 3],
        "big": [float(j) for j in range(i % 5)],
        "by": b"\xff\x00" * (i % 3),
        "fl": [float(i), 0.5] if odd else [],
        "sometimes": BIG if odd else None,
    }


@dataclasses.dataclass
class Sample:
    path: pathlib.Path
    schema: str
    view: typing.Any
    rows: list[dict[str, typing.Any]]


@pytest.fixture
def read(tmp_path):
    """read(schema, value) publishes a value and gives its view."""

    def read(schema, value, **options):
        file = AncientFile()
        file.commit({0: value})
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.ancient"
        path.write_bytes(file.image)
        schema = schema if "val root" in schema else f"val root : {schema}"
        return ancient.open(path, schema=schema, **options)[0]

    return read


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """(string, t) Hashtbl.t of a few thousand rows, as the demo's index of packages is one."""
    count = 4_000
    file = AncientFile()
    file.commit({0: table_of([(f"name{i}", record(i)) for i in range(count)], 8192)})
    path = tmp_path_factory.mktemp("arrow") / "sample.ancient"
    path.write_bytes(file.image)
    schema = SCHEMA + "val root : (string, t) Hashtbl.t"
    rows = []
    for i in range(count):
        values = row(i)
        values["value.key"] = values.pop("key")
        rows.append({"key": f"name{i}", **values})
    return Sample(path, schema, ancient.open(path, schema=schema)[0], rows)
