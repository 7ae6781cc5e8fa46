(* tests/schema: declarations in each form that the deriver takes, none of whose fields and
   constructors is ever used.  test_deriver_forms.py compiles it in dune's default profile, where
   an executable has an empty interface, and compares the texts that it prints. *)
let print name schema = Printf.printf "== %s\n%s" name (Ancient.Schema.text schema)

(* Fields and constructors *)
type fields = { a : int; mutable b : string; mutable c : float [@ancient.bytes] } [@@deriving ancient]
type constructors = C | D of int | E of int * string | F of (int * string) [@@deriving ancient]
type inline = G of { x : int; mutable y : string } | H of { z : fields } [@@deriving ancient]
type one = One of int [@@unboxed] [@@deriving ancient]
type one_field = { only : string } [@@unboxed] [@@deriving ancient]
type floats = { u : float; v : float } [@@deriving ancient]

let () =
  print "fields" fields_schema;
  print "constructors" constructors_schema;
  print "inline" inline_schema;
  print "unboxed" [%ancient: one * one_field];
  print "floats" floats_schema

(* The same labels and constructors again *)
type again = { a : string; only : int } [@@deriving ancient]
type again_too = C | G of { x : string } [@@deriving ancient]

let () = print "again" [%ancient: again * again_too]

(* Groups *)
type tree = Leaf | Node of forest * int
and forest = { trees : tree list; first : tree option } [@@deriving ancient]

type even = Zero | Even of odd
and odd = Odd of even [@@deriving ancient]

let () = print "groups" [%ancient: tree * even]

(* Parameters *)
type ('a, 'b) two = { one : 'a; other : 'b list } [@@deriving ancient]
type ('key, 'value) swapped = ('value, 'key) two [@@deriving ancient]
type ('p1, 'p0) named_as_ours = P of 'p0 * 'p1 [@@deriving ancient]
type _ nameless = int [@@deriving ancient]
type (_, _, 'c) partly = { only_c : 'c } [@@deriving ancient]
type 'list hides_nothing = { it : 'list list } [@@deriving ancient]
type +'a covariant = Co of 'a [@@deriving ancient]
type -'a contravariant = int [@@deriving ancient]
type p0 = int [@@deriving ancient]
type 'a x = X of 'a * p0 | Y of 'a x [@@deriving ancient]

let () =
  print "parameters" [%ancient: (int, string) two * (int, string) swapped];
  print "names" [%ancient: (int, string) named_as_ours * bool nameless * (unit, unit, char) partly];
  print "more names" [%ancient: int hides_nothing * int covariant * int contravariant * int x]

(* No values *)
type user [@@deriving ancient]
type 'a abstract [@@deriving ancient]
type empty = | [@@deriving ancient]
type 'a id = int [@@deriving ancient]
type 'a tagged = { number : int } [@@deriving ancient]
type r = { u : user id; t : empty tagged; s : int abstract tagged } [@@deriving ancient]

let () = print "phantom" r_schema

let () =
  List.iter
    (fun text -> try print_endline (text ()) with Invalid_argument text -> print_endline text)
    [ (fun () -> Ancient.Schema.text user_schema);
      (fun () -> Ancient.Schema.text [%ancient: (int, empty) result]);
      (fun () -> Ancient.Schema.text [%ancient: (int * string abstract) list]);
      (* Elements that no bigarray of the kind has, though the type can be written. *)
      (fun () ->
         Ancient.Schema.text
           [%ancient: (int, Bigarray.int32_elt, Bigarray.c_layout) Bigarray.Array1.t]);
      (fun () ->
         Ancient.Schema.text
           [%ancient: (string, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array2.t]);
      (fun () ->
         Ancient.Schema.text
           [%ancient: (char, Bigarray.int16_unsigned_elt, Bigarray.c_layout) Bigarray.Genarray.t]);
      (fun () ->
         Ancient.Schema.text
           [%ancient: (float, Bigarray.complex64_elt, Bigarray.c_layout) Bigarray.Array1.t]) ]

(* nonrec *)
type t = { t : int } [@@deriving ancient]

module Nonrec = struct
  type nonrec fields = { f : fields; g : t } [@@deriving ancient]
  type nonrec t = T of t * t | U of { t : t } [@@deriving ancient]
  type nonrec ('a, 'b) two = Two of ('b, 'a) two [@@deriving ancient]
  type nonrec one = one and one_field = one [@@deriving ancient]
end

let () =
  print "nonrec"
    [%ancient:
      Nonrec.fields * Nonrec.t * (int, char) Nonrec.two * Nonrec.one * Nonrec.one_field]

(* The types of others again *)
module M = struct
  type t = { m : int; mutable n : string } [@@deriving ancient]
  type 'a v = V of 'a | W [@@deriving ancient]
end

type m = M.t = { m : int; mutable n : string } [@@deriving ancient]
type 'a v = 'a M.v = V of 'a | W [@@deriving ancient]
type alias = M.t [@@deriving ancient]

let () = print "again with its manifest" [%ancient: m * int v * alias]

(* private *)
type private_record = private { pr : int; mutable ps : string } [@@deriving ancient]
type private_variant = private PA | PB of int | PC of { pt : int } [@@deriving ancient]
type private_int = private int [@@deriving ancient]
type 'a private_list = private 'a list [@@deriving ancient]
type private_again = M.t = private { m : int; mutable n : string } [@@deriving ancient]

let () =
  print "private"
    [%ancient: private_record * private_variant * private_int * int private_list * private_again]

(* Constraints *)
type 'a constrained = { c : 'a } constraint 'a = int list [@@deriving ancient]
type 'a state = { state : string } constraint 'a = [< `Open | `Closed ] [@@deriving ancient]
type ('a, 'b) pair = 'a * 'b constraint 'a = int constraint 'b = string [@@deriving ancient]

