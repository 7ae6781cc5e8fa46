(* tests/interop: publishes OCaml values of every kind, with the dump expected of
   each, for the readers to be held against.

   Usage: make_values FILE EXPECTED.json SEED

   FILE is made anew.  EXPECTED.json is an object: under each key of FILE the raw
   dump (appendix A of spec/FORMAT.md) of the value.  Keys from 0 are the fixed
   values of values.ml, alone and nested; keys from 1000 random ones, which SEED
   determines; some large keys stand for the rest. *)

let random_count = 200
let large_keys = [ 4_000_000_000; max_int ]

let () =
  let path, expected_path, seed =
    match Sys.argv with
    | [| _; path; expected; seed |] -> (path, expected, int_of_string seed)
    | _ ->
      prerr_endline "usage: make_values FILE EXPECTED.json SEED";
      exit 2
  in
  let fixed = List.mapi (fun i (_, value, json) -> (i, value, json)) Values.fixed in
  let state = Random.State.make [| seed |] in
  let random =
    List.init random_count (fun i ->
        let value, json = Values.random state in
        (1000 + i, value, json))
  in
  let large = List.map (fun key -> (key, Obj.repr "large key", {|"large key"|})) large_keys in
  let all = fixed @ random @ large in
  assert (List.length fixed < 1000);
  let fd = Unix.openfile path Unix.[ O_RDWR; O_CREAT; O_TRUNC ] 0o644 in
  let md = Ancient.attach fd 0n in
  (* Half of them in one commit each, half in one together. *)
  let single, together = List.partition (fun (key, _, _) -> key mod 2 = 0) all in
  List.iter
    (fun (key, value, _) ->
       ignore (Ancient.share_with ~sync:false md key value))
    single;
  ignore
    (Ancient.share_many md
       (List.map (fun (key, value, _) -> Ancient.bind key value) together));
  Ancient.detach md;
  Unix.close fd;
  let out = open_out_bin expected_path in
  let line (key, _, json) = Printf.sprintf "\"%d\": %s" key json in
  Printf.fprintf out "{\n%s\n}\n" (String.concat ",\n" (List.map line all));
  close_out out
