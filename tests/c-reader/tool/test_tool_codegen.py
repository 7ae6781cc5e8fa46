"""ancientctl codegen: headers that compile, read by name, and say what is missing."""

import ast
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from ancientfile import AncientFile, Block, FloatArray, Schema, pair
from codegentypes import EVERYTHING, HOSTILE, KEYED, WORDS

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = ROOT / "tests" / "golden" / "schemas.ancient"
INCLUDE = [f"-I{ROOT / path}" for path in ("c-reader/include", "core/include", "core")]
STRICT = ["-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wpedantic"]
CC = shlex.split(os.environ.get("CC", "cc"))
CXX = shlex.split(os.environ.get("CXX", "c++"))

needs_cc = pytest.mark.skipif(shutil.which(CC[0]) is None, reason="needs a C compiler")

SHAPES = """
type package = { version : string; size : int }
type shape = Dot | Circle of float | Square of { side : int }
val root : package * shape list
"""
# The same, written by a newer program: more fields and constructors, in another order.
NEWER = """
type size = Kilobytes of int
type package = { license : string option; size : int; added : size; version : string }
type shape = Line | Square of { colour : string; side : int } | Dot | Circle of float
val root : package * shape list
"""

READ_SHAPES = r"""
#include <stdio.h>
#include <stdlib.h>
#include "idx.h"

static struct ancient_error err;

static void must(enum ancient_code code)
{
	if (code != ANCIENT_OK) {
		printf("%s %s\n", ancient_code_name(code), err.message);
		exit(0);
	}
}

int main(int argc, char **argv)
{
	struct ancient_file *file;
	struct idx_bind b;
	struct idx_package_and_shape_list root;
	struct idx_package package;
	struct idx_shape_list shapes;
	struct idx_shape shape;
	struct idx_shape_list_iterator it;
	enum ancient_code code;
	const char *version;
	size_t length;
	int64_t size;

	(void)argc;
	must(ancient_file_open(argv[1], NULL, &file, &err));
	must(idx_bind_key(file, 0, &b, &err));
	must(idx_root(&b, &root, &err));
	must(idx_package_and_shape_list_0(&b, root, &package, &err));
	must(idx_package_version(&b, package, &version, &length, &err));
	must(idx_package_size(&b, package, &size, &err));
	printf("%.*s %lld\n", (int)length, version, (long long)size);
	must(idx_package_and_shape_list_1(&b, root, &shapes, &err));
	must(idx_shape_list_iterate(&b, shapes, &it, &err));
	while ((code = idx_shape_list_next(&b, &it, &shape, &err)) == ANCIENT_OK) {
		enum idx_shape_kind kind;
		double radius = 0;
		int64_t side = 0;

		must(idx_shape_kind_of(&b, shape, &kind, &err));
		code = idx_shape_circle(&b, shape, &radius, &err);
		if ((code == ANCIENT_OK) != (kind == IDX_SHAPE_CIRCLE))
			printf("circle: %s\n", err.message);
		if (kind == IDX_SHAPE_SQUARE)
			must(idx_shape_square_side(&b, shape, &side, &err));
		printf("%s %g %lld\n",
			kind == IDX_SHAPE_DOT      ? "dot"
			: kind == IDX_SHAPE_CIRCLE ? "circle"
			: kind == IDX_SHAPE_SQUARE ? "square"
			: kind == IDX_SHAPE_OTHER  ? "other"
							: "?",
			radius, (long long)side);
	}
	printf("end %s\n", ancient_code_name(code));
	idx_unbind(&b);
	ancient_file_close(file);
	return 0;
}
"""


def compile_program(command):
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.fixture
def header(tool, tmp_path):
    """header(text) gives the folder that idx.h, generated from the text, lies in."""

    def make(text):
        (tmp_path / "types").write_text(text)
        run = tool("codegen", "--schema", tmp_path / "types", "--prefix", "idx", "-o",
                   tmp_path / "idx.h")  # fmt: skip
        assert (run.status, run.out, run.err) == (0, "", "")
        return tmp_path

    return make


@pytest.fixture
def program(header, build_dir):
    """program(text, source) compiles a program with the header and gives what runs it."""

    def make(text, source):
        folder = header(text)
        (folder / "main.c").write_text(source)
        library = build_dir / "c-reader" / "libancient-reader.a"
        compile_program([*CC, "-std=gnu11", *STRICT, *INCLUDE, f"-I{folder}", folder / "main.c",
                         library, "-pthread", "-o", folder / "main"])  # fmt: skip

        def run(path):
            return subprocess.run(
                [folder / "main", path], capture_output=True, text=True, check=True, timeout=60
            ).stdout.splitlines()

        return run

    return make


