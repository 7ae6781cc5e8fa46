#!/usr/bin/env python3
"""tests/golden: makes the golden files, NAME.ancient and NAME.json beside each other.

    python3 make_golden.py [FOLDER]

Large ones are NAME.ancient.xz.  NAME.json is {key: raw dump} by spec/FORMAT.md appendix A.
Every reader must dump NAME.ancient to it.  The bytes come from tests/support, never from the
writer in core; a test holds the committed files against what this script makes.
"""

import copy
import json
import lzma
import math
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from ancientfile import (  # noqa: E402
    AncientFile,
    Bigarray,
    Block,
    Custom,
    Float,
    FloatArray,
    Int32,
    Int64,
    Lazy,
    Nativeint,
    Schema,
    String,
    Z,
    ocaml_list,
    pair,
    string_hashtbl,
)


def file(values, names=None, **options):
    return AncientFile(**options).commit(values, names)


def example():
    """That of spec/EXAMPLE.md as 1.1 writes it."""
    f = AncientFile(base=0x200000000000, reserve=1 << 20, uuid=b"spec/EXAMPLE.md\0")
    return f.commit({0: pair("vim", 9), 7: 42}, {0: "editor"})


def empty():
    return AncientFile()


def immediates():
    values = [0, 1, -1, 2, 255, -256, 2**30, 2**31, 2**32, 2**53 - 1, 2**53, 2**53 + 1]
    values += [-(2**53), -(2**53) - 1, 2**62 - 1, -(2**62)]
    return file(dict(enumerate(values)))


def blocks():
    by_tag = pair(*(Block(tag, tag) for tag in range(244)))
    return file({0: by_tag, 1: pair(*range(300)), 2: Block(243, Block(0, Block(1, 2), 3), 4)})


def nested():
    value = 0
    for depth in range(200):
        value = Block(depth % 10, depth, value)
    words = ["one", "two", "three", ocaml_list([1, 2, 3])]
    return file({0: value, 1: ocaml_list(range(100)), 2: ocaml_list(words), 3: pair("vim", 9)})


def sharing():
    shared, text, number = pair(1, 2), String("shared"), Float(0.5)
    inner = pair(shared, shared)
    lazy = Lazy(shared)
    values = {0: pair(shared, shared, inner, inner), 1: pair(text, text, number, number)}
    return file({**values, 2: shared, 3: pair(lazy, lazy, 7)})


def cycle():
    one, two, alone = pair(1, 0), pair(2, 0), pair(0)
    one.fields[1], two.fields[1], alone.fields[0] = two, one, alone
    lazy = Lazy(0)
    lazy.fields[0] = pair("inside", lazy)
    return file({0: one, 1: pair(two, one), 2: alone, 3: lazy, 4: ocaml_list([one, alone])})


def strings():
    values = {n: "abcdefghijklmnopq"[:n] for n in range(18)}
    values[20] = bytes(range(256))
    values[21] = "naïve – 日本語 – 🐪"
    values[22] = b"caf\xe9"  # Latin-1
    values[23] = b"\xed\xa0\x80|\xc0\x80|\xf4\x90\x80\x80|\xf0\x9f\x90"  # not UTF-8 either
    values[24] = b"\0" * 8
    values[25] = b'"quoted" \\ / \b\f\n\r\t\x7f\x1f'
    values[26] = b"a\0b"
    values[27] = "\u2028\ufeff\U0010ffff"
    return file(values)


def floats():
    values = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        0.1,
        1e21,
        1e22,
        123456789012345680.0,
        5e-324,
        2.2250738585072e-308,
    ]
    values += [
        sys.float_info.max,
        sys.float_info.min,
        math.pi,
        1 / 3,
        math.nan,
        math.inf,
        -math.inf,
    ]
    values += [2.0**53, 2.0**53 + 2, 1e-7, 1e16, 1e17]
    values.append(struct.unpack("<d", bytes.fromhex("010000000000f8ff"))[0])
    return file({**dict(enumerate(values)), 100: pair(*values)})


def float_arrays():
    values = {0: FloatArray([1.0]), 1: FloatArray([math.nan, math.inf, -math.inf, -0.0, 5e-324])}
    return file({**values, 2: FloatArray(i / 8 for i in range(500)), 3: pair(values[0], values[0])})


