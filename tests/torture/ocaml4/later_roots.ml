(* tests/torture: roots that only OCaml 5 has; here there are none.  See ../ocaml5. *)

let kinds : ((Obj.t -> unit) -> (string -> Obj.t -> unit) -> Obj.t -> unit) array = [||]
let close () = ()
