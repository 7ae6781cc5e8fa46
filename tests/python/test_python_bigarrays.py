"""python: bigarrays have indices as numpy's arrays have, in either layout, without numpy."""

import gc
import itertools
import math
import pickle
import sys

import numpy
import pytest
from ancientfile import BIGARRAY_KINDS, Bigarray, FloatArray, pair

import ancient

S = numpy.s_
SHAPE = [3, 4, 2]
KEYS = [
    0,
    -1,
    S[1, 2],
    S[1, 2, 1],
    S[-1, -1, -1],
    S[1:3],
    S[::-1],
    S[:, 1],
    S[..., 0],
    S[1, ...],
    S[1, ..., -1],
    S[..., 1:, ::-1],
    S[::2, ::-2, 1],
    S[:, 3:1:-1],
    S[0:0],
    S[5:],
    S[0:0, 1],
    S[:, 4:, 0],
    (),
    ...,
    numpy.int64(2),
]


@pytest.fixture
def read(make_file):
    return lambda value: ancient.open(make_file({0: value}))[0]


def items(kind, count):
    return [(n + 0.5, -n) if kind.startswith("complex") else n for n in range(count)]


@pytest.fixture(params=["c", "fortran"])
def cube(read, request):
    return read(Bigarray("int32", SHAPE, range(24), layout=request.param))


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_an_index_is_that_of_numpy(cube, key):
    found, wanted = cube[key], numpy.asarray(cube)[key]
    if not isinstance(found, ancient.BigarraySlice):
        assert type(found) is int and found == wanted
        return
    array = numpy.asarray(found)
    assert numpy.array_equal(array, wanted) and array.shape == wanted.shape == found.shape
    assert found.tolist() == wanted.tolist() == ancient.to_python(found)
    assert (found.nbytes, len(found)) == (wanted.nbytes, len(wanted))
    assert (found.kind, found.layout, found.offset) == (cube.kind, cube.layout, cube.offset)
    assert wanted.size == 0 or numpy.shares_memory(array, numpy.asarray(cube))
    assert not array.flags.writeable and memoryview(found).readonly
    again = pickle.loads(pickle.dumps(found))
    assert again == found and again.tolist() == found.tolist()
    assert pickle.loads(pickle.dumps(found, 0)) == found
    # An index of a slice, too.
    for more in (0, S[::-1], S[..., 0], S[1:]):
        try:
            part = wanted[more]
        except IndexError:
            with pytest.raises(IndexError):
                found[more]
            continue
        assert numpy.array_equal(numpy.asarray(found[more]), part)


def test_elements_are_those_of_ocaml_counted_from_0(read):
    """b.{i + 1, j + 1} of Fortran layout is v[i, j]."""
    fortran = read(Bigarray("float64", [2, 3], range(6), layout="fortran"))
    assert [[fortran[i, j] for j in range(3)] for i in range(2)] == [[0, 2, 4], [1, 3, 5]]
    c = read(Bigarray("float64", [2, 3], range(6)))
    assert [[c[i, j] for j in range(3)] for i in range(2)] == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("kind", BIGARRAY_KINDS)
def test_elements_of_every_kind(read, kind):
    view = read(Bigarray(kind, [4], items(kind, 4)))
    assert [*view] == [view[i] for i in range(4)] == view.tolist()
    assert view[1:3].tolist() == view.tolist()[1:3]
    assert numpy.asarray(view[::-1]).tolist() == view.tolist()[::-1]
    assert view[1:3] == view[1:3] != view[0:2]


def test_iteration_and_length_go_along_the_first_dimension(cube):
    assert len(cube) == 3 and [row.tolist() for row in cube] == cube.tolist()
    assert [*map(len, (cube[0], cube[0, 0]))] == [4, 2]
    assert [*itertools.chain(*itertools.chain(*cube))] == [*numpy.asarray(cube).flat]
    assert cube[0, 2, 1] in cube[0, 2] and 99 not in cube[0, 2]
    assert [*reversed(cube[0, 0])] == cube[0, 0].tolist()[::-1]
    assert cube and not cube[0:0]


def test_an_array_without_dimensions_has_one_element(read):
    view = read(Bigarray("int64", [], [7]))
    assert view[()] == view[...] == view.tolist() == 7
    for wrong in (lambda: len(view), lambda: [*view]):
        with pytest.raises(TypeError, match="without dimensions"):
            wrong()
    with pytest.raises(ancient.NoIndexError, match="1 indices for a bigarray of 0 dimensions"):
        view[0]


def test_what_is_no_index_is_refused(cube):
    for key, message in (
        (3, "index 3 out of range: dimension 0 of the bigarray is 3"),
        (S[0, -5], "index -5 out of range: dimension 1 of the bigarray is 4"),
        (S[0, 0, 0, 0], "4 indices for a bigarray of 3 dimensions"),
        (S[0, 0, 0, 0, ...], "4 indices"),
        (S[..., ...], "one ellipsis"),
        (2**70, "cannot fit"),
    ):
        with pytest.raises(IndexError, match=message):
            cube[key]
    for key in ("a", None, 1.0, S[0, None], [0, 1]):
        with pytest.raises(TypeError, match="indices of a bigarray are int, slice"):
            cube[key]
    with pytest.raises(ValueError):
        cube[::0]
    with pytest.raises(TypeError):
        cube[0] = 1


