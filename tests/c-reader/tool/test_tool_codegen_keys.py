"""ancientctl codegen: keys of tables, maps and sets, made by generated functions of typed
arguments, against files that OCaml wrote; and what becomes of keys of another type."""

import os
import pathlib
import re
import shlex
import subprocess

import pytest
from ancientfile import AncientFile, Block, Schema
from ocamlprograms import needs

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = [f"-I{ROOT / path}" for path in ("c-reader/include", "core/include", "core")]
CC = shlex.split(os.environ.get("CC", "cc"))
STRICT = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow"]

FOUND = """\
noun new
other other
verb NO_KEY
all new 1
all old 1
metre 1
kg 2
scaled 3
second NO_KEY FILE: no such key: 1
unit 1 2
unit 0 3
end NO_INDEX
point 1.5
point 2
unbound ARGUMENT FILE: invalid argument: the key given is not bound to its parts: of generated \
code, PREFIX_..._key_bound gives one that is (ancient_bind_key_of); the file is not at fault
points 1 0
record 5
none 1
some 2
scalars 6
list 7
"""
# The hand-made keys of lists that are none.
REFUSED = [
    "expected a key of type int list, found a string",
    "expected a key of type int list, and in it one of type int, found a float there",
]


@pytest.fixture(scope="module")
def published(ocaml_programs, tmp_path_factory):
    """published(main): the file of keyed.ml, whose source file is called so."""

    def make(name="keyed"):
        folder = tmp_path_factory.mktemp(name)
        (folder / f"{name}.ml").write_text((HERE / "keyed.ml").read_text())
        ocaml_programs.compile(folder, f"{name}.ml", packages="ancient.ppx,unix")
        subprocess.run([folder / "program", folder / "keys"], check=True, timeout=60)
        return folder / "keys"

    return make


