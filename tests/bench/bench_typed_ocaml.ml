(* tests/bench: looking keys up from OCaml, in the file and in the heap; and the typed files
   that C and Python read.

   Usage: bench_typed_ocaml [RECORDS [--synthetic]]     without RECORDS it has none in its heap

   It is asked, a line each:

     publish PATH            writes the table (Input.table), with its type
     publish_array PATH      writes its records alone, an array, with its type
     add PATH KEY COUNT      writes the table into a file that there may be, under as many keys from
                             KEY on, each in a commit of its own; "bytes" of the file
     keys PATH               writes its keys in random order, a line each; "keys", how many
     open PATH KEYS          the file, and the keys, to look for
     file FIRST COUNT        looks up as many keys, from the FIRST, with Hashtbl.find in the
                             file; "seconds", and "sum" of the attribute read
     heap FIRST COUNT        the same in the heap's table
     fields PATH COUNT       reads one field of each record of the array in PATH, COUNT times
                             over; "seconds", and "sum" *)

open Serve

let usage () =
  prerr_endline "usage: bench_typed_ocaml [RECORDS [--synthetic]]";
  exit 2

let publish path schema value =
  let fd = Unix.openfile path [ O_RDWR; O_CREAT; O_TRUNC; O_CLOEXEC ] 0o644 in
  let md = Ancient.attach_with ~sync:false fd in
  ignore (Ancient.Typed.share md 0 schema value);
  Ancient.detach md;
  Unix.close fd

let add path first count table =
  let fd = Unix.openfile path [ O_RDWR; O_CREAT; O_CLOEXEC ] 0o644 in
  let md = Ancient.attach_with ~sync:false fd in
  for key = first to first + count - 1 do
    ignore (Ancient.Typed.share md key Input.table_schema table)
  done;
  Ancient.detach md;
  let bytes = (Unix.fstat fd).st_size in
  Unix.close fd;
  [ ("bytes", Int bytes) ]

(* The same order whatever the version of OCaml. *)
let shuffle items =
  let state = ref 20261123 in
  let below bound =
    state := ((!state * 25214903917) + 11) land ((1 lsl 48) - 1);
    (!state lsr 16) mod bound
  in
  for i = Array.length items - 1 downto 1 do
    let j = below (i + 1) in
    let item = items.(i) in
    items.(i) <- items.(j);
    items.(j) <- item
  done

(* As many as take a time that can be measured: those of a small table several times. *)
let least_keys = 20_000

let write_keys path table =
  let keys = Array.of_seq (Hashtbl.to_seq_keys table) in
  let rounds = max 1 (least_keys / Array.length keys) in
  let oc = open_out_bin path in
  for _ = 1 to rounds do
    shuffle keys;
    Array.iter (fun key -> output_string oc key; output_char oc '\n') keys
  done;
  close_out oc;
  rounds * Array.length keys

let read_keys path =
  let ic = open_in_bin path in
  let rec read keys =
    match input_line ic with
    | key -> read (key :: keys)
    | exception End_of_file -> close_in ic; Array.of_list (List.rev keys)
  in
  read []

let find (table : (string, Input.record) Hashtbl.t) keys first count =
  let sum = ref 0 in
  for i = first to first + count - 1 do
    sum := !sum + (Hashtbl.find table keys.(i)).installed_size
  done;
  !sum

(* As bench_field.c does. *)
let fields path count =
  let schema = Ancient.Schema.array Input.record_schema in
  let records : Input.record array = Ancient.follow (Ancient.Typed.load path schema) in
  let some = min 1000 (Array.length records) in
  let sum = ref 0 in
  let loop () =
    for _ = 1 to count do
      for i = 0 to some - 1 do
        sum := !sum + records.(i).installed_size
      done
    done
  in
  let (), time = processor_seconds loop in
  [ ("seconds", Float time); ("sum", Int !sum) ]

let answer in_heap =
  let in_file = ref (Hashtbl.create 0) and keys = ref [||] in
  let timed table first count =
    let first = int_of_string first and count = int_of_string count in
    let sum, time = processor_seconds (fun () -> find table !keys first count) in
    [ ("seconds", Float time); ("sum", Int sum) ]
  in
  function
  | [ "publish"; path ] -> publish path Input.table_schema in_heap; []
  | [ "publish_array"; path ] ->
    let records = Array.of_seq (Hashtbl.to_seq_values in_heap) in
    publish path (Ancient.Schema.array Input.record_schema) records;
    []
  | [ "add"; path; first; count ] ->
    add path (int_of_string first) (int_of_string count) in_heap
  | [ "keys"; path ] -> [ ("keys", Int (write_keys path in_heap)) ]
  | [ "open"; path; keys_path ] ->
    in_file := Ancient.follow (Ancient.Typed.load path Input.table_schema);
    keys := read_keys keys_path;
    Gc.compact () (* keys in the order of their use *);
    []
  | [ "file"; first; count ] -> timed !in_file first count
  | [ "heap"; first; count ] -> timed in_heap first count
  | [ "fields"; path; count ] -> fields path (int_of_string count)
  | _ -> usage ()

let serve_table records ~synthetic =
  let source, packages = Input.packages ~synthetic in
  let table = Input.table packages records in
  Gc.compact ();
  serve [ ("source", String source) ] (answer table)

let () =
  match List.tl (Array.to_list Sys.argv) with
  | [] -> serve [] (answer (Hashtbl.create 0))
  | [ records ] -> serve_table (int_of_string records) ~synthetic:false
  | [ records; "--synthetic" ] -> serve_table (int_of_string records) ~synthetic:true
  | _ -> usage ()
