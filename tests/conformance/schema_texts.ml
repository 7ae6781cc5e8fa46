(* tests/conformance: what the OCaml library makes of texts of schemas (spec/FORMAT.md 12.2).

   Standard input: for each text a line with its length in bytes, then the text.  Standard
   output: for each text "taken ENCODING" (12.5) or "refused REASON". *)

let rec each () =
  match input_line stdin with
  | exception End_of_file -> ()
  | length ->
    let text = really_input_string stdin (int_of_string length) in
    (match Ancient_schema_compare.encoding (Ancient_schema_core.graph_of_text text) with
     | encoding -> print_endline ("taken " ^ encoding)
     | exception Ancient_schema_type.Refused reason ->
       print_endline ("refused " ^ String.escaped reason));
    each ()

let () =
  set_binary_mode_in stdin true;
  each ()