def test_slices_are_equal_by_shape_and_elements(read):
    c = read(Bigarray("int32", [2, 2], [1, 2, 3, 4]))
    fortran = read(Bigarray("int32", [2, 2], [1, 3, 2, 4], layout="fortran"))
    assert c != fortran and c[:] == fortran[:] == c and c == c[:] and c[0] != c[1]
    assert c[0] == fortran[0] and c[:, 1] == fortran[:, 1] and c[:1] != c[0]
    assert c[0] != read(Bigarray("int64", [2], [1, 2])) and c[0] != [1, 2]
    nan = read(Bigarray("float32", [2], [math.nan, 0.0]))
    assert nan[:1] != nan[:1] and nan[1:] == read(Bigarray("float32", [1], [-0.0]))
    assert c[0:0] == c[2:] != c[0:0, 0:1]
    with pytest.raises(TypeError):
        hash(c[0])
    with pytest.raises(TypeError):
        c[0] < c[1]  # noqa: B015


@pytest.mark.parametrize("kind", BIGARRAY_KINDS)
def test_dlpack_gives_them_in_place(read, kind):
    view = read(Bigarray(kind, [2, 3], items(kind, 6), layout="fortran"))
    for part in (view, view[1], view[:, ::-2], view[0:0]):
        assert part.__dlpack_device__() == (1, 0)
        with pytest.raises(BufferError, match="DLPack 1.0"):
            part.__dlpack__()
        assert "dltensor_versioned" in repr(part.__dlpack__(max_version=(1, 0)))
        if numpy.lib.NumpyVersion(numpy.__version__) >= "2.1.0":
            array, wanted = numpy.from_dlpack(part), numpy.asarray(part)
            assert numpy.array_equal(array, wanted) and not array.flags.writeable
            assert (array.dtype, array.strides) == (wanted.dtype, wanted.strides)
            assert wanted.size == 0 or numpy.shares_memory(array, wanted)
            copied = numpy.from_dlpack(part, copy=True)
            assert numpy.array_equal(copied, wanted) and copied.flags.writeable


def test_dlpack_keeps_the_file_mapped(make_file):
    path = make_file({0: pair(Bigarray("int8", [], [5]), Bigarray("int8", [3], [1, 2, 3]))})
    with ancient.open(path) as db:
        one, some = db[0]
    if numpy.lib.NumpyVersion(numpy.__version__) >= "2.1.0":
        scalar, array = numpy.from_dlpack(one), numpy.from_dlpack(some[1:])
        del one, some
        gc.collect()
        assert (scalar.shape, int(scalar), array.tolist()) == ((), 5, [2, 3])
        del scalar, array
    else:
        del one, some
    gc.collect()
    with open("/proc/self/maps") as maps:
        assert str(path) not in maps.read()


def test_float_arrays_have_dlpack(read):
    view = read(FloatArray([1.5, 2.5, 3.5]))
    with pytest.raises(BufferError, match="DLPack 1.0"):
        view.__dlpack__()
    if numpy.lib.NumpyVersion(numpy.__version__) >= "2.1.0":
        assert numpy.from_dlpack(view).tolist() == [1.5, 2.5, 3.5]


def test_a_pickle_of_a_slice_that_is_none_is_refused(read):
    view = read(Bigarray("int32", [3, 4], range(12)))
    restore, (whole, first, shape, strides) = view[1:, 1].__reduce__()
    assert (first, shape, strides) == (20, (2,), (16,)) and restore(whole, 44, (1,), (4,))[0] == 11
    for wrong in (
        (48, (1,), (4,)),
        (-4, (1,), (4,)),
        (2, (1,), (4,)),
        (0, (2,), (2,)),
        (0, (13,), (4,)),
        (0, (4, 4), (16, 4)),
        (0, (2,), (2**62,)),
        (0, (2**62,), (2**62,)),
        (4, (3,), (-4,)),
        (0, (-1,), (4,)),
        (0, (2**62,), (0,)),
        (0, (13,), (0,)),
        (0, (2**40, 2**40), (0, 0)),
        (0, (2, 2, 1), (4, 4, 4)),
        (0, (2,), (4, 4)),
        (52, (0,), (4,)),
        (0, ("a",), (4,)),
        (0, (2**70,), (4,)),
        (0, [1], (4,)),
    ):
        with pytest.raises((ValueError, TypeError, OverflowError)):
            restore(whole, *wrong)
    with pytest.raises(TypeError):
        restore(view[0], 0, (1,), (4,))
    assert restore(whole, 0, (0, 2**60), (4, 4)).nbytes == 0


def test_dimensions_without_elements_ask_for_little(read):
    view = read(Bigarray("int8", [0, 2**40], []))
    assert len(view) == 0 and view[:, 5].shape == (0,) and view[:, 2**39 :].tolist() == []
    turned = read(Bigarray("int8", [2**40, 0], []))
    assert len(turned) == 2**40 and turned[2**40 - 1].tolist() == [] and turned[5:7].nbytes == 0
    assert turned[1:4] == turned[5:8] and turned[::-1].shape == (2**40, 0)
    with pytest.raises(ancient.TooLargeError):
        turned[1:].tolist()
    for walk in (list, lambda rows: 3 in rows, lambda rows: 3 in rows[::2]):
        with pytest.raises(ancient.TooLargeError, match="more rows than the file has words"):
            walk(turned)


def test_slices_hold_no_reference(cube):
    before = sys.getrefcount(cube)
    for _ in range(100):
        for key in KEYS:
            pickle.loads(pickle.dumps(cube[key]))
        with pytest.raises(IndexError):
            cube[0, 9]
    gc.collect()
    assert sys.getrefcount(cube) == before
