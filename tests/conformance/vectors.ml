(* tests/conformance: what OCaml itself says of the values of vectors.ancient: their hashes and
   their order.

   Usage: vectors FILE FIRST-HASHED SEED...

   A line for each key: "hash KEY H..." with a hash for each SEED.  Then for each key below
   FIRST-HASHED "compare KEY SIGNS" and "equal KEY SIGNS", a sign for each of these keys: < = >
   as Stdlib.compare says, 1 or 0 as (=) does, ! where it raises.  Z makes the operations of
   Zarith's integers known to the runtime. *)

let _ = Sys.opaque_identity Z.one

let order a b =
  match compare a b with
  | 0 -> '='
  | n -> if n < 0 then '<' else '>'
  | exception Invalid_argument _ -> '!'

let equal a b =
  match a = b with
  | true -> '1'
  | false -> '0'
  | exception Invalid_argument _ -> '!'

let () =
  let path = Sys.argv.(1) and first_hashed = int_of_string Sys.argv.(2) in
  let seeds = List.tl (List.tl (List.tl (Array.to_list Sys.argv))) in
  let seeds = List.map int_of_string seeds in
  let md = Ancient.attach (Unix.openfile path [ Unix.O_RDONLY ] 0) 0n in
  Ancient.verify md;
  let value (key, _) : int * Obj.t = (key, Ancient.follow (Ancient.get md key)) in
  let values = List.map value (Ancient.keys md) in
  let ordered = List.filter (fun (key, _) -> key < first_hashed) values in
  let hash (key, v) =
    (* Hashtbl.hash is the same with the seed 0. *)
    assert (Hashtbl.hash v = Hashtbl.seeded_hash_param 10 100 0 v);
    let one seed = string_of_int (Hashtbl.seeded_hash_param 10 100 seed v) in
    Printf.printf "hash %d %s\n" key (String.concat " " (List.map one seeds))
  in
  let row name sign (key, v) =
    let signs = List.map (fun (_, other) -> String.make 1 (sign v other)) ordered in
    Printf.printf "%s %d %s\n" name key (String.concat "" signs)
  in
  List.iter hash values;
  List.iter (row "compare" order) ordered;
  List.iter (row "equal" equal) ordered;
  Ancient.detach md
