(** tests/schema: interfaces beside other derivers, with types that nobody uses. *)

type shown = { a : int; mutable b : string } [@@deriving show, eq, ancient]

type compared = A | B of shown | C of { c : int; mutable d : shown list }
[@@deriving ancient, eq, show]

type nonrec 'a nonrecursive = 'a list [@@deriving ancient]
type abstract [@@deriving ancient]
type 'a hidden [@@deriving ancient]
type private_one = private { p : int } [@@deriving ancient, show]

module rec Left : sig
  type t = { right : Right.t option } [@@deriving ancient]
end

and Right : sig
  type t = { left : Left.t list } [@@deriving ancient]
end

module type S = sig
  type t = { s : int } [@@deriving ancient, show]
end

module Made (_ : S) : S