def zero_sized():
    return file({0: Block(0), 1: pair(Block(0), Block(0), Block(1), 5), 2: Block(243)})


def zero_sized_last():
    return file({0: pair(1, Block(7))})


def zero_sized_only():
    return file({0: Block(0)})


def immediate_only():
    return file({0: 1, 5: -1})


def keys():
    values = {k: k & 0xFFFF for k in (0, 1, 100, 4_000_000_000, 2**62 - 1, 2**61, 2**61 - 1)}
    return file(values)


def keys_many():
    return file({(i * i * 2654435761) % 2**62: i for i in range(150)})


def names():
    texts = {0: "zero", 1: "z", 2: "zebra", 3: "é", 4: "n" * 255, 5: "n" * 254, 6: "a/b c"}
    f = file({key: key * 10 for key in range(10)}, texts)
    f.commit({1: "renamed", 2: "now without"}, {1: "one"})
    return f.commit({2: 3, 9: 9}, {2: "z", 9: "zebra"})


def generations():
    f = file({0: pair("first", 1), 1: "kept"})
    f.commit({0: pair("second", 2)})
    f.commit({2: 7})
    return f.commit({0: pair("fourth", Block(0)), 3: 3.5})


def increments():
    """Later commits that refer to blocks of earlier ones."""
    old = pair("old", 1)
    f = file({0: old})
    f.commit({1: pair(old, old)})
    return f.commit({2: old, 3: ocaml_list([old, "new"])})


def unfinished():
    """Bytes of a commit that was never finished lie behind `used`."""
    f = file({0: pair("safe", 1)})
    f.image += b"\xaa" * 5000
    return f


def superseded():
    return file({0: pair("moved", 1)}).supersede()


def customs():
    values = {0: Int64(-1), 1: Int64(2**63 - 1), 2: Int64(-(2**63)), 3: Int64(2**53 + 1)}
    values |= {10: Int32(0), 11: Int32(-1), 12: Int32(2**31 - 1), 13: Int32(-(2**31))}
    values |= {20: Nativeint(7), 21: Nativeint(-(2**62)), 22: Int64(2**53), 23: Int64(-5)}
    values |= {30: Z(2**62), 31: Z(-(2**64)), 32: Z(10**60), 33: Z(-(2**62) - 1)}
    shared = Int64(5)
    return file({**values, 40: pair(shared, shared, Int32(6), Nativeint(7))})


def registered():
    """Custom types of slots 5 and up, the second one added by a later commit."""
    f = file({0: Custom("org.example.point", [1, 2**64 - 1])})
    f.commit({1: pair(Custom("org.example.point", [3, 4]), Custom("i" * 55, []))})
    return f.commit({2: 2})


def bigarrays():
    values = {}
    items = {
        "float32": [0.1, -0.0, math.inf, math.nan, 1.5, 3.0e38],
        "float64": [0.1, -0.0, -math.inf, math.nan, 5e-324, 1e300],
        "int8": [0, 1, -1, 127, -128, 5],
        "uint8": [0, 1, 255, 128, 127, 5],
        "int16": [0, 1, -1, 32767, -32768, 5],
        "uint16": [0, 1, 65535, 32768, 32767, 5],
        "int32": [0, 1, -1, 2**31 - 1, -(2**31), 5],
        "int64": [0, 1, -1, 2**63 - 1, -(2**63), 2**53],
        "int": [0, 1, -1, 2**62 - 1, -(2**62), -(2**53)],
        "nativeint": [0, 1, -1, 2**63 - 1, -(2**63), 2**53 + 1],
        "complex32": [
            (0.5, -0.5),
            (1.0, 2.0),
            (math.nan, math.inf),
            (0.1, 0.2),
            (3.0, 4.0),
            (5.0, 6.0),
        ],
        "complex64": [
            (0.5, -0.5),
            (0.1, 0.2),
            (math.nan, math.inf),
            (3.0, 4.0),
            (5.0, 6.0),
            (7.0, 8.0),
        ],
        "char": list(b'\x00a\xff\n"\\'),
        "float16": [0.5, -0.0, 65504.0, math.inf, math.nan, 6e-8],
    }
    for n, (kind, elements) in enumerate(items.items()):
        values[2 * n] = Bigarray(kind, [2, 3], elements)
        values[2 * n + 1] = Bigarray(kind, [3, 2], elements, "fortran")
    values[50] = Bigarray("float64", [], [42.0])
    values[51] = Bigarray("int8", [0], [])
    values[52] = Bigarray("float64", [3, 0, 2**40], [])
    values[53] = Bigarray("int32", [1] * 16, [9])
    values[54] = Bigarray("uint8", [65], range(65), "fortran")
    shared = Bigarray("char", [1], [65])
    values[55] = pair(shared, shared)
    return file(values)


