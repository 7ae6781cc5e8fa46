"""python: the capsules of Arrow data, with no library for Arrow: by ctypes, from Arrow's own
specification.  tests/arrow has the libraries."""

import ctypes
import gc
import pickle
import struct

import pytest
from ancientfile import AncientFile
from ancientvalue import Bigarray, Block, FloatArray

import ancient


class Schema(ctypes.Structure):
    pass


class Array(ctypes.Structure):
    pass


class Stream(ctypes.Structure):
    pass


Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))),
    ("private_data", ctypes.c_void_p),
]
Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.POINTER(Array)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))),
    ("private_data", ctypes.c_void_p),
]
Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.POINTER(Stream))),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Stream))),
    ("private_data", ctypes.c_void_p),
]

pointer = ctypes.pythonapi.PyCapsule_GetPointer
pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


def content(capsule, kind, name):
    return kind.from_address(pointer(capsule, name))


def numbers(array, format):
    """Buffer 1 of an array of numbers."""
    size = struct.calcsize(format)
    data = ctypes.string_at(array.buffers[1], array.length * size)
    return [n for (n,) in struct.iter_unpack(format, data)]


def texts(array):
    offsets = struct.unpack(
        f"{array.length + 1}i", ctypes.string_at(array.buffers[1], 4 * (array.length + 1))
    )
    data = ctypes.string_at(array.buffers[2], offsets[-1])
    return [data[a:b].decode() for a, b in zip(offsets, offsets[1:])]


RECORDS = "type t = { name : string; size : int } val root : t array"


@pytest.fixture
def records(read):
    return read(RECORDS, Block(0, *[Block(0, f"n{i}", i) for i in range(10)]))


def take(table):
    """The sizes and the lengths of the batches."""
    capsule = table.__arrow_c_stream__()
    stream = content(capsule, Stream, b"arrow_array_stream")
    sizes, lengths = [], []
    while True:
        batch = Array()
        assert stream.get_next(stream, batch) == 0
        if not batch.release:
            return sizes, lengths
        lengths.append(batch.length)
        sizes += numbers(batch.children[batch.n_children - 1].contents, "q")
        batch.release(batch)


def test_a_stream_by_hand(records):
    capsule = records.__arrow_c_schema__()
    schema = content(capsule, Schema, b"arrow_schema")
    assert schema.format == b"+s" and schema.n_children == 2
    assert [schema.children[i].contents.name for i in range(2)] == [b"name", b"size"]
    assert [schema.children[i].contents.format for i in range(2)] == [b"u", b"l"]
    assert take(records) == (list(range(10)), [10])
    assert take(ancient.table(records, ["size"], batch_rows=4)) == (list(range(10)), [4, 4, 2])
    capsule = records.__arrow_c_stream__(requested_schema=None)
    batch = Array()
    stream = content(capsule, Stream, b"arrow_array_stream")
    del records
    gc.collect()
    assert stream.get_next(stream, batch) == 0
    assert texts(batch.children[0].contents) == [f"n{i}" for i in range(10)]
    stream.release(stream)
    del capsule, stream  # the capsule finds nothing to release
    batch.release(batch)


def test_capsules_that_nobody_takes_are_released(records):
    for _ in range(1000):
        records.__arrow_c_stream__()
        records.__arrow_c_schema__()
        next(ancient.table(records).batches())


def test_batches(records):
    batches = list(ancient.table(records).batches(3))
    lengths = []
    for batch in batches:
        schema, array = batch.__arrow_c_array__()
        assert content(schema, Schema, b"arrow_schema").n_children == 2
        lengths.append(content(array, Array, b"arrow_array").length)
    assert lengths == [3, 3, 3, 1]


@pytest.mark.parametrize(
    ("schema", "value", "expected", "format"),
    [
        ("float array", FloatArray([1.0, 2.0]), [1.0, 2.0], "d"),
        (
            "(int32, Bigarray.int32_elt, Bigarray.c_layout) Bigarray.Array1.t",
            Bigarray("int32", [3], [1, 2, 3]),
            [1, 2, 3],
            "i",
        ),
    ],
)
def test_arrays_in_place(read, schema, value, expected, format):
    view = read(schema, value)
    capsules = view.__arrow_c_array__(None)
    array = content(capsules[1], Array, b"arrow_array")
    assert array.buffers[1] == address_of(view)
    del view
    gc.collect()
    assert numbers(array, format) == expected


def address_of(view):
    """Where the numbers lie, by the buffer protocol."""
    import numpy

    return numpy.asarray(view).ctypes.data


