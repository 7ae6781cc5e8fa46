"""tests/schema: two hundred declarations of types, as the standard library, the compiler, Base and
ordinary programs have them, with the deriver, in a project of dune's default profile.

declarations.txt has a case in each paragraph: declarations, in which % stands for [@@deriving
ancient], the last one of a type t; then a value of it, and as "= JSON" what C prints of it; or as
"! TEXT" a part of the compiler's sentence where t has no schema.  "@5.2" before the declarations:
since that version of OCaml.  Where they have "let same a b", compare tells equal values apart.  A
value is read back in OCaml, after every block was compared with its type, in C and in Python.
"""

import json
import pathlib
import re
import subprocess

import pytest
from ocamlprograms import needs

import ancient

pytestmark = needs("ppxlib")

TABLE = pathlib.Path(__file__).resolve().parent / "declarations.txt"


def version():
    said = subprocess.run(["ocamlfind", "ocamlc", "-version"], capture_output=True, check=True)
    return tuple(map(int, re.findall(rb"\d+", said.stdout)[:2]))


def cases():
    """(declarations, value, JSON) and (declarations, sentence), of this version of OCaml."""
    accepted, refused = [], []
    for paragraph in TABLE.read_text().strip().split("\n\n"):
        first, *rest = paragraph.split("\n")
        since = re.match(r"@(\d+)\.(\d+) ", first)
        if since is not None:
            if tuple(map(int, since.groups())) > version():
                continue
            first = first[since.end() :]
        declarations = first.replace("%", "[@@deriving ancient]")
        if rest[0].startswith("! "):
            refused.append((declarations, rest[0][2:]))
        else:
            accepted.append((declarations, rest[0], rest[1][2:]))
    return accepted, refused


ACCEPTED, REFUSED = cases() if TABLE.exists() else ([], [])

MAIN = """
type case = Case : 'a Ancient.Schema.t * 'a * ('a -> 'a -> bool) -> case

let same a b = compare a b = 0

let () =
  let path = Sys.argv.(1) in
  Ancient.publish_many path
    (List.mapi (fun key (Case (schema, value, _)) -> Ancient.Typed.bind key schema value) cases);
  let md = Ancient.attach_with ~read_only:true (Unix.openfile path [ Unix.O_RDONLY ] 0) in
  List.iteri
    (fun key (Case (schema, value, same)) ->
       let found = Ancient.follow (Ancient.Typed.get ~verify:true md key schema) in
       if not (same found value) then Printf.printf "key %d: another value\\n" key)
    cases
"""


def program():
    """Each case in a module of its own."""
    modules = [
        f"module Case_{i} = struct {declarations}\nlet value : t = {value} end"
        for i, (declarations, value, _) in enumerate(ACCEPTED)
    ]
    listed = "; ".join(
        f"Case (Case_{i}.schema, Case_{i}.value, "
        + (f"Case_{i}.same)" if "let same" in case[0] else "same)")
        for i, case in enumerate(ACCEPTED)
    )
    before, main = MAIN.split("let () =")
    return "\n".join([*modules, before, f"let cases = [ {listed} ]", "let () =", main])


