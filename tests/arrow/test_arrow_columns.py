"""tests/arrow: columns as Arrow arrays, in pyarrow, polars and pandas."""

import gc
import pickle

import pandas
import polars
import pyarrow
import pytest
from ancientfile import AncientFile
from ancientvalue import Block, FloatArray

import ancient

SCHEMA = """
type kind = Small | Large | Other
type part = { n : int; kind : kind; x : float option }
type t = { size : int; weight : float; good : bool; rank : int option; kind : kind;
           maybe : kind option; parts : part list; sizes : int array; floats : float array }
val root : t array
"""
NAMES = ("Small", "Large", "Other")


def some(value):
    return Block(0, value)


def listed(values):
    cells = 0
    for value in reversed(values):
        cells = Block(0, value, cells)
    return cells


def made(i):
    parts = [Block(0, k, k % 3, some(k / 2) if k % 2 else 0) for k in range(i % 4)]
    return Block(
        0,
        i - 5,
        i / 4,
        i % 2,
        some(i) if i % 3 else 0,
        i % 3,
        some(i % 3) if i % 2 else 0,
        listed(parts),
        Block(0, *range(i % 3)),
        FloatArray([i / 2] * (i % 3 + 1)),
    )


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    file = AncientFile()
    file.commit({0: Block(0, *map(made, range(300)))})
    path = tmp_path_factory.mktemp("columns") / "columns.ancient"
    path.write_bytes(file.image)
    return ancient.open(path, schema=SCHEMA)[0]


WANTED = {
    "size": ("int64", lambda i: i - 5),
    "weight": ("double", lambda i: i / 4),
    "good": ("bool", lambda i: i % 2 == 1),
    "rank": ("int64", lambda i: i if i % 3 else None),
    "kind": ("dictionary<values=string, indices=int8, ordered=0>", lambda i: NAMES[i % 3]),
    "maybe": (
        "dictionary<values=string, indices=int8, ordered=0>",
        lambda i: NAMES[i % 3] if i % 2 else None,
    ),
    "sizes[*]": ("large_list<item: int64 not null>", lambda i: [*range(i % 3)]),
    "floats[*]": ("large_list<item: double not null>", lambda i: [i / 2] * (i % 3 + 1)),
    "parts[*].x": (
        "large_list<item: double>",
        lambda i: [k / 2 if k % 2 else None for k in range(i % 4)],
    ),
    "parts[*].kind": (
        "large_list<item: dictionary<values=string, indices=int8, ordered=0>>",
        lambda i: [NAMES[k % 3] for k in range(i % 4)],
    ),
}


@pytest.mark.parametrize("path", WANTED)
def test_a_column_is_an_array(rows, path):
    type, value = WANTED[path]
    wanted = [value(i) for i in range(300)]
    column = ancient.column(rows, path)
    array = pyarrow.array(column)
    array.validate(full=True)
    assert str(array.type) == type and pyarrow.field("", array.type) is not None
    assert array.to_pylist() == wanted
    assert pyarrow.DataType._import_from_c_capsule(column.__arrow_c_schema__()) == array.type
    assert polars.Series(column).to_list() == wanted
    again = pyarrow.array(pickle.loads(pickle.dumps(column)))
    assert again.equals(array)
    del column, again
    gc.collect()
    assert array.to_pylist() == wanted


@pytest.mark.parametrize("path", [path for path in WANTED if "*" not in path])
@pytest.mark.parametrize(
    "part", [slice(3, 50), slice(None, None, -1), slice(1, 200, 7), slice(5, 5)]
)
def test_slices_are_arrays(rows, path, part):
    array = pyarrow.array(ancient.column(rows, path)[part])
    array.validate(full=True)
    assert array.to_pylist() == [WANTED[path][1](i) for i in range(300)][part]


def test_numbers_are_in_place(rows):
    column = ancient.column(rows, "size")
    array = pyarrow.array(column)
    memoryview(column)[7] = 12345
    assert array[7].as_py() == 12345
    assert pyarrow.array(column[2:]).buffers()[1].address == array.buffers()[1].address + 16


def test_pandas_takes_them(rows):
    series = pandas.Series(pyarrow.array(ancient.column(rows, "kind")).to_pandas())
    assert [*series] == [NAMES[i % 3] for i in range(300)]
    assert pandas.Series(ancient.column(rows, "size")).sum() == sum(i - 5 for i in range(300))


def test_what_was_written_to_a_column_is_tested(rows):
    column = ancient.column(rows, "kind")
    memoryview(column)[0:2].cast("B").cast("q")[0] = 99
    memoryview(column)[1] = -(2**40)
    array = pyarrow.array(column)
    array.validate(full=True)
    assert array.to_pylist()[:3] == [None, None, "Other"]
    lists = ancient.column(rows, "sizes[*]")
    memoryview(lists.offsets)[3] = 2**40
    with pytest.raises(ValueError, match="offsets"):
        lists.__arrow_c_array__()