def typed_file(tmp_path, text, value, encoding="?"):
    path = tmp_path / "typed.ancient"
    path.write_bytes(AncientFile().commit({0: value}, None, {0: Schema(text, encoding)}).image)
    return path


def some_list(*values):
    cells = 0
    for value in reversed(values):
        cells = pair(value, cells)
    return cells


# ---- Headers ---------------------------------------------------------------------------


@needs_cc
@pytest.mark.parametrize("text", [EVERYTHING, HOSTILE, KEYED, SHAPES, "val root : int",
                                  "val root : string list", "type t = A val root : t"])  # fmt: skip
def test_a_header_compiles_without_a_warning_in_c_and_cpp(header, text):
    folder = header(text)
    twice = '#include "idx.h"\n#include "idx.h"\nint main(void) { return 0; }\n'
    (folder / "main.c").write_text(twice)
    (folder / "main.cc").write_text(twice)
    flags = [*STRICT, *INCLUDE, f"-I{folder}", "-c", "-o", folder / "out.o"]
    compile_program([*CC, "-std=c11", *flags, folder / "main.c"])
    if shutil.which(CXX[0]):
        compile_program([*CXX, "-std=c++11", *flags, folder / "main.cc"])


@needs_cc
def test_the_compiler_tells_the_types_apart(header):
    folder = header(SHAPES)
    (folder / "main.c").write_text(
        '#include "idx.h"\n'
        "enum ancient_code f(struct idx_bind *b, struct idx_shape s, int64_t *n)\n"
        "{ return idx_package_size(b, s, n, NULL); }\n"
    )
    done = subprocess.run([*CC, *INCLUDE, f"-I{folder}", "-c", folder / "main.c", "-o", os.devnull],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode != 0
    assert "idx_package" in done.stderr


def test_the_same_types_give_the_same_bytes(tool, tmp_path):
    (tmp_path / "types").write_text(EVERYTHING)
    for language in ("c", "pyi"):
        runs = [tool("codegen", "--schema", tmp_path / "types", "--prefix", "x", "--lang", language)
                for _ in range(2)]  # fmt: skip
        assert runs[0].status == 0
        assert runs[0].out == runs[1].out


@pytest.mark.parametrize("language", ["c", "pyi"])
def test_what_is_written_is_the_golden_text(tool, language):
    golden = HERE / f"codegen_golden_{language}.txt"
    run = tool("codegen", "--prefix", "idx", "--lang", language, GOLDEN, "0")
    assert (run.status, run.err) == (0, "")
    assert re.sub(r"version \d+\.\d+\.\d+", "version V", run.out) == golden.read_text()


def test_constructors_keep_their_names_beside_what_the_header_adds(tool, tmp_path):
    """The kind of an unknown constructor, and the function that binds a key, give way."""
    (tmp_path / "types").write_text(
        "type t = Other | Bound module M : Set.S with type elt = t val root : M.t"
    )
    out = tool("codegen", "--schema", tmp_path / "types", "--prefix", "idx").out
    assert "IDX_T_OTHER, /* Other */" in out and "IDX_T_OTHER_2, /* one that" in out
    assert "idx_t_key_bound(const struct idx_bind *b)" in out
    assert "idx_t_key_bound_2(const struct idx_t_key *made)" in out


def test_names_are_given_once(tool, tmp_path):
    for text in (EVERYTHING, HOSTILE, KEYED):
        (tmp_path / "types").write_text(text)
        out = tool("codegen", "--schema", tmp_path / "types", "--prefix", "idx").out
        given = re.findall(r"^struct (\w+) \{|^(idx_\w+)\(const|^enum (\w+) \{", out, re.MULTILINE)
        names = [name for names in given for name in names if name]
        assert sorted(set(names)) == sorted(names)


STRUCT = re.compile(
    r"^/\* ((?:(?!\*/).)*) \*/\nstruct (\w+) \{\n\tstruct ancient_typed", re.MULTILINE | re.DOTALL
)


def structs(tool, tmp_path, text, *options, prefix="idx"):
    """The structs of a header's types, by the comment: the type, and what is said of the name."""
    (tmp_path / "types").write_text(text)
    run = tool("codegen", "--schema", tmp_path / "types", "--prefix", prefix, *options)
    assert (run.status, run.err) == (0, "")
    return {said.replace("\n *", ""): name for said, name in STRUCT.findall(run.out)}


NESTED = """
module Main : sig
  type shape = Dot
  module Inner : sig type t = { a : shape } type dep = { b : t } end
  type root = { a : Inner.t; b : Inner.dep }
end
module Package : sig type t = { root : Main.root } end
val root : Package.t list
"""


def test_the_first_module_is_left_out_of_names(tool, tmp_path):
    names = {
        "Package.t list": "idx_package_list",
        "Package.t": "idx_package",
        "Main.root.  Numbered: another type or function is idx_root": "idx_root_2",
        "Main.Inner.t": "idx_inner",
        "Main.Inner.dep": "idx_inner_dep",
        "Main.shape": "idx_shape",
    }
    assert structs(tool, tmp_path, NESTED) == names
    names["Main.Inner.dep"] = "idx_dep"
    assert structs(tool, tmp_path, NESTED, "--drop-modules") == names


def test_a_prefix_that_ends_in_the_module_is_not_doubled(tool, tmp_path):
    text = """module Wn : sig type t = { a : int } module Wn : sig type sense = { b : t } end end
    val root : Wn.Wn.sense list"""
    for prefix in ("wn", "my_wn", "WN"):
        assert structs(tool, tmp_path, text, prefix=prefix) == {
            "Wn.Wn.sense list": f"{prefix}_sense_list", "Wn.Wn.sense": f"{prefix}_sense",
            "Wn.t": f"{prefix}_t",
        }  # fmt: skip
    assert structs(tool, tmp_path, text, prefix="own")["Wn.t"] == "own_wn"


def test_types_that_would_have_one_name_keep_their_modules(tool, tmp_path):
    a, b = (f"module {m} : sig type shape = {m} type own = O of shape end\n" for m in "AB")
    said = ".  With its modules: another type is called shape, too"
    for text in (a + b, b + a):
        text += "type t = { a : A.shape; b : B.shape; c : A.own list } val root : t"
        for options in ([], ["--drop-modules"]):
            assert structs(tool, tmp_path, text, *options) == {
                "t": "idx_t", f"A.shape{said}": "idx_a_shape", f"B.shape{said}": "idx_b_shape",
                "A.own list": "idx_own_list", "A.own": "idx_own",
            }  # fmt: skip


def test_no_name_is_a_word_of_c_or_cpp(tool, tmp_path):
    said = ".  Numbered: another type or function is"
    assert structs(tool, tmp_path, WORDS, prefix="static")[f"cast{said} static_cast"] == (
        "static_cast_2"
    )
    assert structs(tool, tmp_path, WORDS, prefix="size")[f"t{said} size_t"] == "size_t_2"
    assert structs(tool, tmp_path, WORDS, prefix="thread")[f"local{said} thread_local"]


def test_types_of_one_name_are_numbered(tool, tmp_path):
    # M_.t, M__.t, M___.t and so on are all struct idx_m.
    names = ["M" + "_" * (i + 1) for i in range(200)]
    modules = "".join(f"module {name} : sig type t = {{ a : int }} end\n" for name in names)
    fields = "; ".join(f"f{i} : {name}.t" for i, name in enumerate(names))
    text = f"{modules}type t = {{ {fields} }}\nval root : t\n"
    (tmp_path / "types").write_text(text)
    run = tool("codegen", "--schema", tmp_path / "types", "--prefix", "idx", timeout=20)
    assert run.status == 0
    assert re.findall(r"^struct (idx_m\w*) {", run.out, re.MULTILINE) == [
        "idx_m", *(f"idx_m_{i}" for i in range(2, 201))
    ]  # fmt: skip


USE = """
from __future__ import annotations
import typing
import ancient
if typing.TYPE_CHECKING:
    import types_stub

def sides(db: ancient.Store) -> None:
    root: types_stub.Root = db[0]
    reveal_type(root.table["vim"].depends[0].name)
    reveal_type(root.l)
    reveal_type(root.pv)
    reveal_type(root.t[0])
    reveal_type([point for point in root.shapes][0])
    reveal_type(root.o)
    reveal_type(root.r)
    reveal_type(root.rf.contents)
    match root.r:
        case ancient.Ok(number):
            reveal_type(number)
        case ancient.Err(text):
            reveal_type(text)
    if root.o is not None:
        reveal_type(root.o.value)
    root.table["vim"].wersion
"""


def test_classes_of_a_stub_keep_modules_where_they_would_have_one_name(tool, tmp_path):
    a, b = (f"module {m} : sig type shape = {{ x : int }} end\n" for m in "AB")
    last = "module C : sig type own = { a : A.shape; b : B.shape } end val root : C.own"
    for text in (a + b + last, b + a + last):
        (tmp_path / "types").write_text(text)
        out = tool("codegen", "--lang", "pyi", "--schema", tmp_path / "types").out
        classes = re.findall(r"^# (.*)\n@_t.final\nclass (\w+)", out, re.MULTILINE)
        said = ".  With its modules: another type is called shape, too"
        assert classes == [
            ("C.own", "Own"), (f"A.shape{said}", "A_shape"), (f"B.shape{said}", "B_shape"),
            ("What Store.types() gives.", "Types"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "types",
    [
        "type none = { x : int } val root : none list",
        "type r = { from : int; from_ : int; __init__ : int; __debug__ : int; def : int } "
        "and none = None | True | False of { pass : int } val root : (r, none) Hashtbl.t",
        "module None : sig type t = { z : int } end val root : None.t",
    ],
)
def test_a_stub_is_python_whatever_types_are_called(tool, tmp_path, types):
    (tmp_path / "types").write_text(types)
    run = tool("codegen", "--lang", "pyi", "--schema", tmp_path / "types")
    assert (run.status, run.err) == (0, "")
    names = {node.name for node in ast.walk(ast.parse(run.out)) if isinstance(node, ast.ClassDef)}
    assert "None" not in names and any(name.startswith("None_") for name in names)


def test_a_stub_tells_mypy_the_types(tool, tmp_path, build_dir):
    pytest.importorskip("mypy")
    if not (build_dir / "python" / "ancient" / "py.typed").exists():
        pytest.skip("the build has no Python")
    for name, text in (("types_stub", EVERYTHING), ("hostile", HOSTILE)):
        (tmp_path / "types").write_text(text)
        out = tmp_path / f"{name}.pyi"
        run = tool("codegen", "--lang", "pyi", "--schema", tmp_path / "types", "--output", out)
        assert (run.status, run.err) == (0, "")
    (tmp_path / "use.py").write_text(USE)
    environment = {**os.environ, "MYPYPATH": str(build_dir / "python")}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "use.py", "hostile.pyi"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    revealed = re.findall(r'Revealed type is "(.*)"', done.stdout)
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert [text.replace("builtins.", "") for text in revealed] == [
        "str",
        "str",
        "types_stub.A_b_a_tags_B | types_stub.A_b_a_tags_constant",
        "tuple[str, int, tuple[int, int]]",
        "types_stub.Shape_Circle | types_stub.Shape_Rgb | types_stub.Shape_Kind | "
        "types_stub.Shape_Poly | types_stub.Shape_constant",
        "ancient.Some[int | None] | None",
        "ancient.Ok[int] | ancient.Err[str]",
        "tuple[()]",
        "int",
        "str",
        "int | None",
    ], done.stdout
    assert len(errors) == 1 and '"Package" has no attribute "wersion"' in errors[0], done.stdout


# ---- Reading ----------------------------------------------------------------------------

PACKAGE = Block(0, "9.1", 3800)
CIRCLE = Block(0, 1.5)


@needs_cc
def test_a_file_of_the_same_types_is_read(program, tmp_path):
    run = program(SHAPES, READ_SHAPES)
    shapes = some_list(0, CIRCLE, Block(1, 7))
    assert run(typed_file(tmp_path, SHAPES, pair(PACKAGE, shapes))) == [
        "9.1 3800", "dot 0 0", "circle 1.5 0", "square 0 7", "end NO_INDEX",
    ]  # fmt: skip


@needs_cc
def test_added_and_moved_fields_and_constructors_change_nothing(program, tmp_path):
    run = program(SHAPES, READ_SHAPES)
    package = Block(0, 0, 3800, Block(0, 4), "9.1")
    # Line and Dot are 0 and 1 among the constants, Square and Circle 0 and 1 among the others.
    shapes = some_list(1, Block(1, 1.5), Block(0, "red", 7), 0)
    assert run(typed_file(tmp_path, NEWER, pair(package, shapes))) == [
        "9.1 3800", "dot 0 0", "circle 1.5 0", "square 0 7", "other 0 0", "end NO_INDEX",
    ]  # fmt: skip


@needs_cc
@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("size : int", "length : int", "NO_FIELD", 'field "size" of type package'),
        ("size : int", "size : string", "BAD_SHAPE",
         'field "size" of type package: expected int, found string'),
        ("side : int", "width : int", "NO_FIELD", 'field "side" of Square of type shape'),
        ("Circle of float", "Round of float", "BAD_SHAPE", "no constructor Circle"),
        ("Circle of float", "Circle of float * float", "BAD_SHAPE", "constructor Circle"),
        ("Circle of float", "Circle", "BAD_SHAPE", "constructor Circle"),
        ("Circle of float", "Circle of int", "BAD_SHAPE",
         "argument 0 of Circle of type shape: expected float, found int"),
        ("package * shape list", "package * shape array", "BAD_SHAPE",
         "expected shape list, found shape array"),
        ("package * shape list", "package * shape list * int", "BAD_SHAPE", "the value: expected"),
    ],
)  # fmt: skip
def test_what_is_missing_or_another_is_named(program, tmp_path, old, new, code, message):
    assert old in SHAPES
    path = typed_file(tmp_path, SHAPES.replace(old, new), 0)
    (line,) = program(SHAPES, READ_SHAPES)(path)
    assert line.startswith(code + " ")
    assert message in line
    assert "typed.ancient" in line


