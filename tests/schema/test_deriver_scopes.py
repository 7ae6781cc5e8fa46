"""tests/schema: the deriver takes names for the types that are in scope, not for those that are
usually called so.

Each module and type of the standard library that the deriver knows is hidden by one of the program,
in each way in which a program can hide it.  Where the program's type has a schema, that is taken,
and where it has none the compiler refuses the program.
"""

import pytest
from ocamlprograms import needs

pytestmark = needs("ppxlib")

# With the number of parameters that the type t has usually.
MODULES = {
    "Array": 1, "Array1": 3, "Atomic": 1, "Bigarray": 0, "Bool": 0, "Buffer": 0, "Bytes": 0,
    "Char": 0, "Complex": 0, "Digest": 0, "Domain": 1, "Dynarray": 1, "Either": 2, "Ephemeron": 0,
    "Float": 0, "Format": 0, "Genarray": 3, "Hashtbl": 2, "In_channel": 0, "Int": 0, "Int32": 0,
    "Int64": 0, "Lazy": 1, "Lexing": 0, "List": 1, "Map": 0, "Mutex": 0, "Nativeint": 0, "Obj": 0,
    "Option": 1, "Printexc": 0, "Queue": 1, "Random": 0, "Result": 2, "Seq": 1, "Set": 0,
    "Stack": 1, "String": 0, "Thread": 0, "Uchar": 0, "Unit": 0, "Unix": 0, "Weak": 1, "Z": 0,
}  # fmt: skip
TYPES = {
    "array": 1, "bool": 0, "bytes": 0, "c_layout": 0, "char": 0, "exn": 0, "float": 0,
    "float64_elt": 0, "floatarray": 0, "format": 3, "format4": 4, "format6": 6, "fpclass": 0,
    "in_channel": 0, "int": 0, "int32": 0, "int64": 0, "lazy_t": 1, "list": 1, "nativeint": 0,
    "option": 1, "out_channel": 0, "ref": 1, "result": 2, "string": 0, "unit": 0,
}  # fmt: skip

# Fails where a schema is not of the program's own type.
CHECK = """
let own text =
  let rec has i =
    i + 5 <= Stdlib.String.length text && (Stdlib.String.sub text i 5 = "own :" || has (i + 1))
  in
  if not (has 0) then failwith text
"""
DERIVING = "[@@deriving ancient]"
HOLDS = f"{DERIVING} let () = own (Ancient.Schema.text holder_schema)"


def applied(name, arguments):
    if not arguments:
        return name
    return f"({', '.join(arguments)}) {name}"


def declaration(name, count, deriving=DERIVING, nonrec=""):
    variables = [f"'a{i}" for i in range(count)]
    own = "char" if name == "int" else "int"
    return f"type {nonrec}{applied(name, variables)} = {{ own : {own} }} {deriving}"


def use(name, count):
    return applied(name, ["char" if name == "int" else "int"] * count)


def everywhere(own, hidden, it):
    """Programs that use the type [it], which [own] declares, and [hidden] in a signature."""
    holder = f"type holder = {{ it : {it} }} {HOLDS}"
    package = f"module P = struct {own} end"
    yield f"{own}\n{holder}"
    yield f"{own}\ntype nonrec holder = {{ it : {it}; two : {it} * {it} }} {HOLDS}"
    yield f"{own}\ntype holder = A of {it} | B of int * {it} | C of {{ it : {it} }} {HOLDS}"
    yield f"{own}\ntype holder = {it} {HOLDS}"
    yield f"{own}\ntype holder = [ `A of {it} ] {HOLDS}"
    yield (
        f"{own}\ntype 'p holder = {{ it : {it}; p : 'p }} {DERIVING}\n"
        "type t = T of char holder [@@deriving ancient] let () = own (Ancient.Schema.text schema)"
    )
    yield f"{package}\nopen P\n{holder}"
    yield f"{package}\ninclude P\n{holder}"
    yield f"open struct {own} end\n{holder}"
    yield f"module F () = struct {own} end\nmodule R = F ()\nopen R\n{holder}"
    yield (
        f"module F (P : sig {hidden} end) = struct open P\n{holder} end\n"
        f"module R = F (struct {own} end)"
    )
    yield f"{package}\nlet () = own (let open P in Ancient.Schema.text [%ancient: ({it}) * char])"
    yield f"{package}\nlet () = own P.(Ancient.Schema.text [%ancient: [ `A of {it} ]])"
    yield (
        f"module type S = sig {hidden} end\n"
        f"let text (module P : S) = let open P in Ancient.Schema.text [%ancient: char * {it}]\n"
        f"let () = own (text (module struct {own} end))"
    )


