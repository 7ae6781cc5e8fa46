"""tests/conformance: the values of spec/conformance/good/typed.ancient: one of each type of
spec/FORMAT.md 12.3 and 12.4, with its schema, the encoding of its type, and the typed dump.

A case is (name, text of the schema, encoding, value, dump).
"""

import math

from ancientfile import (
    AncientFile,
    Bigarray,
    Block,
    FloatArray,
    Int32,
    Int64,
    Lazy,
    Nativeint,
    Schema,
    Z,
    ocaml_list,
    pair,
)
from definition import seeded_hash


def table(bindings, buckets, seed=0, initial=None):
    """A Hashtbl.t: bindings in the order they were added."""
    heads = [0] * buckets
    for key, data in bindings:
        at = seeded_hash(seed, key) % buckets
        heads[at] = Block(0, key, data, heads[at])
    initial = buckets if initial is None else initial
    return Block(0, len(bindings), Block(0, *heads), seed, initial)


def tree(items):
    """A map of (key, value) pairs, or a set of one-tuples, in order; (tree, height)."""
    if not items:
        return 0, 0
    middle = len(items) // 2
    left, below_left = tree(items[:middle])
    right, below_right = tree(items[middle + 1 :])
    height = 1 + max(below_left, below_right)
    return Block(0, left, *items[middle], right, height), height


def a_map(bindings):
    return tree(list(bindings))[0]


def a_set(elements):
    return tree([(e,) for e in elements])[0]


def variant_hash(name):
    """h of 12.3."""
    h = 0
    for byte in name.encode():
        h = (h * 223 + byte) % 2**31
    return h - 2**31 if h >= 2**30 else h


def poly(name, *argument):
    return pair(variant_hash(name), *argument) if argument else variant_hash(name)


def ring(*items):
    """A list that goes on with its first cell."""
    cells = [Block(0, item, 0) for item in items]
    for cell, after in zip(cells, cells[1:] + cells[:1]):
        cell.fields[1] = after
    return cells[0]


def rho():
    """A list of 0, and then 1 and 2 for ever."""
    return Block(0, 0, ring(1, 2))


def tied():
    """{ name = "a"; next = Some of itself }"""
    record = pair("a", 0)
    record.fields[1] = pair(record)
    return record


def tree_of_itself():
    """Node ([Leaf 1; itself])"""
    node = Block(1, 0)
    node.fields[0] = ocaml_list([Block(0, 1), node])
    return node


def queue(*items):
    """A Queue.t: its last cell is one of its list's."""
    cells = [Block(0, item, 0) for item in items]
    for cell, after in zip(cells, cells[1:]):
        cell.fields[1] = after
    return Block(0, len(items), cells[0] if cells else 0, cells[-1] if cells else 0)


def stack(*items):
    return Block(0, ocaml_list(list(items)), len(items))


def dynarray(*items):
    """A Dynarray.t: floats have blocks of their own."""
    return Block(0, len(items), Block(0, *items), Block(0, 0))


def queue_of_itself():
    """Q of a queue with itself in it"""
    outer = Block(0, 0)
    outer.fields[0] = queue(outer)
    return outer


SHARED = pair(1, 2)
FLAT = "type p = { x : float; y : float } "
TREE = "type t = Leaf of int | Node of t list "
STRINGS = "module M : Map.S with type key = string [@@ancient.order standard] "
OWN = "module K : Hashtbl.S with type key = string [@@ancient.hash standard] "
LINK = "type link = { name : string; next : link option } "
WRAP = "type id = Id of string [@@unboxed] "