let () =
  print "constraints" [%ancient: int list constrained * [ `Open ] state * (int, string) pair]

(* Polymorphic variants *)
type small = [ `A | `b of int ] [@@deriving ancient]

module Poly = struct
  type 'a t = [ `E of 'a | `F of 'a t ] [@@deriving ancient]
end

type 'a large = [ small | `C of 'a * small | 'a Poly.t ] [@@deriving ancient]
type largest = [ | int large | [ `D ] | `b of int ] [@@deriving ancient]
type inside = { tag : [ small | `G ]; more : [ `H of [ `I ] ] list } [@@deriving ancient]
type only = [ | small ] [@@deriving ancient]

module Grown = struct
  type nonrec small = [ small | `Z ] [@@deriving ancient]
end

let () = print "polymorphic" [%ancient: largest * inside * only * Grown.small]

(* Attributes and comments *)
type commented = {
  first : int; [@doc "a field"]  (** A comment. *)
  second : (string[@ancient.bytes]); [@ancient.bytes]
  third : (int[@some.other]) list;
}
[@@deriving ancient] [@@doc "a type"]

type commented_too =
  | Here [@doc "a constructor"]  (** A comment. *)
  | There of (string[@ancient.bytes]) * (int[@doc "an argument"]) [@ancient.bytes]
[@@deriving ancient] [@@some.other]

let () = print "attributes" [%ancient: (commented * (commented_too[@doc "inside"])) list]

(* Where types stand *)
let here =
  let module Inside = struct
    type t = { inside : int; also : M.t } [@@deriving ancient]
  end in
  Ancient.Schema.text Inside.schema

let () = print_endline here

module Made (X : sig type t [@@deriving ancient] end) = struct
  type t = { x : X.t; xs : X.t list } [@@deriving ancient]
  type 'a with_parameter = 'a * X.t [@@deriving ancient]
end

module Made_of_m = Made (M)

let () = print "functor" [%ancient: Made_of_m.t * int Made_of_m.with_parameter * Made(M).t]

module rec Left : sig
  type t = { right : Right.t option; mutable l : int } [@@deriving ancient]
end = struct
  type t = { right : Right.t option; mutable l : int } [@@deriving ancient]
end

and Right : sig
  type t = A of Left.t * Left.t list | B [@@deriving ancient]
  val both : (Left.t * t) Ancient.Schema.t
end = struct
  type t = A of Left.t * Left.t list | B [@@deriving ancient]

  let both = [%ancient: Left.t * t]
end

let () = print "recursive modules" Right.both

(* Other names for the standard library's *)
module H = Hashtbl
module A2 = Bigarray.Array2
open Bigarray

type standard = {
  h : (String.t, Int.t List.t) H.t;
  s : Stdlib.String.t Stdlib.List.t Stdlib.ref;
  l : StringLabels.t ListLabels.t;
  r : (int, string) Stdlib.result * (int, string) Result.t;
  a : (float, float64_elt, c_layout) Array1.t;
  b : (int, int8_unsigned_elt, fortran_layout) Bigarray.Array2.t;
  c : (char, int8_unsigned_elt, c_layout) A2.t;
  g : (Complex.t, complex32_elt, c_layout) Genarray.t;
  f : Float.Array.t * Float.t * Complex.t;
  z : int Lazy.t * int lazy_t * unit * bool * int32 * Int64.t * nativeint * floatarray;
}
[@@deriving ancient]

let () = print "standard" standard_schema

(* Constructors of the language, hidden *)
module Hidden = struct
  type 'a option = None | Some of 'a [@@deriving ancient]
  type holder = { o : int option; p : int Stdlib.Option.t } [@@deriving ancient]
end

let () = print "hidden" Hidden.holder_schema