@pytest.fixture(scope="module")
def published(ocaml_programs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("declarations")
    _, dune, _ = ocaml_programs.run(folder, "dune", "--version")
    language = ".".join(dune.strip().split(".")[:2])
    (folder / "dune-project").write_text(f"(lang dune {language})\n")
    (folder / "dune").write_text(
        "(executable (name declarations) (libraries ancient unix) (preprocess (pps ancient.ppx)))\n"
    )
    (folder / "declarations.ml").write_text(program())
    _, _, said = ocaml_programs.run(folder, "dune", "build", "./declarations.exe")
    assert said == ""
    path = folder / "declarations.ancient"
    _, told, _ = ocaml_programs.run(folder, "_build/default/declarations.exe", path)
    assert told == ""
    return path


def flat(value):
    if not isinstance(value, (list, tuple)):
        return [value]
    return [x for part in value for x in flat(part)]


def same_one_member(value, name, part):
    """Of a dump's {name: part}; None where the member means nothing by itself."""
    if name == "float":
        return isinstance(value, float) and repr(value) == part
    if name == "bytes":
        return value == bytes.fromhex(part)
    if isinstance(value, (ancient.Some, ancient.Ok, ancient.Err)):
        (inside,) = value.__reduce__()[1]
        return type(value).__name__[:3] == name[:3] and same(inside, part)
    if isinstance(value, ancient.Constructor):
        return value.name == name and same(value.args, part)
    return None


def same(value, dumped):
    """Whether a copy in Python is what C prints (FORMAT A.3)."""
    if isinstance(dumped, dict) and "bigarray" in dumped:
        return sorted(flat(value)) == sorted(dumped["data"])  # of Fortran layout, another order
    if isinstance(dumped, dict) and len(dumped) == 1:
        answer = same_one_member(value, *next(iter(dumped.items())))
        if answer is not None:
            return answer
    if value is None or value == ():
        return dumped is None or dumped == {"Some": None}  # Some () is no None in Python
    if isinstance(value, tuple) and isinstance(dumped, dict):  # a record that is a key
        dumped = list(dumped.values())
    if isinstance(value, dict):
        pairs = dumped.items() if isinstance(dumped, dict) else dumped
        return len(value) == len(dumped) and all(
            any(same(k, key) and same(v, part) for key, part in pairs) for k, v in value.items()
        )
    if isinstance(value, (set, frozenset)):
        return len(value) == len(dumped) and all(any(same(v, d) for d in dumped) for v in value)
    if isinstance(value, (list, tuple)):
        return len(value) == len(dumped) and all(map(same, value, dumped))
    if isinstance(value, ancient.Constructor):
        return value.name == dumped and len(value.args) == 0
    if isinstance(value, bool) or isinstance(dumped, bool):
        return value is dumped
    if isinstance(value, int):
        return str(value) == str(dumped)
    if value == "\xff" and dumped == "\udcff":  # a char, which is no text in JSON
        return True
    return value == dumped


def test_there_are_two_hundred():
    assert len(TABLE.read_text().split("\n\n")) >= 200
    assert (len(ACCEPTED) >= 150, len(REFUSED) >= 30) == (True, True)


def test_each_is_printed_by_c(published, ancientctl):
    said = subprocess.run([ancientctl, "dump", published], capture_output=True, check=True)
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(lines) == len(ACCEPTED)
    wrong = [
        (case[0], line["value"])
        for case, line in zip(ACCEPTED, lines, strict=True)
        if json.dumps(line["value"]) != case[2]
    ]
    assert wrong == []


def test_each_is_copied_by_python(published):
    with ancient.open(published) as store:
        wrong = [
            (case[0], ancient.to_python(store[key]))
            for key, case in enumerate(ACCEPTED)
            if not same(ancient.to_python(store[key]), json.loads(case[2]))
        ]
    assert wrong == []


@pytest.mark.parametrize(("declarations", "sentence"), REFUSED)
def test_others_are_refused_with_a_sentence(ocaml_programs, tmp_path, declarations, sentence):
    assert sentence in ocaml_programs.refusal(
        tmp_path, declarations, "unix,compiler-libs.common,ancient.ppx"
    )


def test_a_program_that_silences_the_alert_is_told_the_same(ocaml_programs, tmp_path):
    (tmp_path / "silent.ml").write_text(
        "module Names = Map.Make (String)\n"
        "module M = struct type t = int Names.t [@@deriving ancient] end\n"
        "let () = ignore (Ancient.Schema.text M.schema)\n"
    )
    ocaml_programs.compile(tmp_path, "silent.ml", flags=["-alert", "-ancient"])
    code, _, said = ocaml_programs.run(tmp_path, "./program", check=False)
    assert code == 2
    assert "silent.ml, line 2: type Names.t has no schema here" in said.replace("\n", " ")
    assert "map_of ~standard:true where OCaml's compare" in said