def bigarray_empty_only():
    """No data extent: the only payload is empty."""
    return file({0: Bigarray("float32", [0, 5], [], "fortran")})


def lazies():
    inner = Lazy(1.5)
    return file({0: Lazy(Lazy(2.5)), 1: pair(inner, 3), 2: Lazy("text"), 3: Lazy(Lazy(Lazy(4)))})


def hashtbl():
    bindings = [(f"key{i}", i) for i in range(20)] + [
        ("", "empty"),
        ("key3", "shadows"),
        ("é" * 9, 1.5),
    ]
    value = string_hashtbl(bindings, 16)
    return file({0: value, 1: string_hashtbl([], 16), 2: string_hashtbl([("a", 1), ("a", 2)], 1)})


INT = Schema("val root : int\n", "int")
PACKAGE = Schema(
    """type dep = { name : string; alternatives : string list }
module Package : sig
  type t = { version : string; size : int; depends : dep list }
end
val root : (string, Package.t) Hashtbl.t
""",
    "hashtbl(string,{version:string;size:int;"
    "depends:list({name:string;alternatives:list(string)})})",
)


def schemas():
    """A text of two keys stored once; a key that changes its schema, and one that loses it; an
    extent of every kind in one commit."""
    vim = pair("9.0", 3700, ocaml_list([pair("libc6", ocaml_list([])), pair("vim-runtime", 0)]))
    value = string_hashtbl([("vim", vim)], 1)
    also = Schema("(* the same type *) val root : int", "int")
    f = AncientFile().commit(
        {0: value, 1: 42, 2: 43}, {0: "packages"}, {0: PACKAGE, 1: INT, 2: INT}
    )
    point = Custom("org.example.point", [1, 2])
    bools = {3: Schema("val root : bool", "bool"), 4: Schema("val root : é", "?")}
    f.commit({3: 1, 4: Bigarray("int8", [1], [1]), 5: point}, None, bools)
    return f.commit({1: 44, 2: 45, 6: 46}, {6: "six"}, {1: also, 6: INT})


# ---- Format 1.2; those above are as 1.1 writes them, and stay ----


def file12(**options):
    return AncientFile(minor=2, **options)


def commit():
    """The file of spec/EXAMPLE.md."""
    f = file12(base=0x200000000000, reserve=1 << 20, uuid=b"spec/EXAMPLE.md\0")
    return f.commit({0: pair("vim", 9), 7: 42}, {0: "editor"}, time=1795910400 * 10**9)


def commits():
    """Commit records, their chain and all fields of the superblock; an extent of every kind but
    waypoints."""
    shared = pair("first", 1)
    f = file12().commit({0: shared, 1: "kept"}, {0: "zero"}, {0: PACKAGE}, time=10**18)
    point = Custom("org.example.point", [1, 2])
    f.commit({2: Bigarray("int16", [2], [7, -7]), 3: point}, {2: "two"}, {3: INT}, durable=True)
    return f.commit({0: pair("third", shared), 4: 5}, {0: "nought"}, None, time=10**18 + 1)


def commit_empty():
    """A commit without keys: what a writer leaves that has nothing to publish (8.1)."""
    return file12().commit({})


def removed():
    """Keys removed with a name and without, beside a publication and alone."""
    f = file12().commit({key: key for key in range(6)}, {0: "zero", 1: "one", 5: "five"})
    f.commit({6: "six"}, remove=[0, 3])
    f.commit({}, remove=[5])
    return f.commit({0: "again"}, {0: "five"})


def removed_all():
    """Directories that have lost their last leaf."""
    return file12().commit({0: "a", 1: "b"}, {1: "b"}).commit({}, remove=[1, 0])


