"""tests/library: what the archives and shared objects define for others to see begins with ancient_
(or is what OCaml and Python ask for), so that no program's own function takes the place of ours."""

import os
import pathlib
import re

import pytest
from commands import run

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
OURS = r"ancient_\w+"
FIRST_EXTENT = 8192

ALLOWED = {
    "c-reader/libancient-reader.a": OURS,
    "c-reader/libancient-reader.so.1": rf"{OURS}|ANCIENT_READER_1",
    "core/libancient_core.a": OURS,
    "ocaml/libancient_stubs.a": OURS,
    "ocaml/dllancient_stubs.so": OURS,
    "ocaml/ancient.a": r"camlAncient\w*|camlStdlib\w*",
    "python/ancient/_ancient.*.so": "PyInit__ancient",
}


def visible(path):
    how = ["--dynamic"] if ".so" in path.name else []
    lines = run("nm", "--defined-only", "--extern-only", *how, "--format=posix", path).splitlines()
    return {words[0].split("@")[0] for words in map(str.split, lines) if len(words) > 1}


@pytest.mark.parametrize("name", ALLOWED)
def test_every_visible_name_is_ours(build_dir, name):
    (path,) = build_dir.glob(name)
    names = visible(path)
    assert names
    assert {symbol for symbol in names if not re.fullmatch(ALLOWED[name], symbol)} == set()


def internal_names(archive):
    """What the archive defines and no header declares, as it would be called without a prefix."""
    names = set()
    for symbol in visible(archive):
        bare = re.sub("^ancient_(core_|reader_)?", "", symbol)
        names |= {bare, f"core_{bare}", f"reader_{bare}"}
    return {name for name in names if "_" in name and not name.startswith("ancient_")}


def namesakes(archive):
    """A program that has a function of its own for each name, each of which ends it."""
    bodies = "\n".join(
        f"void {name}(void);\nvoid {name}(void) {{ abort(); }}"
        for name in sorted(internal_names(archive))
    )
    return f"#include <stdlib.h>\n{bodies}\n"


CHECKS = r"""
#include <ancient_reader.h>
#include <ancient_schema.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct ancient_error err;
	struct ancient_file *file;
	struct ancient_schema *schema;
	const char text[] = "val root : (int, string) Hashtbl.t";
	int i;

	if (ancient_schema_parse(text, sizeof(text) - 1, "root", &schema, &err) != ANCIENT_OK)
		return 1;
	ancient_schema_close(schema);
	for (i = 1; i < argc; i++) {
		enum ancient_code code = ancient_file_open(argv[i], NULL, &file, &err);

		if (code == ANCIENT_OK) {
			code = ancient_file_verify(file, NULL, NULL, &err);
			ancient_file_close(file);
		}
		puts(ancient_code_name(code));
	}
	return 0;
}
"""


def damaged(folder):
    """A copy of a file with a bit of its first extent turned over."""
    content = bytearray((GOLDEN / "example.ancient").read_bytes())
    content[FIRST_EXTENT + 64] ^= 1
    path = folder / "damaged.ancient"
    path.write_bytes(content)
    return path


def test_a_program_with_functions_of_these_names(prefix, libdir, tmp_path):
    archive = libdir / "libancient-reader.a"
    (tmp_path / "names.c").write_text(namesakes(archive))
    (tmp_path / "main.c").write_text(CHECKS)
    program = tmp_path / "main"
    run("cc", "-flto", tmp_path / "main.c", tmp_path / "names.c", f"-I{prefix}/include", archive,
        "-lpthread", "-o", program)  # fmt: skip
    said = run(program, GOLDEN / "example.ancient", damaged(tmp_path))
    assert said.split() == ["OK", "BAD_CHECKSUM"]


OCAML = r"""
external own : unit -> int = "program_own"
let () =
  let name = Sys.argv.(1) in
  let fd = Unix.openfile name [ Unix.O_RDWR; Unix.O_CREAT ] 0o600 in
  let md = Ancient.attach fd 0n in
  ignore (Ancient.share md 0 [ "vim"; "ed" ]);
  let back : string list Ancient.ancient = Ancient.get md 0 in
  let marked = Ancient.mark (Array.init 1000 string_of_int) in
  print_endline (String.concat " " (Ancient.follow back));
  print_endline (Ancient.follow marked).(999);
  Ancient.delete marked;
  Ancient.detach md;
  print_int (own ())
"""


def test_an_ocaml_program_with_functions_of_these_names(prefix, tmp_path):
    (tmp_path / "main.ml").write_text(OCAML)
    (stubs,) = prefix.rglob("libancient_stubs.a")
    (tmp_path / "names.c").write_text(
        namesakes(stubs) + "#include <caml/mlvalues.h>\n"
        "value program_own(value unit);\n"
        "value program_own(value unit) { (void)unit; return Val_int(42); }\n"
    )
    environment = {**os.environ, "OCAMLPATH": str(stubs.parents[1])}
    run("ocamlfind", "ocamlopt", "-package", "unix,ancient", "-linkpkg", "names.c", "main.ml",
        "-o", "main", cwd=tmp_path, env=environment)  # fmt: skip
    assert run(tmp_path / "main", tmp_path / "x.ancient") == "vim ed\n999\n42"