@needs_cc
def test_values_that_are_not_of_their_type_are_errors(program, tmp_path):
    run = program(SHAPES, READ_SHAPES)
    for value in (0, pair(0, 0), pair(Block(0, "9.1"), 0), pair(Block(0, 5, 5), 0),
                  pair(PACKAGE, some_list(9))):  # fmt: skip
        lines = run(typed_file(tmp_path, SHAPES, value))
        assert lines[-1].startswith("BAD_SHAPE ")


@needs_cc
def test_a_key_without_types_cannot_be_bound(program, tmp_path):
    path = tmp_path / "untyped"
    path.write_bytes(AncientFile().commit({0: 1}).image)
    (line,) = program(SHAPES, READ_SHAPES)(path)
    assert line.startswith("BAD_SCHEMA ")
    assert "without types" in line


TABLES = """
module Names : Map.S with type key = string [@@ancient.order standard]
module Ints : Set.S with type elt = int [@@ancient.order standard]
type t = { names : int Names.t; ints : Ints.t; floats : float array; o : int option option;
           r : (int, string) result; s : int * string }
val root : t
"""

READ_TABLES = r"""
#include <stdio.h>
#include "idx.h"

#define MUST(call) do { if ((call) != ANCIENT_OK) { puts(err.message); return 0; } } while (0)

int main(int argc, char **argv)
{
	struct ancient_error err;
	struct ancient_file *file;
	struct idx_bind b;
	struct idx_t root;
	struct idx_int_names names;
	struct idx_int_names_iterator it;
	struct idx_ints ints;
	struct idx_float_array floats;
	struct idx_int_option_option o;
	struct idx_int_option inner;
	struct idx_int_string_result r;
	const double *numbers;
	const char *text;
	size_t length;
	uint64_t count;
	int64_t number = -1;
	bool has, some, ok;

	(void)argc;
	MUST(ancient_file_open(argv[1], NULL, &file, &err));
	MUST(idx_bind_named(file, "tables", 6, &b, &err));
	MUST(idx_root(&b, &root, &err));
	MUST(idx_t_names(&b, root, &names, &err));
	MUST(idx_int_names_find(&b, names, "b", 1, &number, &err));
	printf("b %lld %s\n", (long long)number,
		ancient_code_name(idx_int_names_find(&b, names, "x", 1, &number, &err)));
	MUST(idx_int_names_length(&b, names, &count, &err));
	MUST(idx_int_names_iterate(&b, names, &it, &err));
	while (idx_int_names_next(&b, &it, &text, &length, &number, &err) == ANCIENT_OK)
		printf("%.*s=%lld of %llu\n", (int)length, text, (long long)number,
			(unsigned long long)count);
	MUST(idx_t_ints(&b, root, &ints, &err));
	MUST(idx_ints_has(&b, ints, 5, &has, &err));
	MUST(idx_ints_has(&b, ints, 6, &some, &err));
	printf("5 %d 6 %d\n", has, some);
	MUST(idx_t_floats(&b, root, &floats, &err));
	MUST(idx_float_array_floats(&b, floats, &numbers, &length, &err));
	printf("%zu floats, %g\n", length, numbers[1]);
	MUST(idx_t_o(&b, root, &o, &err));
	MUST(idx_int_option_option_get(&b, o, &has, &inner, &err));
	MUST(idx_int_option_get(&b, inner, &some, &number, &err));
	printf("Some %d None %d\n", has, !some);
	MUST(idx_t_r(&b, root, &r, &err));
	MUST(idx_int_string_result_ok(&b, r, &ok, &number, &err));
	MUST(idx_int_string_result_error(&b, r, &has, &text, &length, &err));
	printf("ok %d error %d %.*s\n", ok, has, (int)length, text);
	idx_unbind(&b);
	ancient_file_close(file);
	return 0;
}
"""


