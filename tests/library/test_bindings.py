"""tests/library: what bindings of other languages need: every function of the headers can be called
with nothing compiled, and the inline ones do there what they do in C."""

import pathlib
import re

import cffi
import pytest
from commands import run

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"

CONFORMANCE = GOLDEN.parents[1] / "spec" / "conformance"

# What the C compiler makes of the headers, in the form that cffi reads.
FAKE = {
    "stdint.h": "",
    "stddef.h": "",
    "stdbool.h": "",
    "string.h": "",
    "assert.h": "",
}


def cdef(prefix, folder):
    fake = folder / "fake"
    fake.mkdir()
    for name, text in FAKE.items():
        (fake / name).write_text(text)
    headers = ["ancient_reader.h", "ancient_schema.h", "ancient_bind.h", "ancient_arrow.h"]
    (folder / "all.h").write_text("".join(f"#include <{name}>\n" for name in headers))
    text = run(
        "gcc", "-E", "-P", "-nostdinc", f"-I{fake}", f"-I{prefix}/include", "-std=c99",
        "-DANCIENT_INLINE=ANCIENT_API", "-DUINT64_MAX=0", folder / "all.h",
    )  # fmt: skip
    # The compiler-only functions of <ancient_access.h>, and facts of layouts.
    text = re.sub(r"static inline [^;{]*\{.*?\n\}\n", "", text, flags=re.S)
    text = re.sub(r"extern int ancient_layout\[.*?\];", "", text)
    # Bodies: of the functions, whose closing brace begins a line.
    return re.sub(r"\)\n\{.*?\n\}\n", ");\n", text, flags=re.S)


@pytest.fixture(scope="module")
def ffi(prefix, tmp_path_factory):
    made = cffi.FFI()
    made.cdef(cdef(prefix, tmp_path_factory.mktemp("cdef")))
    return made


@pytest.fixture(scope="module")
def library(ffi, libdir):
    return ffi.dlopen(str(libdir / "libancient-reader.so.1"))


def declared(prefix, how):
    """Names of the functions that the installed headers declare with one of these macros."""
    found = set()
    for header in sorted((prefix / "include").glob("*.h")):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        found |= set(re.findall(rf"^ANCIENT_(?:{how})\b[^;{{]*?\b(ancient_\w+)\(", text, re.M))
    return sorted(found)


@pytest.fixture(scope="module")
def inline(ffi, library, prefix, libdir, tmp_path_factory):
    """inline(name): the function as a C program has it, compiled from the header."""
    folder, names = tmp_path_factory.mktemp("inline"), declared(prefix, "INLINE")
    lines = ["#include <ancient_bind.h>", "#include <ancient_lookup.h>"]
    lines += [f"void *inline_{name}(void) {{ return (void *){name}; }}" for name in names]
    (folder / "inline.c").write_text("\n".join(lines))
    made = folder / "libinline.so"
    run("gcc", "-std=gnu11", "-O2", "-w", "-shared", "-fPIC", "-o", made, folder / "inline.c",
        f"-I{prefix}/include", f"-L{libdir}", "-lancient-reader")  # fmt: skip
    addresses = cffi.FFI()
    addresses.cdef("".join(f"void *inline_{name}(void);" for name in names))
    opened = addresses.dlopen(str(made))

    def get(name):
        address = int(addresses.cast("uintptr_t", getattr(opened, f"inline_{name}")()))
        exported = getattr(library, name)
        assert address != int(ffi.cast("uintptr_t", exported))
        return ffi.cast(ffi.typeof(exported), address)

    assert len(names) >= 8
    get.opened = opened
    return get


def test_every_function_of_the_headers_is_found(ffi, library, prefix):
    names = declared(prefix, "API|INLINE")
    assert len(names) > 90
    for name in names:
        assert ffi.typeof(getattr(library, name)).kind == "function", name
    assert ffi.string(library.ancient_version()) == b"1.0.0"


def same(ffi, a, b):
    assert ffi.typeof(a) is ffi.typeof(b)
    if ffi.typeof(a).kind == "struct":
        return {m: value(ffi, getattr(a, m)) for m, _ in ffi.typeof(a).fields} == {
            m: value(ffi, getattr(b, m)) for m, _ in ffi.typeof(b).fields
        }
    return a == b


def value(ffi, x):
    if isinstance(x, ffi.CData) and ffi.typeof(x).kind in {"struct", "union"}:
        return bytes(ffi.buffer(ffi.new(ffi.getctype(ffi.typeof(x), "*"), x)))
    return x


KEYS = r"""
#include <ancient_lookup.h>

void make_key(int which, struct ancient_key *key, int64_t i, const void *p, size_t n, double d,
	struct ancient_value v)
{
	switch (which) {
	case 0: *key = ancient_key_int(i); break;
	case 1: *key = ancient_key_string((const char *)p, n); break;
	case 2: *key = ancient_key_float(d); break;
	case 3: *key = ancient_key_boxed(ANCIENT_KEY_INT64, i); break;
	case 4: *key = ancient_key_floats((const double *)p, n); break;
	case 5: *key = ancient_key_block(5, (const struct ancient_key *)p, n); break;
	case 6: *key = ancient_key_tuple((const struct ancient_key *)p, n); break;
	case 7: *key = ancient_key_value(v); break;
	}
}
"""


