(* ocaml/ppx: schemas of types that OCaml has had since later versions than the first that the
   library works on: none in this one.  Included in Ancient_ppx_runtime.Standard. *)
