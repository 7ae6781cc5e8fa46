"""tests/conformance: the hash and the order of spec/FORMAT.md 12.6 and 12.7, carried out step by
step as the text has them, on the values of tests/support/ancientvalue.

Written from the text, to be held against OCaml's own answers: where the two differ, the text is
wrong.  Not fast.
"""

import math
import struct

from ancientvalue import (
    Bigarray,
    Block,
    Custom,
    Float,
    FloatArray,
    Int32,
    Int64,
    Lazy,
    Nativeint,
    String,
    Z,
    normal,
)

M32 = 0xFFFFFFFF


# ---- The hash ----


def rotate(x, by):
    return (x << by | x >> (32 - by)) & M32


def mix(h, d):
    """Mixes a u32 into a u32."""
    d = rotate(d * 0xCC9E2D51 & M32, 15) * 0x1B873593 & M32
    return (rotate(h ^ d, 13) * 5 + 0xE6546B64) & M32


def finish(h):
    h = (h ^ h >> 16) * 0x85EBCA6B & M32
    h = (h ^ h >> 13) * 0xC2B2AE35 & M32
    return (h ^ h >> 16) & 0x3FFFFFFF


def fold(word):
    """The u32 of a word: low half, high half and the sign of the whole."""
    word &= 2**64 - 1
    return (word ^ word >> 32 ^ (M32 if word >> 63 else 0)) & M32


def mix_double(h, value):
    bits = struct.unpack("<Q", struct.pack("<d", value))[0]
    if math.isnan(value):
        bits = 0x7FF0000000000001
    if value == 0:
        bits = 0
    return mix(mix(h, bits & M32), bits >> 32)


def mix_single(h, bits):
    if bits & 0x7FFFFFFF > 0x7F800000:
        bits = 0x7F800001
    if bits == 0x80000000:
        bits = 0
    return mix(h, bits)


def mix_bytes(h, data):
    """Words of four bytes, the last one shorter."""
    for i in range(0, len(data), 4):
        h = mix(h, int.from_bytes(data[i : i + 4], "little"))
    return h


# kind: elements that count, bytes of one
LIMITS = {
    "int8": (256, 1), "uint8": (256, 1), "char": (256, 1), "int16": (128, 2), "uint16": (128, 2),
    "int32": (64, 4), "int64": (32, 8), "int": (64, 8), "nativeint": (64, 8), "float32": (64, 4),
    "complex32": (64, 4), "float64": (32, 8), "complex64": (32, 8),
}  # fmt: skip


def hash_bigarray(value):
    """complex32 and complex64 are taken as twice as many floats."""
    most, size = LIMITS[value.kind]
    data = value.payload[: most * size]
    if value.kind in ("int8", "uint8", "char", "int16", "uint16"):
        return mix_bytes(0, data)
    h = 0
    for i in range(0, len(data), size):
        bits = int.from_bytes(data[i : i + size], "little")
        if value.kind == "int32":
            h = mix(h, bits)
        elif value.kind in ("int", "nativeint"):
            h = mix(h, fold(bits))
        elif value.kind == "int64":
            h = mix(mix(h, bits & M32), bits >> 32)
        elif size == 4:
            h = mix_single(h, bits)
        else:
            h = mix_double(h, struct.unpack("<d", data[i : i + 8])[0])
    return h


def hash_custom(value):
    if isinstance(value, Int32):
        return value.value & M32
    if isinstance(value, Nativeint):
        return fold(value.value)
    if isinstance(value, Int64):
        return (value.value ^ value.value >> 32) & M32
    if isinstance(value, Z):
        h = 0
        for limb in value.words()[1:]:
            h = mix(mix(h, limb & M32), limb >> 32)
        return (h + (value.value < 0)) & M32
    return hash_bigarray(value)


