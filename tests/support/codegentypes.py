"""tests/support: types in OCaml that code is generated for, by tests of the tool and of headers."""

# Every kind of type, and names that C, C++, Python or the generator might trip over.
EVERYTHING = r"""
(* no // comment ends here: \ ?? *)
type dep = { name : string; alternatives : string list }
module Package : sig
  type t = { version : string; size : int; depends : dep list; rating : float option }
end
type shape = Point | Circle of float | Rgb of int * char * bool | Other | Kind of int
  | Poly of { x' : int; x_prime : float array; int : Package.t }
type ('a, 'b) pair = { a : 'a; b : 'b }
type wrapped = { only : float } [@@unboxed]
module Names : Map.S with type key = string [@@ancient.order standard]
module Ints : Set.S with type elt = int
module Words : Hashtbl.S with type key = string [@@ancient.hash standard]
type all = {
  table : (string, Package.t) Hashtbl.t; shapes : shape array; p : (int, wrapped) pair;
  q : (string, (int, int) pair) pair; m : int Names.t; s : Ints.t; w : shape Words.t;
  big : (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array2.t;
  z : Z.t; r : (int, string) result; l : string lazy_t; rf : unit ref; u : unit;
  t : (string * int * (int * int)) list; pv : [ `A | `B of int | `a ];
  o : int option option; fa : floatarray; bytes : bytes; i32 : int32; i64 : int64;
  n : nativeint; c : char; bool : bool; qu : Package.t Queue.t; st : string Stack.t;
  dy : wrapped Dynarray.t; at : int Atomic.t; tt : (int * int, int32) Hashtbl.t;
  te : (int32, unit) Hashtbl.t; tf : (float, shape) Hashtbl.t; ws : wrapped array;
  deep : int list list list list list list list list list list list list list list list list;
}
val root : all
"""

HOSTILE = r"""
type t = { int : int; while' : int; __x : int; _x : int; x : int; x_ : int; class_ : int;
           self : int; err : int; b : int; ret_value : int; kind_of : int; main : int }
module A : sig type b_c = { d : int } module B : sig type c = { d : int } end end
module A_B : sig type c = { d : int } type c_d = { e : int } end
type bind = { root : int }
type types = Fields | Table of int | TABLE of int | Table' of int | Other | Kind
type bind_2 = { x : bind }
type root = { a : A.b_c; b : A.B.c; c : A_B.c; d : A_B.c_d; e : bind; f : types; g : t;
              h : bind_2; list : int list; string_list : string list }
type int_list = { x : root; pass : int; def : int; self : int; property : int; str : string }
val root : int_list
"""

# Keys of every kind, and parts whose names a parameter could be mistaken for.
KEYED = r"""
module Main : sig
  type colour = Red | Green | Rgb of { r : int; g : int; int : int } | Named of string
  type point = { x : float; y : float }
  type one = { only : float } [@@unboxed]
  type ones = { a : one; b : float }
  type wrap = Wrap of int [@@unboxed]
  type span = { from : point; key : string; key_length : int; class_ : int option; b : ones }
  type 'a tree = Leaf | Node of 'a tree * 'a * 'a tree | Key of int
end
module Names : Map.S with type key = Main.colour [@@ancient.order standard]
module Points : Set.S with type elt = Main.point [@@ancient.order standard]
module Words : Hashtbl.S with type key = string * Main.wrap
type root = {
  senses : (([ `Noun | `Verb | `Other of int * Main.one ] * int), string) Hashtbl.t;
  names : int Names.t; points : Points.t; spans : (Main.span, int) Hashtbl.t; words : int Words.t;
  trees : (int Main.tree, unit) Hashtbl.t; units : (unit, unit) Hashtbl.t;
  mixed : ((unit * bool * char * (int, string) result * int list * Z.t * floatarray * float array),
           string) Hashtbl.t;
}
val root : root
"""

# Names that make words of C and C++ with a prefix such as `static` or `size`.
WORDS = r"""
type assert_ = { a : int }
type cast = { a : assert_ }
type local = { a : cast; b : (assert_ * int, int) Hashtbl.t }
type t = { int : local; class_ : int; namespace : int; _Bool : int; typeof : int; expr : int }
val root : t
"""