def test_keys_are_those_of_the_inline_functions(ffi, library, prefix, tmp_path):
    (tmp_path / "keys.c").write_text(KEYS)
    run("gcc", "-O2", "-w", "-shared", "-fPIC", "-o", tmp_path / "keys.so", tmp_path / "keys.c",
        f"-I{prefix}/include")  # fmt: skip
    maker = cffi.FFI()
    maker.cdef(
        "void make_key(int, void *, int64_t, const void *, size_t, double, uint64_t);"
    )  # a struct of one word is passed as the word
    make = maker.dlopen(str(tmp_path / "keys.so")).make_key
    text, numbers = ffi.new("char[]", b"vim"), ffi.new("double[]", [1.5, -0.0])
    fields = ffi.new("struct ancient_key[2]")
    library.ancient_key_init_int(fields, 3)
    library.ancient_key_init_string(fields + 1, text, 3)
    word = ffi.new("struct ancient_value *", {"word": 0x200000002008})[0]
    cases = [
        (0, "int", (-(2**62),), (-(2**62), 0, 0, 0.0, 0)),
        (1, "string", (text, 3), (0, text, 3, 0.0, 0)),
        (2, "float", (float("inf"),), (0, 0, 0, float("inf"), 0)),
        (3, "boxed", (library.ANCIENT_KEY_INT64, -1), (-1, 0, 0, 0.0, 0)),
        (4, "floats", (numbers, 2), (0, numbers, 2, 0.0, 0)),
        (5, "block", (5, fields, 2), (0, fields, 2, 0.0, 0)),
        (6, "tuple", (fields, 2), (0, fields, 2, 0.0, 0)),
        (7, "value", (word,), (0, 0, 0, 0.0, word.word)),
    ]
    for which, name, arguments, (i, pointer, n, d, v) in cases:
        exported, compiled = ffi.new("struct ancient_key *"), ffi.new("struct ancient_key *")
        getattr(library, f"ancient_key_init_{name}")(exported, *arguments)
        address = int(ffi.cast("uintptr_t", pointer)) if pointer else 0
        make(which, maker.cast("void *", int(ffi.cast("uintptr_t", compiled))), i,
             maker.cast("void *", address), n, d, v)  # fmt: skip
        assert bytes(ffi.buffer(exported)) == bytes(ffi.buffer(compiled)), name


def test_values_of_the_golden_files_are_those_of_the_inline_functions(ffi, library, inline):
    error, file = ffi.new("struct ancient_error *"), ffi.new("struct ancient_file **")
    cursor, entry = ffi.new("struct ancient_cursor *"), ffi.new("struct ancient_entry *")
    parts, schema = ffi.new("struct ancient_parts *"), ffi.new("struct ancient_schema **")
    roots = typed = 0
    for path in sorted([*GOLDEN.glob("*.ancient"), *CONFORMANCE.rglob("*.ancient")]):
        if library.ancient_file_open(str(path).encode(), ffi.NULL, file, error) != 0:
            continue  # an empty one
        library.ancient_cursor_init(file[0], 0, cursor)
        while library.ancient_cursor_next(cursor, entry, error) == 0:
            roots += 1
            root = entry.root
            assert library.ancient_value_is_int(root) == inline("ancient_value_is_int")(root)
            assert library.ancient_value_to_int(root) == inline("ancient_value_to_int")(root)
            assert same(ffi, library.ancient_typed_of(root, 7), inline("ancient_typed_of")(root, 7))
            if not entry.schema or library.ancient_schema_parse(
                entry.schema, entry.schema_length, b"golden", schema, error
            ):
                continue  # without types, or with a text that is no schema
            one = library.ancient_typed_root(schema[0], root)
            assert same(ffi, one, inline("ancient_typed_root")(schema[0], root))
            if library.ancient_typed_parts(file[0], schema[0], one, parts, error) == 0:
                for i in range(parts.count):
                    typed += 1
                    a, b = library.ancient_parts_get, inline("ancient_parts_get")
                    assert same(ffi, a(parts, i, 1), b(parts, i, 1))
            bind = ffi.new("struct ancient_bind *", {"file": file[0], "schema": schema[0]})
            for name, result in {
                "bool": "bool",
                "char": "unsigned char",
                "int32": "int32_t",
            }.items():
                a, b = ffi.new(f"{result} *"), ffi.new(f"{result} *")
                name = f"ancient_bind_{name}"
                code = getattr(library, name)(bind, one, a, error)
                assert (code, a[0]) == (inline(name)(bind, one, b, error), b[0]), name
            library.ancient_schema_close(schema[0])
        library.ancient_file_close(file[0])
    assert roots > 40 and typed > 10