def seeded_hash(seed, root):
    """seeded_hash_param 10 100 seed root"""
    h, meaningful, queue, first = seed & M32, 10, [root], 0
    while first < len(queue) and meaningful > 0:
        value = normal(queue[first])
        first += 1
        for _ in range(1000):
            if isinstance(value, Lazy):
                value = normal(value.fields[0])
        if isinstance(value, Lazy):
            continue
        if isinstance(value, FloatArray):
            for x in value.values:
                h = mix_double(h, x)
                meaningful -= 1
                if meaningful <= 0:
                    break
            continue
        if isinstance(value, Block):
            h = mix(h, (len(value.fields) << 10 | value.tag) & M32)
            queue += value.fields[: 100 - len(queue)]
            continue
        if isinstance(value, int):
            h = mix(h, fold(2 * value + 1))
        elif isinstance(value, String):
            h = mix_bytes(h, value.bytes) ^ len(value.bytes) & M32
        elif isinstance(value, Float):
            h = mix_double(h, value.value)
        else:
            h = mix(h, hash_custom(value))
        meaningful -= 1
    return finish(h)


# ---- The order ----

IDENTIFIERS = {Int64: "_j", Int32: "_i", Nativeint: "_n", Bigarray: "_bigarr02", Z: "_z"}


def sign(a, b):
    return (a > b) - (a < b)


def compare_doubles(a, b, total):
    """None where one is a NaN and the order is not the total one."""
    if not total and (math.isnan(a) or math.isnan(b)):
        return None
    if math.isnan(a) or math.isnan(b):
        return math.isnan(b) - math.isnan(a)
    return sign(a, b)


def compare_all(pairs, total):
    for a, b in pairs:
        order = compare_doubles(a, b, total) if isinstance(a, float) else sign(a, b)
        if order != 0:
            return order
    return 0


def parts(value):
    flat = value.items()
    return [x for item in flat for x in item] if value.components == 2 else flat


def compare_bigarrays(a, b, total):
    flags = [x.number | (0x100 if x.layout == "fortran" else 0) for x in (a, b)]
    for left, right in ((flags[1], flags[0]), (len(b.dims), len(a.dims)), (a.dims, b.dims)):
        if left != right:
            return sign(left, right)
    return compare_all(zip(parts(a), parts(b)), total)


def tag(value):
    if isinstance(value, Block):
        return value.tag
    return {String: 252, Float: 253, FloatArray: 254}.get(type(value), 255)


def compare_leaves(a, b, total):
    """Blocks of one tag, from 252 on."""
    if isinstance(a, String):
        return sign(a.bytes, b.bytes)
    if isinstance(a, Float):
        return compare_doubles(a.value, b.value, total)
    if isinstance(a, FloatArray):
        if len(a.values) != len(b.values):
            return sign(len(a.values), len(b.values))
        return compare_all(zip(map(float, a.values), map(float, b.values)), total)
    if isinstance(a, Custom) or isinstance(b, Custom):
        raise ValueError("an order of its own")
    if type(a) is not type(b):
        return sign(IDENTIFIERS[type(a)], IDENTIFIERS[type(b)])
    if isinstance(a, Bigarray):
        return compare_bigarrays(a, b, total)
    return sign(a.value, b.value)


def compare(left, right, total=True):
    """compare; with total=False the order of =, None where a NaN leaves it open."""
    todo = [(left, right)]
    while todo:
        a, b = todo.pop()
        if a is b and not isinstance(a, (int, float, str, bytes)) and total:
            continue
        a, b = normal(a), normal(b)
        while isinstance(a, Lazy):
            a = normal(a.fields[0])
        while isinstance(b, Lazy):
            b = normal(b.fields[0])
        if isinstance(a, int) and isinstance(b, int):
            order = sign(a, b)
        elif isinstance(a, int):
            order = 1 if isinstance(b, Z) and b.value < 0 else -1
        elif isinstance(b, int):
            order = -1 if isinstance(a, Z) and a.value < 0 else 1
        elif tag(a) != tag(b):
            order = sign(tag(a), tag(b))
        elif isinstance(a, Block):
            order = sign(len(a.fields), len(b.fields))
            if order == 0:
                todo += reversed(list(zip(a.fields, b.fields)))
        else:
            order = compare_leaves(a, b, total)
        if order != 0:
            return order
    return 0
