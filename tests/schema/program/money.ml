(* tests/schema: an amount, which only this file knows to be a float. *)
type t = float [@@deriving ancient, show]

let of_float x = x