def module_programs(name, count):
    derived = declaration("t", count)
    own, hidden = f"module {name} = struct {derived} end", f"module {name} : sig {derived} end"
    it = use(f"{name}.t", count)
    yield from everywhere(own, hidden, it)
    holder = f"type holder = {{ it : {it} }} {DERIVING}"
    yield (
        f"module rec {hidden[7:]} = struct {derived} end\n"
        f"and H : sig {holder} end = struct {holder} end\n"
        "let () = own (Ancient.Schema.text H.holder_schema)"
    )
    alias = use("A.t", count)
    yield f"module P = struct {own} end\nmodule A = P.{name}\ntype holder = {alias} {HOLDS}"
    inside = use(f"P.{name}.t", count)
    yield f"module P = struct {own} end\ntype holder = {inside} {HOLDS}"
    made = use(f"F(X).{name}.t", count)
    yield (
        f"module F (X : sig end) = struct {own} end\nmodule X = struct end\n"
        f"type holder = {made} {HOLDS}"
    )


def type_programs(name, count):
    derived, it = declaration(name, count), use(name, count)
    yield from everywhere(derived, derived, it)
    yield f"{declaration(name, count, nonrec='nonrec ')}\ntype holder = {{ it : {it} }} {HOLDS}"
    group = declaration(name, count, deriving="")
    yield f"{group} and holder = {{ it : {it} }} {HOLDS}"
    yield f"type holder = {{ it : {it} }} {group.replace('type', 'and', 1)} {HOLDS}"
    inside = use(f"P.{name}", count)
    yield f"module P = struct {derived} end\ntype holder = {inside} {HOLDS}"


def as_modules(programs):
    return "\n".join(f"module W{i} = struct\n{text}\nend" for i, text in enumerate(programs))


@pytest.mark.parametrize("what", ["modules", "types"])
def test_own_types_are_taken_however_they_came_into_scope(ocaml_programs, tmp_path, what):
    known, programs = {"modules": (MODULES, module_programs), "types": (TYPES, type_programs)}[what]
    for name, count in known.items():
        (tmp_path / f"hides_{name.lower()}.ml").write_text(
            CHECK + as_modules(programs(name, count))
        )
    sources = sorted(path.name for path in tmp_path.iterdir())
    program = ocaml_programs.compile(tmp_path, *sources, mode="ocamlc")
    ocaml_programs.run(tmp_path, program)


@pytest.mark.parametrize("name", MODULES)
def test_an_own_module_without_a_schema_is_refused(ocaml_programs, tmp_path, name):
    count = MODULES[name]
    own = f"module {name} = struct {declaration('t', count, deriving='')} end"
    it = use(f"{name}.t", count)
    said = ocaml_programs.refusal(tmp_path, f"{own}\n\ntype holder = {{ it : {it} }} {DERIVING}")
    assert 'File "refused.ml", line 3' in said
    assert f"{name}.t" in said


@pytest.mark.parametrize("name", TYPES)
def test_an_own_type_without_a_schema_is_refused(ocaml_programs, tmp_path, name):
    count = TYPES[name]
    own = declaration(name, count, deriving="")
    it = use(name, count)
    said = ocaml_programs.refusal(tmp_path, f"{own}\n\ntype holder = {{ it : {it} }} {DERIVING}")
    assert 'File "refused.ml", line 3' in said
    assert name in said
