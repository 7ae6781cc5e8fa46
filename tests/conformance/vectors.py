"""tests/conformance: the values of spec/conformance/good/vectors.ancient.

Value i of ORDERED lies under key i: these are hashed, and compared each with each.  Value i of
HASHED lies under key 1000 + i: these are only hashed (they are large, or contain themselves).
"""

import math
import struct

from ancientfile import (
    AncientFile,
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

FIRST_HASHED = 1000
SEEDS = [0, 1, 42, 0x3FFFFFFF, 0xFFFFFFFF]


def double(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def bigarray(kind, items, layout="c", dims=None):
    return Bigarray(kind, dims if dims is not None else [len(items)], items, layout)


def lazies(depth, value):
    for _ in range(depth):
        value = Lazy(value)
    return value


IMMEDIATES = [0, 1, -1, 42, 2**30, 2**31, 2**32, 2**53 + 1, 2**62 - 1, -(2**62)]
FLOATS = [
    0.0, -0.0, 1.0, -1.5, 0.1, 5e-324, 1.7976931348623157e308, math.inf, -math.inf,
    double(0x7FF8000000000000), double(0x7FF0000000000001), double(0xFFF8000000000123),
]  # fmt: skip
STRINGS = ["", "a", "ab", "abc", "abcd", "abcde", "abcdefg", "abcdefgh", "abcdefghi",
           "\0", "\0\0", b"\xff\xfe\xfd", "naïve", "b"]  # fmt: skip
INT32S = [Int32(n) for n in (0, 1, -1, 2**31 - 1, -(2**31))]
INT64S = [Int64(n) for n in (0, 1, -1, 2**40 + 5, 2**63 - 1, -(2**63))]
NATIVEINTS = [Nativeint(n) for n in (0, 1, -1, 2**40 + 5, 2**63 - 1, -(2**63))]
ZS = [Z(n) for n in (2**62, -(2**62) - 1, 2**63, 2**64 - 1, 2**64, -(2**64), -(2**64) - 1, 10**60)]
BLOCKS = [
    Block(0), Block(1), Block(243), pair(1), Block(1, 1), pair(2), pair(1, 2), pair(1, 3),
    pair(2, 0), Block(1, 1, 2), Block(2, 0), pair("a", 1), pair("a", 2), pair(1.5, 2),
    pair(pair(1, 2), pair(3, 4)), pair(pair(1, 3), pair(0, 0)), pair(pair(9), 0),
    ocaml_list([1, 2, 3]), ocaml_list([1, 2, 4]), ocaml_list([1, 2]),
    pair(math.nan, 1), pair(math.nan, 2), pair(math.nan, 1),
]  # fmt: skip
FLOAT_ARRAYS = [FloatArray(v) for v in (
    [0.0], [-0.0], [1.0], [1.0, 2.0], [2.0, 1.0], [math.nan], [math.nan, 1.0], [1.0, math.nan],
)]  # fmt: skip
LAZIES = [Lazy(1), Lazy(1.0), Lazy(Lazy("a")), pair(Lazy(1), 2), lazies(5, 42), Lazy(pair(1, 2))]
BIGARRAYS = [
    bigarray("float32", [0.1, -0.0, 0.0, math.inf]),
    bigarray("float32", [math.nan]),
    bigarray("float64", [0.1, -0.0]),
    bigarray("float64", [0.1, 0.0]),
    bigarray("float64", [math.nan, 1.0]),
    bigarray("float64", [math.nan, 2.0]),
    bigarray("float64", [1.0, 2.0], "fortran"),
    bigarray("float64", [1.0, 2.0], dims=[1, 2]),
    bigarray("float64", [1.0, 2.0], dims=[2, 1]),
    bigarray("float64", [], dims=[0]),
    bigarray("float64", [7.0], dims=[]),
    bigarray("int8", [1, -1, 127, -128, 5]),
    bigarray("int8", [1, 1, 127, -128, 5]),
    bigarray("uint8", [1, 255, 127, 128, 5, 6, 7]),
    bigarray("char", [65, 66]),
    bigarray("int16", [1, -1, 300]),
    bigarray("int16", [1, 1, 300]),
    bigarray("uint16", [1, 65535]),
    bigarray("int32", [1, -1]),
    bigarray("int64", [1, -1, 2**40]),
    bigarray("int", [1, -1, 2**40]),
    bigarray("nativeint", [1, -1, 2**40]),
    bigarray("complex32", [(0.5, -0.0), (1.0, 2.0)]),
    bigarray("complex64", [(0.5, -0.0), (1.0, 2.0)]),
]

ORDERED = [
    *IMMEDIATES, *FLOATS, *STRINGS, *INT32S, *INT64S, *NATIVEINTS, *ZS, *BLOCKS, *FLOAT_ARRAYS,
    *LAZIES, *BIGARRAYS,
]  # fmt: skip


def cyclic():
    cell = Block(0, 7, 0)
    cell.fields[1] = cell
    return cell


HASHED = [
    # Strings of any length count whole.
    "x" * 255, "x" * 256, "x" * 257, "x" * 1000, "x" * 999 + "y", "y" + "x" * 999,
    # Ten meaningful values: the eleventh does not count, ...
    pair(*range(9)), pair(*range(10)), pair(*range(11)), pair(*range(10), 99),
    ocaml_list(range(9)), ocaml_list(range(10)), ocaml_list(range(30)),
    FloatArray(map(float, range(10))), FloatArray(map(float, range(11))),
    FloatArray([*map(float, range(10)), 99.0]),
    pair(1, 2, 3, 4, 5, 6, 7, FloatArray([8.0, 9.0, 10.0, 11.0]), 12),
    pair(1, 2, 3, 4, 5, 6, 7, FloatArray([8.0, 9.0, 10.0, 99.0]), 99),
    # ... headers of blocks do not count, and a hundred values enter the queue.
    pair(*(Block(i % 244) for i in range(98)), 5),
    pair(*(Block(i % 244) for i in range(99)), 5),
    pair(*(Block(i % 244) for i in range(99)), 6),
    pair(*(pair(pair(i)) for i in range(60))),
    # Breadth first.
    pair(pair(1, pair(2, pair(3, 4))), pair(5, 6), 7),
    pair(1, pair(2, pair(3, pair(4, pair(5, pair(6, pair(7, pair(8, pair(9, pair(10, 11)))))))))),
    # The low 32 bits of a header without its colour.
    pair(*[0] * 300), Block(243, *[0] * 300),
    # Forced lazies count for nothing; a thousand are looked through, more are not.
    lazies(999, 1), lazies(1000, 1), lazies(1001, 1), pair(lazies(1001, 1), 2),
    cyclic(),
    # Bigarrays count up to 256 bytes.
    bigarray("uint8", [7] * 256), bigarray("uint8", [7] * 256 + [9]), bigarray("uint8", [7] * 255),
    bigarray("uint8", [1, 2]), bigarray("uint8", [1]), bigarray("char", list(range(250))),
    bigarray("int16", [7] * 128), bigarray("int16", [7] * 129), bigarray("uint16", [7] * 127),
    bigarray("int16", [-5]), bigarray("int8", [-5]), bigarray("uint16", [65535]),
    bigarray("int32", [7] * 64), bigarray("int32", [7] * 65),
    bigarray("int64", [7] * 32), bigarray("int64", [7] * 33),
    bigarray("int", [7] * 64), bigarray("int", [7] * 65), bigarray("nativeint", [7] * 64),
    bigarray("float32", [7.0] * 64), bigarray("float32", [7.0] * 65),
    bigarray("float64", [7.0] * 32), bigarray("float64", [7.0] * 33),
    bigarray("complex32", [(7.0, 8.0)] * 32), bigarray("complex32", [(7.0, 8.0)] * 33),
    bigarray("complex64", [(7.0, 8.0)] * 16), bigarray("complex64", [(7.0, 8.0)] * 17),
]  # fmt: skip


def numbered():
    """{key: value} of the file."""
    return dict(enumerate(ORDERED)) | {FIRST_HASHED + i: v for i, v in enumerate(HASHED)}


def image():
    return bytes(AncientFile(uuid=b"conformance: vec").commit(numbered()).image)