def restored():
    """Generation 2 brought back as generation 5, and a commit on top of it."""
    f = file12().commit({0: pair("second", 2), 1: 10}, {0: "zero", 1: "one"}, {1: INT})
    f.commit({0: "third", 2: Custom("org.example.point", [])}, {0: "one"}, {2: PACKAGE}, [1])
    return f.commit({3: 4}).restore(2, time=7).commit({4: pair(5)}, {4: "four"}, {4: INT})


def superseded_commits():
    """State 2, whose superblock has fields that hold and no commit record of its own."""
    return file12().commit({0: pair("moved", 1)}).commit({1: 2}).supersede()


def resumed():
    """A compaction that ended before its rename: the file goes on (8.4)."""
    return superseded_commits().commit({2: 3})


def compacted():
    """What compaction writes of a file of generation 6: its slot 1 is still of state 3."""
    return file12(generation=7).commit({0: pair("small", 1), 9: 10}, {9: "nine"})


def older_on_newer():
    """A commit of 1.1 on top of one of 1.2: its fields are void, the chain of records ends."""
    return file12().commit({0: pair("new", 1)}, {0: "zero"}).commit({1: "old"}, minor=1)


def newer_on_older():
    """A commit of 1.2 on top of one of 1.1: its history is that of all extents."""
    f = AncientFile().commit({0: pair("old", 1)}, {0: "zero"}).commit({1: 2})
    return f.commit({2: "new"}, minor=2)


def newer_older_newer():
    """Records with a commit between them that has none."""
    f = file12().commit({0: "a"}).commit({1: "b"}, minor=1).commit({2: "c"})
    return f.commit({3: "d"})


def unfinished_commit():
    """A complete commit behind `used` that was never visible: the other slot is in order, and so
    it is an aborted one's."""
    f = file12().commit({0: "safe"})
    seen = copy.copy(f)
    seen.image, seen.entries = bytearray(f.image), dict(f.entries)
    seen.image += f.commit({0: "never seen"}).image[len(seen.image) :]
    return seen


def waypoints():
    """Two waypoints: a block that begins right at the first mebibyte, and the filler, behind a
    block that is longer than one.  The key is removed again, so that the dump is short."""
    step = 1 << 20
    exact, long = String(b"a" * (step - 24 - 8 - 1)), String(b"b" * (step + 60))
    f = file12().commit({0: pair(exact, long), 1: "short"}, {0: "long"})
    return f.commit({1: pair("shorter", 2)}, remove=[0])


FILES = [
    example, empty, immediates, blocks, nested, sharing, cycle, strings, floats, float_arrays,
    zero_sized, zero_sized_last, zero_sized_only, immediate_only, keys, keys_many, names,
    generations, increments, unfinished, superseded, customs, registered, bigarrays,
    bigarray_empty_only, lazies, hashtbl, schemas,
    commit, commits, commit_empty, removed, removed_all, restored, superseded_commits, resumed,
    compacted,
    older_on_newer, newer_on_older, newer_older_newer, unfinished_commit,
]  # fmt: skip

# Mebibytes of a few different bytes: committed compressed.
LARGE = [waypoints]


def text_of(f):
    dumps = {str(key): dump for key, dump in f.dumps().items()}
    lines = [f"{json.dumps(key)}: {json.dumps(dump)}" for key, dump in dumps.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n" if lines else "{}\n"


def make():
    """{name: (bytes, text of the dump)}"""
    files = {function.__name__: function() for function in FILES + LARGE}
    return {name: (bytes(f.image), text_of(f)) for name, f in files.items()}


def committed(name):
    """The bytes of a golden file."""
    plain = HERE / f"{name}.ancient"
    return plain.read_bytes() if plain.exists() else lzma.decompress(packed(name).read_bytes())


def packed(name, folder=HERE):
    return folder / f"{name}.ancient.xz"


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    large = {function.__name__ for function in LARGE}
    for name, (image, text) in make().items():
        if name in large:
            packed(name, folder).write_bytes(lzma.compress(image))
        else:
            (folder / f"{name}.ancient").write_bytes(image)
        (folder / f"{name}.json").write_text(text)


if __name__ == "__main__":
    main()