@pytest.fixture
def build(build_dir, tmp_path):
    def compile_program(source, *flags):
        return subprocess.run(
            [*CC, *STRICT, *INCLUDE, f"-I{tmp_path}", source, *flags,
             build_dir / "c-reader" / "libancient-reader.a", "-pthread", "-o", tmp_path / "main"],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return compile_program


def run_main(tmp_path, path):
    done = subprocess.run([tmp_path / "main", path], capture_output=True, text=True, check=True,
                          timeout=60)  # fmt: skip
    return done.stdout.replace(str(path), "FILE")


@needs("ppxlib")
def test_keys_of_every_kind_are_found(tool, published, build, tmp_path):
    path = published()
    assert tool("codegen", "--prefix", "kt", path, "0", "-o", tmp_path / "kt.h").status == 0
    done = build(HERE / "keyed.c")
    assert done.returncode == 0, done.stderr
    out = run_main(tmp_path, path)
    found, refused = out[: len(FOUND)], out[len(FOUND) :].splitlines()
    assert found == FOUND
    assert len(refused) == len(REFUSED)
    for line, text in zip(refused, REFUSED, strict=True):
        assert line.startswith("list WRONG_KIND FILE: ") and line.endswith(text)


@needs("ppxlib")
def test_names_do_not_hang_on_the_source_file(tool, published):
    texts = []
    for name in ("main", "publisher"):
        path = published(name)
        assert f"module rec {name.capitalize()} : sig" in tool("schema", path, "0").out
        for lang in ("c", "pyi"):
            texts.append(tool("codegen", "--prefix", "kt", "--lang", lang, path, "0").out)
    names = [
        set(re.findall(r"\b[Kk]t_\w+|^class \w+|^\w+: _t.TypeAlias", text, re.M)) for text in texts
    ]
    assert names[0] == names[2] and len(names[0]) > 100
    assert names[1] == names[3] and len(names[1]) > 5
    # A module that a functor made has the program's name for it.
    assert {"kt_int_units", "kt_points", "kt_int_by_option"} <= names[0]


WRONG = [
    # A key of another type.
    "kt_int_units_find(&b, units, kt_point_key_of(&b, 1, 2), &n, &err)",
    "kt_pos_and_int_string_table_find(&b, senses, kt_pos_key_noun(&b), &s, &length, &err)",
    # A part of another type.
    "kt_pos_and_int_string_table_find(&b, senses, kt_pos_and_int_key_of(&b, &point, 1), &s, "
    "&length, &err)",
    # As one wrote it before.
    "kt_int_units_find(&b, units, &raw, &n, &err)",
]

USE = r"""
#include "kt.h"
enum ancient_code use(struct kt_bind b, struct kt_int_units units,
	struct kt_pos_and_int_string_table senses, struct kt_point_key point);
enum ancient_code use(struct kt_bind b, struct kt_int_units units,
	struct kt_pos_and_int_string_table senses, struct kt_point_key point)
{
	struct ancient_key raw = ancient_key_int(0);
	struct ancient_error err;
	int64_t n = 0;
	const char *s;
	size_t length;

	(void)b, (void)err, (void)point, (void)units, (void)senses, (void)raw;
	(void)s, (void)length, (void)n;
	return CALL;
}
"""


@needs("ppxlib")
def test_a_key_of_another_type_does_not_compile(tool, published, build, tmp_path):
    path = published()
    assert tool("codegen", "--prefix", "kt", path, "0", "-o", tmp_path / "kt.h").status == 0
    for call in ("ANCIENT_OK", *WRONG):
        (tmp_path / "use.c").write_text(USE.replace("CALL", call))
        done = build(tmp_path / "use.c", "-c")
        assert (done.returncode == 0) == (call == "ANCIENT_OK"), call + done.stderr
        assert ("incompatible" in done.stderr) == (call != "ANCIENT_OK"), done.stderr


# A record that is a key, by types that have a field fewer than the file's.
OLDER = "type k = { a : int }\nmodule M : Map.S with type key = k\nval root : int M.t\n"
NEWER = OLDER.replace("a : int", "b : string; a : int")

READ_OLDER = r"""
#include <stdio.h>
#include "kt.h"
int main(int argc, char **argv)
{
	struct ancient_error err;
	struct ancient_file *file;
	struct kt_bind b;
	struct kt_int_m map;
	struct kt_k_key key;
	int64_t n = 0;
	enum ancient_code code;

	(void)argc;
	if (ancient_file_open(argv[1], NULL, &file, &err) != ANCIENT_OK ||
		kt_bind_key(file, 0, &b, &err) != ANCIENT_OK || kt_root(&b, &map, &err) != ANCIENT_OK) {
		puts(err.message);
		return 1;
	}
	key = kt_k_key_of(&b, 5);
	code = kt_int_m_find(&b, map, key, &n, &err);
	printf("%s %s\n", ancient_code_name(code), code == ANCIENT_OK ? "" : err.message);
	kt_unbind(&b);
	ancient_file_close(file);
	return 0;
}
"""


@pytest.mark.parametrize(("text", "key", "said"), [
    (OLDER, Block(0, 5), "OK"),
    (OLDER, Block(0, 6), "NO_KEY"),
    (NEWER, Block(0, "x", 5), "WRONG_KIND"),
])  # fmt: skip
def test_a_record_that_has_more_fields_is_no_absent_key(tool, build, tmp_path, text, key, said):
    (tmp_path / "types").write_text(OLDER)
    (tmp_path / "main.c").write_text(READ_OLDER)
    assert tool("codegen", "--schema", tmp_path / "types", "--prefix", "kt", "-o",
                tmp_path / "kt.h").status == 0  # fmt: skip
    assert build(tmp_path / "main.c").returncode == 0
    path = tmp_path / "file"
    image = AncientFile().commit({0: Block(0, 0, key, 1, 0, 1)}, None, {0: Schema(text, "?")}).image
    path.write_bytes(image)
    out = run_main(tmp_path, path)
    assert out.startswith(said + " ")
    if said == "WRONG_KIND":
        assert "expected a key of type k, found one without parts" in out
