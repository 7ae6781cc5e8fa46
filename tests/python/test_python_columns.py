"""python: a Column as what numpy, and a reader of a list, expect of it."""

import collections.abc
import copy
import gc
import math
import pickle
import sys

import numpy
import pytest
from ancientfile import Block, ocaml_list, pair, poly_tag

import ancient

SCHEMA = """
type kind = Red | Mix of int | Green | Grey of { level : int }
type t = { size : int; weight : float; good : bool; rank : int option; kind : kind;
           maybe : kind option; poly : [ `Zebra | `Ant of int | `Cat ] }
val root : t array
"""
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
ROWS = 12
KINDS = [0, Block(0, 5), 1, Block(1, 7)]
POLY = [poly_tag("Zebra"), pair(poly_tag("Ant"), 3), poly_tag("Cat")]


def record(i):
    rank = 0 if i % 3 == 0 else pair(i)
    maybe = 0 if i % 5 == 0 else pair(KINDS[i % 4])
    return pair(i, i / 4, i % 2, rank, KINDS[i % 4], maybe, POLY[i % 3])


@pytest.fixture
def view(make_file):
    return ancient.open(make_file({0: pair(*map(record, range(ROWS)))}), schema=SCHEMA)[0]


@pytest.fixture
def size(view):
    return ancient.column(view, "size")


ALL = ["size", "weight", "good", "rank", "kind", "maybe"]
CUTS = [
    slice(None),
    slice(2, 7),
    slice(None, None, 3),
    slice(None, None, -1),
    slice(9, 1, -2),
    slice(5, 5),
    slice(-3, None),
    slice(40, 50),
    slice(7, 2),
]


# ---- As a list ----


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("cut", CUTS, ids=str)
def test_a_slice_is_a_column_over_the_same_memory(view, path, cut):
    column = ancient.column(view, path)
    part = column[cut]
    assert type(part) is ancient.Column
    assert [*map(repr, part)] == [*map(repr, column.tolist()[cut])]
    assert len(part) == len(column.tolist()[cut])
    assert part.categories == column.categories
    if column.present is not None:
        assert part.present.tolist() == column.present.tolist()[cut]
    array = numpy.asarray(part)
    assert array.dtype == numpy.asarray(column).dtype
    assert [*map(repr, array.tolist())] == [*map(repr, part)]
    assert part[::2].tolist() == pytest.approx(part.tolist()[::2], nan_ok=True)
    if len(part) > 0:
        array[0] = 1
        assert column.tolist()[cut][0] == 1


def test_a_slice_keeps_the_memory_and_says_how_it_lies(size):
    part = size[1:8:2]
    del size
    gc.collect()
    assert part.tolist() == [1, 3, 5, 7]
    assert memoryview(part).strides == (16,) and not memoryview(part).contiguous
    assert memoryview(part[:1]).contiguous and memoryview(part[1:1]).nbytes == 0
    assert bytes(part) == numpy.asarray(part).tobytes()
    with pytest.raises(BufferError, match="one behind the other"):
        numpy.frombuffer(part, "int64")
    assert numpy.frombuffer(part[:1], "int64").tolist() == [1]


def test_it_has_index_count_and_in(size, view):
    assert size.index(7) == 7 and size[3:].index(7) == 4 and size.index(7, 5, -1) == 7
    assert size[::-1].count(4) == size.count(4.0) == 1 and size.count("4") == 0
    assert ancient.column(view, "good").count(True) == ROWS // 2
    assert 4 in size and 40 not in size and [*reversed(size)][0] == ROWS - 1
    for wrong in ((7, 8), (40,), ("x",)):
        with pytest.raises(ValueError):
            size.index(*wrong)
    for i in (ROWS, -ROWS - 1, 2**70):
        with pytest.raises(IndexError):
            size[i]
    for key in ("x", None, (1, 2), 1.0):
        with pytest.raises(TypeError):
            size[key]