CASES = [
    # Scalars.
    ("unit", "val root : unit", "unit", 0, "null"),
    ("false", "val root : bool", "bool", 0, "false"),
    ("true", "val root : bool", "bool", 1, "true"),
    ("int", "val root : int list", "list(int)",
     ocaml_list([0, -1, 2**53, 2**53 + 1, -(2**53) - 1, 2**62 - 1, -(2**62)]),
     '[0, -1, 9007199254740992, "9007199254740993", "-9007199254740993", '
     '"4611686018427387903", "-4611686018427387904"]'),
    ("char", "val root : char array", "array(char)", pair(0, 34, 65, 127, 128, 255),
     r'["\u0000", "\"", "A", "\u007f", "\udc80", "\udcff"]'),
    ("string", "val root : string", "string", 'né "\\\n\u2028', r'"né \"\\\n\u2028"'),
    ("string that is not UTF-8", "val root : string", "string", b"\xed\xa0\x80\xff",
     r'"\udced\udca0\udc80\udcff"'),
    ("string as bytes", "val root : string [@ancient.bytes]", "string", b"\0a\xff",
     '{"bytes": "0061ff"}'),
    ("bytes", "val root : bytes", "bytes", b"", '{"bytes": ""}'),
    ("float", "val root : float list", "list(float)",
     ocaml_list([1.0, -0.0, 0.1, 1e16, 1e15, 1.5e-7, 0.0001, math.nan, math.inf, -math.inf]),
     '[1.0, -0.0, 0.1, 1e+16, 1000000000000000.0, 1.5e-07, 0.0001, {"float": "nan"}, '
     '{"float": "inf"}, {"float": "-inf"}]'),
    ("boxed integers", "val root : int32 * int64 * nativeint", "(int32*int64*nativeint)",
     pair(Int32(-1), Int64(2**53 + 1), Nativeint(-7)), '[-1, "9007199254740993", -7]'),
    ("Z.t", "val root : Z.t list", "list(z)",
     ocaml_list([5, Z(2**62), Z(-(10**30)), -(2**62)]),
     '[5, "4611686018427387904", "-1000000000000000000000000000000", "-4611686018427387904"]'),
    # Tuples, lists, options.
    ("tuple", "val root : int * (string * float)", "(int*(string*float))",
     pair(1, pair("a", 2.5)), '[1, ["a", 2.5]]'),
    ("empty list", "val root : int list", "list(int)", 0, "[]"),
    ("array", "val root : string array", "array(string)", pair("a", "b"), '["a", "b"]'),
    ("empty array", "val root : float array", "array(float)", Block(0), "[]"),
    ("float array", "val root : float array", "array(float)", FloatArray([1.0, math.nan]),
     '[1.0, {"float": "nan"}]'),
    ("floatarray", "val root : floatarray", "floatarray", FloatArray([0.5]), "[0.5]"),
    ("option", "val root : (int option * int option)", "(option(int)*option(int))",
     pair(0, pair(3)), "[null, 3]"),
    ("option of what may be null",
     "val root : int option option list * unit option * int option ref option * unit Lazy.t option",
     "(list(option(option(int)))*option(unit)*option(ref(option(int)))*option(lazy(unit)))",
     pair(ocaml_list([0, pair(0), pair(pair(3))]), pair(0), pair(pair(0)), pair(0)),
     '[[null, {"Some": null}, {"Some": 3}], {"Some": null}, {"Some": null}, {"Some": null}]'),
    ("result", "val root : (int, string) result list", "list(result(int,string))",
     ocaml_list([Block(0, 1), Block(1, "no")]), '[{"Ok": 1}, {"Error": "no"}]'),
    ("ref", "val root : int ref", "ref(int)", pair(5), "5"),
    ("lazy", "val root : (float Lazy.t * int lazy_t * int Lazy.t Lazy.t)",
     "(lazy(float)*lazy(int)*lazy(lazy(int)))",
     pair(Lazy(1.5), 7, Lazy(Lazy(8))), "[1.5, 7, 8]"),
    # Records.
    ("record", "type r = { mutable a : int; b : string } val root : r", "{a:int;b:string}",
     pair(1, "x"), '{"a": 1, "b": "x"}'),
    ("flat record", FLAT + "val root : p", "{x:float;y:float}", FloatArray([1.0, math.inf]),
     '{"x": 1.0, "y": {"float": "inf"}}'),
    ("record of floats that is not flat", FLAT.rstrip() + " [@@ancient.floats boxed] val root : p",
     "{x:float;y:float}", pair(1.0, 2.0), '{"x": 1.0, "y": 2.0}'),
    ("unboxed record", "type u = { v : string } [@@unboxed] val root : u list",
     "list(unboxed{v:string})", ocaml_list(["a"]), '[{"v": "a"}]'),
    ("array of unboxed floats", "type u = { v : float } [@@unboxed] val root : u array",
     "array(unboxed{v:float})", FloatArray([1.5, 2.5]), '[{"v": 1.5}, {"v": 2.5}]'),
    # Variants.
    ("variant", "type t = A | B of int | C of int * string | D | E of (int * int) | "
     "F of { a : int; b : t } val root : t list",
     "list([A|B(int)|C(int,string)|D|E((int*int))|F{a:int;b:#0}])",
     ocaml_list([0, 1, Block(0, 5), Block(1, 1, "x"), Block(2, pair(1, 2)), Block(3, 4, 0)]),
     '["A", "D", {"B": [5]}, {"C": [1, "x"]}, {"E": [[1, 2]]}, {"F": {"a": 4, "b": "A"}}]'),
    ("unboxed variant", WRAP + "val root : id array", "array(unboxed[Id(string)])",
     pair("a", "b"), '[{"Id": ["a"]}, {"Id": ["b"]}]'),
    ("unboxed inline record", "type w = W of { v : int } [@@unboxed] val root : w",
     "unboxed[W{v:int}]", 3, '{"W": {"v": 3}}'),
    ("polymorphic variant", "type c = [ `Red | `Grey of int * bytes ] val root : c list",
     "list([`Grey((int*bytes))|`Red])",
     ocaml_list([poly("Red"), poly("Grey", pair(1, "a"))]),
     '["Red", {"Grey": [[1, {"bytes": "61"}]]}]'),
    # Containers.
    ("table of strings", "val root : (string, int) Hashtbl.t", "hashtbl(string,int)",
     table([("a", 1), ("b", 2), ("a", 3)], 1, initial=-1), '{"a": 3, "b": 2}'),
    ("table with a seed", "val root : (string, int) Hashtbl.t", "hashtbl(string,int)",
     table([("a", 1), ("b", 2), ("c", 3)], 8, seed=123456789), '{"b": 2, "a": 1, "c": 3}'),
    ("table of pairs", "val root : (int * string, int) Hashtbl.t", "hashtbl((int*string),int)",
     table([(pair(1, "a"), 1), (pair(1, "a"), 2)], 1), '[[[1, "a"], 2]]'),
    ("table of bytes", "val root : (bytes, int) Hashtbl.t", "hashtbl(bytes,int)",
     table([("a", 1)], 1), '[[{"bytes": "61"}, 1]]'),
    ("empty table", "val root : (int, int) Hashtbl.t", "hashtbl(int,int)", table([], 16), "[]"),
    ("Hashtbl.S", OWN + "val root : int K.t", "standard-hashtable(string,int)",
     table([("a", 1), ("b", 2), ("a", 3)], 1), '{"a": 3, "b": 2}'),
    ("Map.S", STRINGS + "val root : int M.t", "standard-map(string,int)",
     a_map([("a", 1), ("b", 2), ("c", 3)]), '{"a": 1, "b": 2, "c": 3}'),
    ("Map.S of integers", "module M : Map.S with type key = int val root : string M.t",
     "map(int,string)", a_map([(3, "x"), (1, "y")]), '[[3, "x"], [1, "y"]]'),
    ("Map.S of unboxed strings", WRAP + "module M : Map.S with type key = id val root : int M.t",
     "map(unboxed[Id(string)],int)", a_map([("a", 1)]), '[[{"Id": ["a"]}, 1]]'),
    ("empty map", STRINGS + "val root : int M.t", "standard-map(string,int)", 0, "{}"),
    ("Set.S", "module S : Set.S with type elt = int [@@ancient.order standard] "
     "val root : S.t * S.elt", "(standard-set(int)*int)", pair(a_set([-1, 1, 3]), 7),
     "[[-1, 1, 3], 7]"),
    ("empty set", "module S : Set.S with type elt = string val root : S.t", "set(string)", 0, "[]"),
    ("bigarrays",
     "val root : (float, Bigarray.float32_elt, Bigarray.c_layout) Bigarray.Array2.t * "
     "(int, Bigarray.int8_unsigned_elt, Bigarray.fortran_layout) Bigarray.Genarray.t",
     "(bigarray(float32,c,2)*bigarray(uint8,fortran,n))",
     pair(Bigarray("float32", [1, 2], [0.5, 1.5]), Bigarray("uint8", [2], [7, 8], "fortran")),
     '[{"bigarray": "float32", "layout": "c", "dims": [1, 2], "data": [0.5, 1.5]}, '
     '{"bigarray": "uint8", "layout": "fortran", "dims": [2], "data": [7, 8]}]'),
    ("queues", "val root : int Queue.t * string Queue.t", "(queue(list(int))*queue(list(string)))",
     pair(queue(1, 2, 3), queue()), "[[1, 2, 3], []]"),
    ("stacks", "val root : int Stack.t * string Stack.t", "(stack(list(int))*stack(list(string)))",
     pair(stack(3, 2, 1), stack()), "[[3, 2, 1], []]"),
    ("dynarrays", "val root : float Dynarray.t * string Dynarray.t",
     "(dynarray(array(float))*dynarray(array(string)))",
     pair(dynarray(1.5, -0.0), dynarray()), "[[1.5, -0.0], []]"),
    ("atomic", "val root : int Atomic.t", "ref(int)", pair(5), "5"),
    ("a queue of itself", "type q = Q of q Queue.t val root : q", "[Q(queue(list(#0)))]",
     queue_of_itself(), '{"Q": [[{"ref": 2}]]}'),
    # Sharing is not shown, but what contains itself ends.
    ("shared", "val root : (int * int) * (int * int)", "((int*int)*(int*int))",
     pair(SHARED, SHARED), "[[1, 2], [1, 2]]"),
    ("a list in a ring", "val root : int list", "list(int)", ring(1, 2, 3),
     '[1, 2, 3, {"ref": 1}]'),
    ("a list with a ring at its end", "val root : int list", "list(int)", rho(),
     '[0, 1, 2, {"ref": 1}]'),
    ("a record of itself", LINK + "val root : link", "{name:string;next:option(#0)}", tied(),
     '{"name": "a", "next": {"ref": 2}}'),
    ("a tree of itself", TREE + "val root : t", "[Leaf(int)|Node(list(#0))]", tree_of_itself(),
     '{"Node": [[{"Leaf": [1]}, {"ref": 2}]]}'),
]  # fmt: skip


def image():
    """Every case under its number, by its name."""
    file = AncientFile(uuid=b"conformance: typ")
    numbered = dict(enumerate(CASES))
    file.commit(
        {key: case[3] for key, case in numbered.items()},
        {key: case[0] for key, case in numbered.items()},
        {key: Schema(case[1], case[2]) for key, case in numbered.items()},
    )
    return file
