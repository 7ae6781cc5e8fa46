(* tests/interop: publishes OCaml values of every kind, with the dump expected of
   each, for the readers to be held against.

   Usage: make_values FILE EXPECTED.json (depth|breadth) (SEED|common)

   FILE is made anew.  EXPECTED.json is an object: under each key of FILE the raw
   dump (appendix A of spec/FORMAT.md) of the value.  With a SEED these are all the
   values there are: the fixed ones of values.ml and kinds.ml, alone and nested, random
   ones, which SEED determines, and a few under large keys (layout.ml).  With "common",
   only those that every OCaml has, at an address that is always the same. *)

let common_base = 0x180000000000n
let number first values = List.mapi (fun i (_, value, json) -> (first + i, value, json)) values

let random seed =
  let state = Random.State.make [| seed |] in
  List.init Layout.random_count (fun i ->
      let value, json = Values.random state in
      (Layout.first_random + i, value, json))

let large = List.map (fun key -> (key, Obj.repr "large key", {|"large key"|})) Layout.large

let everything seed =
  number 0 (Kinds.common ()) @ random seed
  @ number Layout.first_particular (Kinds.particular ())
  @ large

(* A closure is refused, and the file is as it was. *)
let refuses_closures md =
  let generation = Ancient.generation md in
  let closure = Sys.opaque_identity (fun x -> x + generation) in
  match Ancient.share md 5000 (1, [ closure ]) with
  | _ -> failwith "a closure was shared"
  | exception Invalid_argument _ ->
    if Ancient.generation md <> generation then failwith "a generation of nothing"

let write_expected path all =
  let out = open_out_bin path in
  let line (key, _, json) = Printf.sprintf "\"%d\": %s" key json in
  Printf.fprintf out "{\n%s\n}\n" (String.concat ",\n" (List.map line all));
  close_out out

let () =
  match Sys.argv with
  | [| _; path; expected; order; seed |] ->
    let base, all =
      if seed = "common" then (common_base, number 0 (Kinds.common ()))
      else (0n, everything (int_of_string seed))
    in
    assert (List.length (Kinds.common ()) < Layout.first_random);
    let md = Layout.create path base in
    Layout.share_all md (Layout.order_of_string order)
      (List.map (fun (key, value, _) -> (key, value)) all);
    refuses_closures md;
    Ancient.detach md;
    write_expected expected all
  | _ ->
    prerr_endline "usage: make_values FILE EXPECTED.json (depth|breadth) (SEED|common)";
    exit 2
