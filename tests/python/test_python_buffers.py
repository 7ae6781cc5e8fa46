"""python: the buffer protocol, with numpy."""

import gc
import math
import struct
import zlib

import numpy
import pytest
from ancientfile import BIGARRAY_KINDS, Bigarray, FloatArray, pair

import ancient

DTYPES = {
    "float16": "float16",
    "float32": "float32",
    "float64": "float64",
    "int8": "int8",
    "uint8": "uint8",
    "int16": "int16",
    "uint16": "uint16",
    "int32": "int32",
    "int64": "int64",
    "int": "int64",
    "nativeint": "int64",
    "complex32": "complex64",
    "complex64": "complex128",
    "char": "uint8",
}
SMALLEST = {"int8": -128, "int16": -(2**15), "int32": -(2**31), "int64": -(2**63)}


@pytest.fixture
def read(make_file):
    return lambda value: ancient.open(make_file({0: value}))[0]


def items(kind, count):
    if kind.startswith("complex"):
        return [(n + 0.5, -n) for n in range(count)]
    if kind.startswith("float"):
        return [n - 1.5 for n in range(count)]
    return [SMALLEST.get(kind, 0), *range(1, count)][:count]


def number(item):
    return complex(*item) if isinstance(item, tuple) else item


def test_every_kind_is_tested():
    assert set(DTYPES) == set(BIGARRAY_KINDS)


def test_numpy_uses_a_float_array_in_place(read):
    view = read(FloatArray([1.0, 2.5, math.inf]))
    array = numpy.asarray(view)
    assert array.dtype == numpy.float64 and array.tolist() == [1.0, 2.5, math.inf]
    assert not array.flags.owndata and not array.flags.writeable
    again = numpy.asarray(view)
    assert array.__array_interface__["data"] == again.__array_interface__["data"]
    assert array.__array_interface__["data"][0] % 8 == 0


def test_memoryview_reads_a_float_array(read):
    view = memoryview(read(FloatArray([1.0, 2.5])))
    assert (view.format, view.shape, view.readonly) == ("d", (2,), True)
    assert view.tolist() == [1.0, 2.5]
    with pytest.raises(TypeError):
        view[0] = 1.0


@pytest.mark.parametrize("layout", ["c", "fortran"])
@pytest.mark.parametrize("kind", sorted(DTYPES))
@pytest.mark.parametrize("dims", [[6], [2, 3], [3, 1, 2], [0], [2, 0], []], ids=str)
def test_bigarrays_have_numpys_shape_strides_and_type(read, kind, layout, dims):
    values = items(kind, math.prod(dims))
    view = read(Bigarray(kind, dims, values, layout=layout))
    assert (view.kind, view.layout, view.shape) == (kind, layout, tuple(dims))
    array = numpy.asarray(view)
    assert array.dtype == numpy.dtype(DTYPES[kind])
    assert array.shape == tuple(dims)
    assert not array.flags.writeable
    assert array.flags.c_contiguous if layout == "c" else array.flags.f_contiguous
    wanted = numpy.array([number(v) for v in values], dtype=array.dtype)
    wanted = wanted.reshape(dims, order="C" if layout == "c" else "F")
    assert numpy.array_equal(array, wanted)
    assert view.tolist() == wanted.tolist()
    assert view.nbytes == wanted.nbytes
    assert array.__array_interface__["data"][0] % 64 == 0 or wanted.size == 0


def test_sixteen_dimensions(read):
    view = read(Bigarray("int8", [1] * 15 + [3], [1, 2, 3]))
    assert numpy.asarray(view).shape == (1,) * 15 + (3,)
    assert numpy.asarray(view).ravel().tolist() == [1, 2, 3]
    assert numpy.array(view.tolist()).ravel().tolist() == [1, 2, 3]


def test_float16_has_every_value(read):
    numbers = numpy.arange(65536, dtype=numpy.uint16).view(numpy.float16).astype(float)
    finite = [float(n) for n in numbers if math.isfinite(n)]
    view = read(Bigarray("float16", [len(finite)], finite))
    assert [*map(repr, view.tolist())] == [*map(repr, finite)]
    special = read(Bigarray("float16", [3], [math.inf, -math.inf, math.nan])).tolist()
    assert special[:2] == [math.inf, -math.inf] and math.isnan(special[2])


def test_contiguity_is_what_was_asked_for(read):
    fortran = read(Bigarray("int8", [2, 2], [1, 2, 3, 4], layout="fortran"))
    row = read(Bigarray("int8", [2, 2], [1, 2, 3, 4]))
    assert bytes(row) == bytes([1, 2, 3, 4])
    assert bytes(fortran) == bytes([1, 3, 2, 4])
    assert zlib.crc32(row) == zlib.crc32(bytes([1, 2, 3, 4]))
    with pytest.raises(BufferError, match="Fortran layout"):
        zlib.crc32(fortran)


def test_no_buffer_is_writable(read):
    block = read(pair(FloatArray([1.0]), Bigarray("int8", [1], [1]), "text"))
    for view in (block[0], block[1], block.memoryview(2)):
        assert memoryview(view).readonly
        with pytest.raises((BufferError, TypeError), match="read-only|read-write"):
            struct.pack_into("B", view, 0, 1)


def test_buffers_outlive_view_and_store(make_file):
    path = make_file({0: pair(FloatArray([0.5] * 1000), "text", Bigarray("int32", [2], [1, 2]))})
    with ancient.open(path) as db:
        block = db[0]
        floats, text = numpy.asarray(block[0]), block.memoryview(1)
        numbers = numpy.asarray(block[2])
    path.unlink()
    del db, block
    gc.collect()
    assert floats.sum() == 500.0
    assert bytes(text) == b"text"
    assert numbers.tolist() == [1, 2]


def test_closing_while_buffers_are_exported_is_allowed(make_file):
    db = ancient.open(make_file({0: FloatArray([1.5, 2.5])}))
    view = memoryview(db[0])
    db.close()
    assert view.tolist() == [1.5, 2.5]
    view.release()


def test_a_list_of_nothing_too_often_is_refused(read):
    view = read(Bigarray("int8", [2**40, 0], []))
    assert numpy.asarray(view).shape == (2**40, 0)
    with pytest.raises(ancient.TooLargeError, match="too large for a list"):
        view.tolist()
    with pytest.raises(ancient.TooLargeError):
        ancient.to_python(view)


def test_dimensions_that_do_not_fit_are_refused_clearly(read):
    with pytest.raises(ancient.TooLargeError, match="too large for Python"):
        read(Bigarray("float64", [0, 2**62 - 1, 2**62 - 1], []))
