(* tests/c-reader: publishes values of mixed shapes beside what OCaml says of them: their
   hashes, how they compare; and tables, maps and sets to find keys in.

   Usage: lookups FILE COUNT

   Key 0: an array of COUNT values.  1: their Hashtbl.hash.  2: their Hashtbl.seeded_hash by
   their index.  3: 1 + compare of each with the next one, as characters.  4: the same with
   one at a distance.  From 10 on: containers, see test_ocaml.c.  From 20 on, three keys each:
   a container of random keys, an array of keys to ask for, and what OCaml finds, -1 where it
   finds nothing. *)

module Strings = Map.Make (String)
module Reversed = Map.Make (struct
    type t = string

    let compare a b = String.compare b a
  end)
module Pairs = Set.Make (struct
    type t = int * string

    let compare = compare
  end)
module Own = Hashtbl.Make (struct
    type t = string

    let equal = String.equal
    let hash = String.length
  end)
module Standard = Hashtbl.Make (struct
    type t = int * string

    let equal = ( = )
    let hash = Hashtbl.hash
  end)

type tree = Leaf | Node of tree * int * tree
type flat = { x : float; y : float }
type tag = [ `A | `Blue of int | `C of string ]

let random_string () =
  let length = if Random.int 50 = 0 then Random.int 300 else Random.int 14 in
  String.init length (fun _ ->
      Char.chr (if Random.bool () then 97 + Random.int 3 else Random.int 256))

let floats = [| 0.; -0.; nan; -.nan; infinity; neg_infinity; 1.; -1.; 1e-310; max_float |]

let random_float () =
  if Random.bool () then floats.(Random.int (Array.length floats))
  else Int64.float_of_bits (Random.int64 Int64.max_int)

let random_int () =
  match Random.int 5 with
  | 0 -> Random.int 10 - 5
  | 1 -> min_int + Random.int 10
  | 2 -> max_int - Random.int 10
  | 3 -> Random.bits () lsl Random.int 34
  | _ -> -Random.bits ()

let rec random_tree depth =
  if depth = 0 || Random.int 3 = 0 then Leaf
  else Node (random_tree (depth - 1), Random.int 4, random_tree (depth - 1))

let empty : Obj.t array = [||]

let rec random_value depth =
  let sub () = random_value (depth - 1) in
  match Random.int (if depth = 0 then 10 else 18) with
  | 0 | 1 -> Obj.repr (random_int ())
  | 2 | 3 | 4 -> Obj.repr (random_string ())
  | 5 -> Obj.repr (random_float ())
  | 6 -> Obj.repr (Random.int32 Int32.max_int)
  | 7 -> Obj.repr (Int64.sub (Random.int64 Int64.max_int) (Random.int64 Int64.max_int))
  | 8 -> Obj.repr (Nativeint.neg (Random.nativeint Nativeint.max_int))
  | 9 -> Obj.repr empty
  | 10 -> Obj.repr (random_int (), random_string ())
  | 11 -> Obj.repr (sub (), sub ())
  | 12 -> Obj.repr [ sub (); sub (); sub () ]
  | 13 -> Obj.repr { x = random_float (); y = random_float () }
  | 14 -> Obj.repr (Array.init (Random.int 20) (fun _ -> random_float ()))
  | 15 -> Obj.repr (random_tree 5)
  | 16 ->
    Obj.repr
      (match Random.int 3 with
       | 0 -> `A
       | 1 -> `Blue (Random.int 3)
       | _ -> `C (random_string ()) : tag)
  | _ -> Obj.repr (Some (Some (sub ())))

let order a b = Char.chr (1 + compare a b)