def test_it_is_equal_by_what_it_holds(view, size):
    assert size == size[:] == ancient.column(view, "size") and size != size[::-1]
    assert (size == 3, size != [*size], size == size[1:]) == (False, True, False)
    assert ancient.column(view, "weight") != size
    assert ancient.column(view, "weight")[4:5] == size[1:2]
    rank = ancient.column(view, "rank")
    other = ancient.column(view, "rank")
    memoryview(other)[0] = 99  # a row without a value
    assert other == rank
    memoryview(other)[1] = 99
    assert other != rank
    assert rank[1:2] == size[1:2] and rank[0:1] != size[0:1]
    assert ancient.column(view, "kind")[0:1] != size[0:1]  # a name, and a number
    nan = ancient.column(view, "weight")[:1]
    memoryview(nan)[0] = math.nan
    assert nan != nan[:]
    with pytest.raises(TypeError):
        hash(size)
    with pytest.raises(TypeError):
        size < size[:]  # noqa: B015


def test_it_is_no_sequence_that_is_taken_one_by_one(size):
    assert not isinstance(size, collections.abc.Sequence)


def test_sizes_are_honest(view, make_file):
    many = ancient.open(make_file({0: pair(*range(10000))}), schema="val root : int array")[0]
    column = ancient.column(many)
    assert column.nbytes == 80000 <= sys.getsizeof(column) < 82000
    assert column[::2].nbytes == 40000 and sys.getsizeof(column[::2]) < 300
    good = ancient.column(view, "good")
    assert good.nbytes == ROWS < sys.getsizeof(good)


# ---- Variants ----


def test_numbers_of_variants_have_names(view):
    kind = ancient.column(view, "kind")
    assert kind.categories == ("Red", "Mix", "Green", "Grey")
    assert [kind.categories[n] for n in kind] == [ancient.constructor(r.kind) for r in view]
    assert [kind.categories[n] for n in kind[::-1]] == [
        ancient.constructor(r.kind) for r in reversed(view)
    ]
    assert repr(kind) == f"<ancient.Column of {ROWS} int64, 4 categories>"
    maybe = ancient.column(view, "maybe")
    assert maybe.tolist() == [
        -1 if r.maybe is None else maybe.categories.index(ancient.constructor(r.maybe))
        for r in view
    ]
    assert maybe.present.tolist() == [n >= 0 for n in maybe]
    for path in ("size", "weight", "good", "rank"):
        assert ancient.column(view, path).categories is None


def test_polymorphic_variants_are_numbered_by_name(view):
    poly = ancient.column(view, "poly")
    assert poly.categories == ("Ant", "Cat", "Zebra")
    assert [poly.categories[n] for n in poly] == [ancient.constructor(r.poly) for r in view]


# ---- numpy ----


def test_array_has_the_arguments_of_numpy(size):
    array = size.__array__()
    assert array.dtype == "int64" and numpy.shares_memory(array, numpy.asarray(size))
    assert size.__array__("float32").dtype == "float32"
    assert size.__array__(numpy.dtype("int64"), copy=False).tolist() == [*size]
    copied = size.__array__(None, copy=True)
    copied[0] = 77
    assert size[0] == 0
    assert size.__array__("float64", copy=True).tolist() == [*size]
    with pytest.raises(ValueError, match="copy=False"):
        size.__array__("float32", copy=False)
    for wrong in ({"dtype": "nothing"}, {"copies": 1}):
        with pytest.raises(TypeError):
            size.__array__(**wrong)
    assert numpy.array(size, copy=True).flags.owndata
    if numpy.lib.NumpyVersion(numpy.__version__) >= "2.0.0":
        assert numpy.shares_memory(numpy.array(size, copy=False), numpy.asarray(size))


@pytest.mark.parametrize("path", ["size", "weight", "good"])
def test_dlpack_is_read_only(view, path):
    column = ancient.column(view, path)
    for part in (column, column[::-1], column[1::3], column[:0]):
        assert part.__dlpack_device__() == (1, 0)
        for arguments in ({}, {"max_version": None}, {"max_version": (0, 8)}):
            with pytest.raises(BufferError, match="DLPack 1.0"):
                part.__dlpack__(**arguments)
        capsule = part.__dlpack__(max_version=(1, 3), dl_device=(1, 0), copy=None)
        assert "dltensor_versioned" in repr(capsule)
        if numpy.lib.NumpyVersion(numpy.__version__) >= "2.1.0":
            array = numpy.from_dlpack(part)
            assert array.tolist() == [*part] and not array.flags.writeable
            assert array.dtype == numpy.asarray(part).dtype
            assert len(part) == 0 or numpy.shares_memory(array, numpy.asarray(part))
            copied = numpy.from_dlpack(part, copy=True)
            assert copied.tolist() == [*part] and copied.flags.writeable
            assert not numpy.shares_memory(copied, numpy.asarray(part))


