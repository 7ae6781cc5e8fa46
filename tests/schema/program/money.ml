type t = float [@@deriving ancient, show]

let of_float x = x