@needs_cc
def test_containers_options_and_results_are_read(program, tmp_path):
    names = Block(0, Block(0, 0, "a", 1, 0, 1), "b", 2, 0, 2)
    value = Block(0, names, Block(0, 0, 5, 0, 1), FloatArray([0.5, 2.5]), Block(0, 0),
                  Block(1, "no"), pair(1, "x"))  # fmt: skip
    path = tmp_path / "tables.ancient"
    path.write_bytes(
        AncientFile().commit({3: value}, {3: "tables"}, {3: Schema(TABLES, "?")}).image
    )
    assert program(TABLES, READ_TABLES)(path) == [
        "b 2 NO_KEY", "a=1 of 2", "b=2 of 2", "5 1 6 0", "2 floats, 2.5", "Some 1 None 1",
        "ok 0 error 1 no",
    ]  # fmt: skip


# ---- The command -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([GOLDEN, "0"], 2, "'codegen' needs --prefix NAME"),
        (["--prefix", "idx"], 2, "takes FILE KEY, or --schema TEXTFILE"),
        (["--prefix", "idx", GOLDEN], 2, "takes FILE KEY, or --schema TEXTFILE"),
        (["--prefix", "idx", "--schema", "x", GOLDEN, "0"], 2, "takes FILE KEY, or --schema"),
        (["--prefix", "idx", "--lang", "rust", GOLDEN, "0"], 2, "expected c or pyi, found 'rust'"),
        (["--prefix", "9x", GOLDEN, "0"], 2, "--prefix: expected a name"),
        (["--prefix", "a b", GOLDEN, "0"], 2, "--prefix: expected a name"),
        (["--prefix", "_a", GOLDEN, "0"], 2, "--prefix: expected a name"),
        (["--prefix", "ancient", GOLDEN, "0"], 2, "--prefix: expected a name"),
        (["--prefix", "idx", GOLDEN, "77"], 3, "no such key"),
        (["--prefix", "idx", GOLDEN, "2"], 3, "shared without types"),
        (["--prefix", "idx", "--schema", "/nonexistent"], 4, "No such file"),
        (["--prefix", "idx", "-o", "/nonexistent/x.h", GOLDEN, "0"], 4, "No such file"),
    ],
)
def test_mistakes_are_told(tool, arguments, status, message):
    run = tool("codegen", *arguments)
    assert (run.status, run.out) == (status, "")
    assert message in run.err


def test_a_text_that_is_no_schema_is_told_with_its_place(tool, tmp_path):
    (tmp_path / "types").write_text("type t = { a : nosuch }\nval root : t\n")
    run = tool("codegen", "--schema", tmp_path / "types", "--prefix", "idx")
    assert (run.status, run.out) == (2, "")
    assert "line 1, column 16" in run.err


def test_the_options_are_in_the_help_and_in_the_manual(tool):
    text = tool("help", "codegen").out
    manual = (ROOT / "c-reader/tool/ancientctl.1").read_text()
    for option in ("--output", "--prefix", "--lang", "--schema", "--name"):
        assert re.search(rf"^ +(?:-\w, )?{option}\b", text, re.MULTILINE)
        assert re.search(rf"[ ,]{option[1:]}\b", manual)
    assert max(map(len, text.splitlines())) <= 90
    assert tool("info", "--prefix", "x", GOLDEN).status == 2
