(* ocaml: prints ancient_errors.ml and .mli, the OCaml constructors of core/errors.def, during the
   build.

   Usage: ocaml errors_gen.ml (ml|mli) errors.def

   The order is that of the file; the stubs number the constructors in the same
   order.  ancient.mli lists the constructors again, as a manual; it does not
   compile where the two lists differ. *)

type entry = { name : string; text : string }

let entry_of_line line =
  match
    Scanf.sscanf line "ANCIENT_ERROR(%s@, %d, %s@, %s@, %S)"
      (fun code _ _ _ text -> (code, text))
  with
  | code, text ->
    Some { name = String.capitalize_ascii (String.lowercase_ascii code); text }
  | exception (Scanf.Scan_failure _ | End_of_file) -> None

let entries path =
  let channel = open_in path in
  let rec read acc =
    match input_line channel with
    | line ->
      read (match entry_of_line line with None -> acc | Some e -> e :: acc)
    | exception End_of_file ->
      close_in channel;
      List.rev acc
  in
  read []

let print_type entries =
  print_endline "(* Generated from core/errors.def. *)\n";
  print_endline "type code =";
  List.iter (fun e -> Printf.printf "  | %s\n" e.name) entries

let () =
  match Sys.argv with
  | [| _; "mli"; path |] ->
    print_type (entries path);
    print_endline "\nval name : code -> string";
    print_endline "val text : code -> string"
  | [| _; "ml"; path |] ->
    let entries = entries path in
    print_type entries;
    let print_function name field =
      Printf.printf "\nlet %s = function\n" name;
      List.iter (fun e -> Printf.printf "  | %s -> %S\n" e.name (field e))
        entries
    in
    print_function "name" (fun e -> e.name);
    print_function "text" (fun e -> e.text)
  | _ ->
    prerr_endline "usage: ocaml errors_gen.ml (ml|mli) errors.def";
    exit 2
