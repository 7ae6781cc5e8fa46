(* tests/bench: no other domain: OCaml 4 has one alone. *)

let available = false
let beside f = f ()
