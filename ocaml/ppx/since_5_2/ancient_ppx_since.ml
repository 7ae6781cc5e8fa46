(* ocaml/ppx: schemas of types that OCaml has had since 5.2.  Included in
   Ancient_ppx_runtime.Standard. *)

module Dynarray = Ancient_schema.For_dynarray (Dynarray)