def test_dlpack_keeps_the_memory(view):
    if numpy.lib.NumpyVersion(numpy.__version__) < "2.1.0":
        return  # knows no versions of DLPack
    column = ancient.column(view, "size")
    before = sys.getrefcount(column)
    array = numpy.from_dlpack(column)
    unused = column.__dlpack__(max_version=(1, 0))
    assert sys.getrefcount(column) == before + 2
    del array, unused
    assert sys.getrefcount(column) == before
    array = numpy.from_dlpack(column)
    del column, view
    gc.collect()
    assert array.tolist() == [*range(ROWS)]


def test_dlpack_refuses_what_it_cannot_do(size):
    for arguments in ({"dl_device": (2, 0)}, {"dl_device": (1, 1)}, {"stream": 1}):
        with pytest.raises(BufferError, match="no other device"):
            size.__dlpack__(max_version=(1, 0), **arguments)
    for arguments in (
        {"max_version": 1},
        {"max_version": (1,)},
        {"max_version": ("1", "0")},
        {"dl_device": 1},
        {"version": 1},
    ):
        with pytest.raises(TypeError):
            size.__dlpack__(**arguments)
    with pytest.raises(TypeError):
        size.__dlpack__(None)


# ---- Pickles ----


@pytest.mark.parametrize("path", [*ALL, "poly"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_columns_pickle_with_their_data(view, path, protocol):
    column = ancient.column(view, path)
    for part in (column, column[1::2], column[::-1], column[:0]):
        again = pickle.loads(pickle.dumps(part, protocol))
        assert again == part and repr(again) == repr(part)
        assert [*map(repr, again)] == [*map(repr, part)]
        assert (again.present is None) == (part.present is None)
        assert again.categories == part.categories
        assert not numpy.shares_memory(numpy.asarray(again), numpy.asarray(part))


def test_columns_pickle_out_of_band(size):
    buffers = []
    data = pickle.dumps(size, 5, buffer_callback=buffers.append)
    assert len(buffers) == 1 and buffers[0].raw().nbytes == size.nbytes
    assert pickle.loads(data, buffers=buffers) == size
    assert pickle.loads(data, buffers=[bytes(size)]) == size


def test_columns_copy(view, size):
    for column in (size, ancient.column(view, "maybe")):
        for again in (copy.copy(column), copy.deepcopy(column)):
            assert again == column
            memoryview(again)[1] = 3
            assert again != column


def test_a_pickle_of_a_column_that_is_none_is_refused(view, size):
    restore, arguments = size.__reduce_ex__(2)
    rank = ancient.column(view, "rank")
    assert restore(*arguments) == size
    ends = ancient.column(view, "size")
    for at, wrong in (
        (0, b"123"),
        (0, 5),
        (1, "i"),
        (1, ""),
        (1, "qq"),
        (2, 3),
        (2, rank),
        (2, rank.present[1:]),
        (3, ["Red"]),
        (3, (1,)),
        (4, 4),
        (4, rank.present),
        (4, ends[:0]),
        (4, ends),  # does not end at the number of values
        (4, ends[::-1]),
        (4, ends[1:]),
    ):
        with pytest.raises((ValueError, TypeError)):
            restore(*arguments[:at], wrong, *arguments[at + 1 :])
    assert restore(*arguments[:2], rank.present, *arguments[3:]).present == rank.present
    assert restore(b"\7\0\1", "?", None, None, None).tolist() == [True, False, True]
    with pytest.raises(ValueError):
        restore(b"\1", "?", None, ("a",), None)


def test_empty_columns_are_columns(make_file):
    view = ancient.open(make_file({0: ocaml_list([])}), schema="val root : int option list")[0]
    column = ancient.column(view)
    assert column == column[::-1] == pickle.loads(pickle.dumps(column))
    assert numpy.asarray(column).shape == (0,) and column.nbytes == 0
    assert numpy.from_dlpack(column).shape == (0,)