let tables count =
  let words = Array.init count (fun i -> Printf.sprintf "word %d" (i * 7919)) in
  let table = Hashtbl.create 1 and seeded = Hashtbl.create ~random:true 1 in
  let own = Own.create 1 and standard = Standard.create 1 in
  let strings = ref Strings.empty and reversed = ref Reversed.empty and pairs = ref Pairs.empty in
  let add i word =
    Hashtbl.add table word i;
    Hashtbl.add seeded (i, word) (i * 2);
    Own.add own word i;
    Standard.add standard (i, word) i;
    strings := Strings.add word i !strings;
    reversed := Reversed.add word i !reversed;
    pairs := Pairs.add (i, word) !pairs
  in
  Array.iteri add words;
  Hashtbl.add table words.(0) (-1);
  [ Obj.repr table; Obj.repr seeded; Obj.repr own; Obj.repr standard; Obj.repr !strings;
    Obj.repr !reversed; Obj.repr !pairs ]

(* Strings with zeros, and such as begin alike or are a beginning. *)
let random_text () =
  let stem = String.make (Random.int 20) (if Random.bool () then 'a' else '\000') in
  match Random.int 3 with
  | 0 -> random_string ()
  | 1 -> stem
  | _ -> stem ^ String.make (Random.int 4) (Char.chr (Random.int 256))

let keys count random = Array.init count (fun _ -> random ())

(* Half of the keys asked for are there, most of them several times. *)
let asked count random = Array.append (keys count random) (keys count random)

let ask asked find = Array.map (fun key -> try find key with Not_found -> -1) asked

let random_table random =
  let asked = asked 3000 random and table = Hashtbl.create 1 in
  for i = 0 to 5999 do
    Hashtbl.add table asked.(Random.int 3000) i
  done;
  [ Obj.repr table; Obj.repr asked; Obj.repr (ask asked (Hashtbl.find table)) ]

let random_map (type key) random =
  let module Map = Map.Make (struct
      type t = key

      let compare = compare
    end)
  in
  let asked : key array = asked 3000 random and map = ref Map.empty in
  for i = 0 to 5999 do
    map := Map.add asked.(Random.int 3000) i !map
  done;
  [ Obj.repr !map; Obj.repr asked; Obj.repr (ask asked (fun key -> Map.find key !map)) ]

let random_set (type key) random =
  let module Set = Set.Make (struct
      type t = key

      let compare = compare
    end)
  in
  let asked : key array = asked 3000 random in
  let set = Set.of_list (List.init 3000 (fun _ -> asked.(Random.int 3000))) in
  [ Obj.repr set; Obj.repr asked;
    Obj.repr (ask asked (fun key -> if Set.mem key set then 0 else -1)) ]

let random_tables () =
  [ random_table random_text; random_table random_int;
    random_table (fun () -> Int64.of_int (random_int ()));
    random_table (fun () -> (Random.int 100, random_text ()));
    random_table (fun () -> (random_float (), Random.int 3));
    random_map random_text; random_map random_int; random_set random_text;
    random_set random_int; random_table (fun () -> (Random.int 3, random_value 3)) ]

let () =
  let path = Sys.argv.(1) and count = int_of_string Sys.argv.(2) in
  Random.init 20261123;
  (* Made of integers first: an array whose first element is a float would be flat. *)
  let values = Array.make count (Obj.repr 0) in
  for i = 0 to count - 1 do
    values.(i) <- random_value 3
  done;
  let file = Unix.openfile path [ Unix.O_RDWR; Unix.O_CREAT; Unix.O_TRUNC ] 0o600 in
  let md = Ancient.attach file 0n in
  let share key value = ignore (Ancient.share md key (Obj.repr value)) in
  share 0 values;
  share 1 (Array.map Hashtbl.hash values);
  share 2 (Array.mapi Hashtbl.seeded_hash values);
  share 3 (String.init count (fun i -> order values.(i) values.((i + 1) mod count)));
  share 4 (String.init count (fun i -> order values.(i) values.(i * 31 mod count)));
  List.iteri (fun i table -> share (10 + i) table) (tables 2000);
  List.iteri (fun i value -> share (20 + i) value) (List.concat (random_tables ()));
  Ancient.detach md;
  Unix.close file
