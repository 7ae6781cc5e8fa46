(* tests/bench: the command loop and the clocks of the OCaml programs; see serve.mli. *)

type fact = Int of int | Float of float | String of string

let print_facts facts =
  let json = function
    | Int i -> string_of_int i
    | Float f -> Printf.sprintf "%.9f" f
    | String s -> Printf.sprintf "%S" s
  in
  let member (name, fact) = Printf.sprintf "%S: %s" name (json fact) in
  Printf.printf "{%s}\n%!" (String.concat ", " (List.map member facts))

let serve facts answer =
  print_facts facts;
  let rec loop () =
    match input_line stdin with
    | line ->
      print_facts (answer (String.split_on_char '\t' line));
      loop ()
    | exception End_of_file -> ()
  in
  loop ()

let measured clock f =
  let start = clock () in
  let result = f () in
  (result, clock () -. start)

let seconds f = measured Unix.gettimeofday f
let processor_seconds f = measured Sys.time f

let resident_kib () =
  let ic = open_in "/proc/self/smaps_rollup" in
  let rec find () =
    match Scanf.sscanf (input_line ic) "Rss: %d kB" Fun.id with
    | kib -> kib
    | exception Scanf.Scan_failure _ -> find ()
  in
  Fun.protect ~finally:(fun () -> close_in ic) find
