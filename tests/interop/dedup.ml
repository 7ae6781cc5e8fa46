(* tests/interop: a file of values in which much is equal, and its compaction by OCaml, for
   test_dedup.py.

   dedup make SEED FILE     under even keys with their types, under odd ones without
   dedup compact BASE FILE  equal blocks once, strings of keys without a type too *)

let make seed path =
  let state = Random.State.make [| seed |] in
  let binding key =
    let value = Dedup_values.random state (1 + Random.State.int state 100) in
    if key mod 2 = 0 then Ancient.Typed.bind key Dedup_values.list_schema value
    else Ancient.bind key value
  in
  Ancient.publish_many path (List.init 8 binding)

let () =
  match Sys.argv with
  | [| _; "make"; seed; path |] -> make (int_of_string seed) path
  | [| _; "compact"; base; path |] ->
    let base = Nativeint.of_string base in
    ignore (Ancient.compact ~base ~dedup:true ~strings:true path)
  | _ -> exit 2
