"""tests/support: a small language for OCaml values, and their dump.

A value is an int (an immediate), a str or bytes (an OCaml string), a float (a boxed
float), or an object of the classes below.  Objects have identity: the same object in two
fields is one shared block, and a field that is set after the object was made can close a
cycle.  str, bytes and float have none, every use is a block of its own; String and Float
are their forms with identity.

expected_dump() is the text form of spec/FORMAT.md appendix A, as Python's json module
would give it back.  Nothing here knows the bytes of a file.
"""

import math
import struct


class Block:
    """A block of tags 0 to 243; `fields` may be changed until it is written."""

    def __init__(self, tag, *fields):
        self.tag = tag
        self.fields = list(fields)


class Lazy:
    """A forced lazy that was kept."""

    tag = 250

    def __init__(self, value):
        self.fields = [value]


class String:
    def __init__(self, text):
        self.bytes = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


class Float:
    def __init__(self, value):
        self.value = value


class FloatArray:
    def __init__(self, values):
        self.values = list(values)


class Int64:
    kind = "int64"
    slot = 0

    def __init__(self, value):
        self.value = value


class Int32(Int64):
    kind = "int32"
    slot = 1


class Nativeint(Int64):
    kind = "nativeint"
    slot = 2


# kind: (number, format of struct for one component, components)
BIGARRAY_KINDS = {
    "float32": (0, "f", 1),
    "float64": (1, "d", 1),
    "int8": (2, "b", 1),
    "uint8": (3, "B", 1),
    "int16": (4, "h", 1),
    "uint16": (5, "H", 1),
    "int32": (6, "i", 1),
    "int64": (7, "q", 1),
    "int": (8, "q", 1),
    "nativeint": (9, "q", 1),
    "complex32": (10, "f", 2),
    "complex64": (11, "d", 2),
    "char": (12, "B", 1),
    "float16": (13, "e", 1),
}


class Bigarray:
    """`items` are in memory order; complex ones are pairs."""

    def __init__(self, kind, dims, items, layout="c"):
        self.kind, self.dims, self.layout = kind, list(dims), layout
        self.number, code, self.components = BIGARRAY_KINDS[kind]
        flat = [x for item in items for x in item] if self.components == 2 else list(items)
        self.format = f"<{len(flat)}{code}"
        self.payload = struct.pack(self.format, *flat)
        assert len(flat) == math.prod(self.dims) * self.components, "items do not fill dims"

    def items(self):
        flat = struct.unpack(self.format, self.payload)
        return list(zip(flat[::2], flat[1::2])) if self.components == 2 else list(flat)


class Z:
    """An integer of Zarith that is no immediate."""

    def __init__(self, value):
        self.value = value

    def words(self):
        limbs, rest = [], abs(self.value)
        while rest:
            limbs.append(rest & (2**64 - 1))
            rest >>= 64
        return [len(limbs) | (self.value < 0) << 63, *limbs]


class Custom:
    """A registered custom type: its identifier and the words after the custom pointer."""

    def __init__(self, identifier, words):
        self.identifier, self.words = identifier, list(words)


class Raw:
    """A field holding this word, whatever it means: for damaged files."""

    def __init__(self, word):
        self.word = word


def pair(*fields):
    """A tuple, record or array: a block of tag 0."""
    return Block(0, *fields)


def ocaml_list(items):
    """An OCaml list: cons cells, ended by the immediate 0."""
    tail = 0
    for item in reversed(list(items)):
        tail = Block(0, item, tail)
    return tail


def normal(value):
    """The value as an int or an object of the classes above."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (str, bytes)):
        return String(value)
    if isinstance(value, float):
        return Float(value)
    return value


def hash_string(text):
    """OCaml's Hashtbl.hash of a string: MurmurHash3, seed 0, cut to 30 bits."""
    mask = 0xFFFFFFFF

    def rotl(x, n):
        return (x << n | x >> (32 - n)) & mask

    h = 0
    for i in range(0, len(text), 4):
        word = int.from_bytes(text[i : i + 4], "little")
        h ^= rotl(word * 0xCC9E2D51 & mask, 15) * 0x1B873593 & mask
        h = (rotl(h, 13) * 5 + 0xE6546B64) & mask
    h ^= len(text)
    h = (h ^ h >> 16) * 0x85EBCA6B & mask
    h = (h ^ h >> 13) * 0xC2B2AE35 & mask
    return (h ^ h >> 16) & 0x3FFFFFFF


def string_hashtbl(bindings, buckets):
    """A Hashtbl.t with string keys: `bindings` in the order they were added, no growth."""
    heads = [0] * buckets
    for key, data in bindings:
        text = String(key)
        i = hash_string(text.bytes) % buckets
        heads[i] = Block(0, text, data, heads[i])
    return Block(0, len(bindings), Block(0, *heads), 0, buckets)


# ---- Appendix A ----


def _number(value):
    return value if abs(value) <= 2**53 else str(value)


def _double(value):
    if math.isnan(value):
        return "nan"
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def _text(raw):
    return raw.decode("utf-8", "surrogateescape")


def _references(root):
    """How often each block with fields is reached."""
    count, stack, alive = {}, [root], []
    while stack:
        value = stack.pop()
        if isinstance(value, (Block, Lazy)) and value.fields:
            count[id(value)] = count.get(id(value), 0) + 1
            if count[id(value)] == 1:
                alive.append(value)
                stack.extend(value.fields)
    return count


def _bigarray(value):
    def item(x):
        if isinstance(x, tuple):
            return [_double(part) for part in x]
        return _double(x) if isinstance(x, float) else _number(x)

    return {
        "bigarray": value.kind,
        "layout": value.layout,
        "dims": value.dims,
        "data": [item(x) for x in value.items()],
    }


def _leaf(value):
    """The dump of a value without fields."""
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else {"int": str(value)}
    if isinstance(value, String):
        return _text(value.bytes)
    if isinstance(value, Float):
        return {"float": _double(value.value)}
    if isinstance(value, FloatArray):
        return {"floats": [_double(x) for x in value.values]}
    if isinstance(value, Int64):
        return {value.kind: _number(value.value)}
    if isinstance(value, Bigarray):
        return _bigarray(value)
    if isinstance(value, Z):
        return {"z": str(value.value)}
    words = struct.pack(f"<{len(value.words)}Q", *value.words)
    return {"custom": value.identifier, "hex": words.hex()}


def expected_dump(root):
    """The raw dump of a value, as json.loads gives it."""
    count, ids = _references(root), {}

    def dump(value):
        value = normal(value)
        if not isinstance(value, (Block, Lazy)):
            return _leaf(value)
        if id(value) in ids:
            return {"ref": ids[id(value)]}
        out = {}
        if count.get(id(value), 0) > 1:
            out["id"] = ids[id(value)] = len(ids) + 1
        if isinstance(value, Lazy):
            out["lazy"] = dump(value.fields[0])
        else:
            out["tag"] = value.tag
            out["fields"] = [dump(field) for field in value.fields]
        return out

    return dump(root)


def poly_tag(name):
    """The number of a polymorphic constructor (FORMAT 12.3)."""
    number = 0
    for byte in name.encode():
        number = (number * 223 + byte) % 2**31
    return number - 2**31 if number >= 2**30 else number
