(* tests/interop: in place of Zarith's integers, where Zarith is not installed. *)

let values : (string * Obj.t * string) list = []
let digits (_ : Obj.t) : string option = None
