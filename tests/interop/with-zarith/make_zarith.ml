(* tests/interop: containers keyed by Zarith's integers, small and large, and what OCaml finds
   in them, for test_zarith.py.

   Usage: make_zarith FILE

   Key 0: a table by Hashtbl.hash and =.  1: one by Z.hash and Z.equal.  2: a map by Z.compare.
   3: a set.  4: keys to ask for, in decimal.  5: what the tables and the map give for each, -1
   where they have none.  12, 13: the map and the set again, with their order said to be that
   of Stdlib.compare, so that lookups are fast. *)

module Zs = struct
  include Ancient.Schema.For_zarith (Z)

  type t = Z.t
end

module Table = Hashtbl.Make (Z)
module Map = Map.Make (Z)
module Set = Set.Make (Z)
module Table_schema = Ancient.Schema.For_hashtbl (Table) (Zs)
module Map_schema = Ancient.Schema.For_map (Map) (Zs)
module Set_schema = Ancient.Schema.For_set (Set) (Zs)
module Map_standard = Ancient.Schema.For_map_standard (Map) (Zs)
module Set_standard = Ancient.Schema.For_set_standard (Set) (Zs)

let edges =
  [ "4611686018427387903"; "4611686018427387904"; "-4611686018427387904"; "-4611686018427387905";
    "9223372036854775807"; "9223372036854775808"; "-9223372036854775808"; "18446744073709551615";
    "18446744073709551616"; "-18446744073709551616" ]

let random () =
  let sign z = if Random.bool () then Z.neg z else z in
  match Random.int 3 with
  | 0 -> sign (Z.of_int (Random.int 3000))
  | 1 -> sign (Z.of_int (Random.bits () lsl Random.int 33))
  | _ ->
    let limb _ = Z.of_int64 (Random.int64 Int64.max_int) in
    sign
      (List.fold_left
         (fun z limb -> Z.add (Z.shift_left z 63) limb)
         Z.one
         (List.init (1 + Random.int 4) limb))

let () =
  Random.init 20261123;
  let asked = Array.append (Array.of_list (List.map Z.of_string edges)) (Array.init 1200 (fun _ -> random ())) in
  let plain = Hashtbl.create 1 and own = Table.create 1 in
  let map = ref Map.empty and set = ref Set.empty in
  Array.iteri
    (fun i key ->
       if i mod 2 = 0 then begin
         Hashtbl.replace plain key i;
         Table.replace own key i;
         map := Map.add key i !map;
         set := Set.add key !set
       end)
    asked;
  let answer key = match Map.find_opt key !map with Some i -> i | None -> -1 in
  let file = Unix.openfile Sys.argv.(1) Unix.[ O_RDWR; O_CREAT; O_TRUNC ] 0o600 in
  let md = Ancient.attach file 0n in
  let share key schema value = ignore (Ancient.Typed.share md key schema value) in
  let open Ancient.Schema in
  share 0 (hashtbl Zs.schema int) plain;
  share 1 (Table_schema.schema int) own;
  share 2 (Map_schema.schema int) !map;
  share 3 Set_schema.schema !set;
  share 4 (array string) (Array.map Z.to_string asked);
  share 5 (array int) (Array.map answer asked);
  share 12 (Map_standard.schema int) !map;
  share 13 Set_standard.schema !set;
  (* As read back by this program, by its types. *)
  let plain : (Z.t, int) Hashtbl.t =
    Ancient.follow (Ancient.Typed.get ~verify:true md 0 (hashtbl Zs.schema int))
  in
  Array.iter
    (fun key ->
       let found = Option.value ~default:(-1) (Hashtbl.find_opt plain key) in
       if found <> answer key then failwith (Z.to_string key))
    asked;
  Ancient.detach md
