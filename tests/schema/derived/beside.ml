(* tests/schema: what beside.mli shows, and what it does not. *)
type shown = { a : int; mutable b : string } [@@deriving show, eq, ancient]

type compared = A | B of shown | C of { c : int; mutable d : shown list }
[@@deriving ancient, eq, show]

type nonrec 'a nonrecursive = 'a list [@@deriving ancient]
type abstract = int * shown [@@deriving ancient]
type 'a hidden = N | H of 'a [@@deriving ancient]
type private_one = { p : int } [@@deriving ancient, show]
type not_shown = { n : int; mutable m : int } [@@deriving ancient]
type not_shown_either = X | Y of int | Z of { z : int; mutable y : int } [@@deriving ancient]
type not_shown_tags = [ `A | `B of not_shown ] [@@deriving ancient]

module rec Left : sig
  type t = { right : Right.t option } [@@deriving ancient]
end = struct
  type t = { right : Right.t option } [@@deriving ancient]
end

and Right : sig
  type t = { left : Left.t list } [@@deriving ancient]
end = struct
  type t = { left : Left.t list } [@@deriving ancient]
end

module type S = sig
  type t = { s : int } [@@deriving ancient, show]
end

module Made (_ : S) = struct
  type t = { s : int } [@@deriving ancient, show]
end