def test_fortran_layout_is_refused(read):
    view = read(
        "(float, Bigarray.float64_elt, Bigarray.fortran_layout) Bigarray.Array2.t",
        Bigarray("float64", [1, 2], [1.0, 2.0], layout="fortran"),
    )
    with pytest.raises(ancient.WrongKindError, match="Fortran"):
        view.__arrow_c_array__()


def test_arguments(records, read):
    assert ancient.table(records).schema == {"name": "utf8", "size": "int64"}
    assert ancient.table(records).select(["size"]).column_names == ["size"]
    assert repr(ancient.table(records)) == "<ancient.Table of 10 rows: name: utf8, size: int64>"
    assert pickle.loads(pickle.dumps(ancient.table(records, ["size"]))).column_names == ["size"]
    with pytest.raises(TypeError, match="list of paths"):
        ancient.table(records, "size")
    with pytest.raises(TypeError, match="is str, not int"):
        ancient.table(records, [1])
    with pytest.raises(ValueError, match="null character"):
        ancient.table(records, ["a\0b"])
    with pytest.raises(ValueError, match="'replace'"):
        ancient.table(records, strings="utf8")
    with pytest.raises(TypeError, match="List, Array, Hashtbl, Map or Set"):
        ancient.table([1, 2])
    with pytest.raises(ancient.NoFieldError, match="has no field .*, only "):
        ancient.table(records, ["nothing"])
    with pytest.raises(TypeError):
        records.__arrow_c_stream__(3)
    with pytest.raises(TypeError, match="requested_schema"):
        records.__arrow_c_stream__(None, None)


def test_strings_follow_the_store(make_file):
    path = make_file({0: Block(0, b"\xff")})
    view = ancient.open(path, schema="val root : string array", strings="bytes")[0]
    assert ancient.table(view).schema == {"value": "binary"}
    view = ancient.open(path, schema="val root : string array")[0]
    assert ancient.table(view).schema == {"value": "utf8"}
    with pytest.raises(ValueError, match=r'expected UTF-8.*"bytes".*row 0, column value'):
        list(ancient.table(view).batches())


def test_a_limit_ends_a_table_that_shares_too_much(tmp_path):
    from ancientvalue import String

    shared = String("x" * 100_000)
    file = AncientFile()
    file.commit({0: Block(0, *[shared] * 2000)})
    path = tmp_path / "shared.ancient"
    path.write_bytes(file.image)
    view = ancient.open(path, schema="val root : string array")[0]
    with pytest.raises(ValueError, match="limit of 50000000 bytes"):
        for _ in ancient.table(view, limit=50_000_000).batches():
            pass


def test_libraries_that_are_missing_are_named(records, monkeypatch):
    import sys

    for name in ["pyarrow", "pandas", "polars"]:
        monkeypatch.setitem(sys.modules, name, None)
    table = ancient.table(records)
    for call in [table.to_arrow, table.to_pandas, table.to_polars]:
        with pytest.raises(ImportError, match="pip install"):
            call()


def test_a_column_is_an_array_of_lists_and_names(make_file):
    rows = [Block(0, Block(0, 0, Block(0, 2, 0)), 1), Block(0, 0, 0), Block(0, Block(0, 1, 0), 1)]
    schema = "type k = A | B | C type t = { ks : k list; n : int } val root : t array"
    view = ancient.open(make_file({0: Block(0, *rows)}), schema=schema)[0]
    types, capsule = ancient.column(view, "ks[*]").__arrow_c_array__()
    gc.collect()
    schema, array = content(types, Schema, b"arrow_schema"), content(capsule, Array, b"arrow_array")
    assert (schema.format, schema.n_children) == (b"+L", 1)
    inner, values = schema.children[0].contents, array.children[0].contents
    assert (inner.format, inner.dictionary.contents.format) == (b"c", b"u")
    assert array.length == 3 and values.length == 3
    assert struct.unpack("4q", ctypes.string_at(array.buffers[1], 32)) == (0, 2, 2, 3)
    assert numbers(values, "b") == [0, 2, 1]
    assert texts(values.dictionary.contents) == ["A", "B", "C"]
    plain = ancient.column(view, "n")
    _, capsule = plain.__arrow_c_array__(None)
    array = content(capsule, Array, b"arrow_array")
    assert numbers(array, "q") == [1, 0, 1] and array.null_count == 0
    memoryview(plain)[1] = 7
    assert numbers(array, "q") == [1, 7, 1]
    del plain
    gc.collect()
    assert numbers(array, "q") == [1, 7, 1]
