(* tests/schema: see money.ml. *)

(** An amount: that it is a float is nobody's business. *)
type t [@@deriving ancient, show]

val of_float : float -> t
