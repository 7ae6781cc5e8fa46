(* tests/ocaml: ~dedup:true writes equal immutable blocks once, and nothing else.

   The property is checked on random values by walking over the original and the copy together
   (module Pairs): both hold the same bits; what the original shares is shared in the copy; blocks
   that may not be shared are as many as they were; of those that may, no two are equal.  Which may
   is said by this walk, block by block, and not by the library's schemas. *)

open Dedup_values

(* ---- The original and the copy, block by block ---- *)

module Pairs = struct
  type seen = {
    copies : (nativeint, nativeint) Hashtbl.t;  (** of a block of the original, its copy *)
    originals : (nativeint, nativeint) Hashtbl.t;  (** of copies that may not be shared *)
    equals : (string, nativeint) Hashtbl.t;  (** by their words, of those that may *)
    mutable shared : int;  (** blocks of the original that got a copy which was there *)
  }

  let address (v : Obj.t) = Ancient.address_of v

  let word i v =
    let field = Obj.field v i in
    if Obj.is_int field then Printf.sprintf "i%d" (Obj.obj field : int)
    else Printf.sprintf "p%nx" (address field)

  let words v =
    let tag = Obj.tag v and size = Obj.size v in
    let raw () = List.init size (fun i -> Printf.sprintf "%nx" (Obj.raw_field v i)) in
    let fields =
      if tag = Obj.string_tag then [ String.escaped (Obj.obj v) ]
      else if tag >= Obj.no_scan_tag then raw ()
      else List.init size (fun i -> word i v)
    in
    String.concat " " (string_of_int tag :: string_of_int size :: fields)

  (* Notes the pair; whether it is new, so that what is below is to be looked at. *)
  let meet seen ~may v w =
    let v = Obj.repr v and w = Obj.repr w in
    if Obj.is_int v || Obj.is_int w then begin
      Check.is_true "the same immediate" (v == w);
      false
    end
    else begin
      Check.equal_int "tag" (Obj.tag v) (Obj.tag w);
      Check.equal_int "size" (Obj.size v) (Obj.size w);
      let original = address v and copy = address w in
      match Hashtbl.find_opt seen.copies original with
      | Some known ->
        Check.is_true "one copy of a block" (known = copy);
        false
      | None ->
        Hashtbl.replace seen.copies original copy;
        if Obj.size v > 0 then begin
          if may then begin
            let key = words w in
            match Hashtbl.find_opt seen.equals key with
            | None -> Hashtbl.replace seen.equals key copy
            | Some other ->
              Check.is_true ("equal blocks once: " ^ key) (other = copy);
              seen.shared <- seen.shared + 1
          end
          else begin
            Check.is_true "a copy of its own" (not (Hashtbl.mem seen.originals copy));
            Hashtbl.replace seen.originals copy original
          end
        end;
        true
    end

  let bits seen ~may what v w =
    ignore (meet seen ~may v w);
    let raw v = List.init (Obj.size v) (fun i -> Obj.raw_field v i) in
    Check.is_true what (raw (Obj.repr v) = raw (Obj.repr w))

  (* The upper half of an int32's word is not defined in the original. *)
  let number seen v w =
    ignore (meet seen ~may:true v w);
    Check.is_true "number" (compare v w = 0)

  (* [types]: what is known from types; [strings]: the promise. *)
  let rec walk seen ~types ~strings (v : t) (w : t) =
    let walk = walk seen ~types ~strings and meet may = meet seen ~may in
    let text v w = bits seen ~may:(types || strings) "string" v w in
    let pairs list other = List.iter2 walk list other in
    let rec cells may (v : 'a list) (w : 'a list) =
      if meet may v w then
        match (v, w) with
        | _ :: v, _ :: w -> cells may v w
        | _ -> ()
    in
    let may = match v with Inline _ -> false | _ -> types in
    if meet may v w then
      match (v, w) with
      | Nothing, Nothing -> ()
      | Int a, Int b -> Check.equal_int "int" a b
      | Text a, Text b -> text a b
      | Raw a, Raw b -> bits seen ~may:(strings && not types) "bytes" a b
      | Real a, Real b -> bits seen ~may:true "float" a b
      | Numbers (a, b, c), Numbers (d, e, f) ->
        number seen a d;
        number seen b e;
        number seen c f
      | Pair ((a, b) as p), Pair ((c, d) as q) ->
        if meet types p q then pairs [ a; b ] [ c; d ]
      | Many a, Many b ->
        cells types a b;
        pairs a b
      | Array a, Array b ->
        if meet false a b then pairs (Array.to_list a) (Array.to_list b)
      | Floats a, Floats b -> bits seen ~may:false "floats" a b
      | Fixed a, Fixed b ->
        if meet types a b then begin
          text a.name b.name;
          walk a.value b.value;
          bits seen ~may:true "float" (Obj.field (Obj.repr a) 2) (Obj.field (Obj.repr b) 2)
        end
      | Changing a, Changing b ->
        if meet false a b then begin
          text a.name_now b.name_now;
          walk a.value_now b.value_now
        end
      | Inline a, Inline b -> pairs [ a.head; a.tail ] [ b.head; b.tail ]
      | Maybe a, Maybe b ->
        if meet types a b then pairs (Option.to_list a) (Option.to_list b)
      | Either a, Either b ->
        if meet types a b then (
          match (a, b) with
          | Ok a, Ok b -> walk a b
          | Error a, Error b -> text a b
          | _ -> Check.is_true "Either" false)
      | Cell a, Cell b -> if meet false a b then walk !a !b
      | Variant a, Variant b ->
        if meet types a b then (
          match (a, b) with
          | `Some a, `Some b -> walk a b
          | `Text a, `Text b -> text a b
          | _ -> Check.is_true "Variant" (a = b))
      | Later a, Later b -> walk (Lazy.force a) (Lazy.force b)
      | Table a, Table b ->
        if meet false a b then begin
          ignore (meet false (Obj.field (Obj.repr a) 1) (Obj.field (Obj.repr b) 1));
          table seen ~types ~strings (Obj.field (Obj.repr a) 1) (Obj.field (Obj.repr b) 1)
        end
      | Point a, Point b -> bits seen ~may:types "point" a b
      | Moving a, Moving b -> bits seen ~may:false "moving" a b
      | Queue a, Queue b ->
        if meet false a b then begin
          let cell q : t list = Obj.obj (Obj.field (Obj.repr q) 1) in
          cells false (cell a) (cell b);
          let list q = List.of_seq (Stdlib.Queue.to_seq q) in
          pairs (list a) (list b)
        end
      | Stack a, Stack b ->
        if meet false a b then begin
          let list s : t list = Obj.obj (Obj.field (Obj.repr s) 0) in
          cells types (list a) (list b);
          pairs (list a) (list b)
        end
      | _ -> Check.is_true "the same constructor" false

  and table seen ~types ~strings v w =
    let rec bucket v w =
      if meet seen ~may:false v w then begin
        bits seen ~may:(types || strings) "key" (Obj.field v 0) (Obj.field w 0);
        walk seen ~types ~strings (Obj.obj (Obj.field v 1)) (Obj.obj (Obj.field w 1));
        bucket (Obj.field v 2) (Obj.field w 2)
      end
    in
    for i = 0 to Obj.size v - 1 do
      bucket (Obj.field v i) (Obj.field w i)
    done

  (* Lists of values: the roots that are shared here.  [first]: its cells and elements keep their
     places.  Gives how many blocks have found a copy. *)
  let check ?(first = false) ~types ~strings (v : t list) (w : t list) =
    let seen =
      { copies = Hashtbl.create 1000; originals = Hashtbl.create 1000;
        equals = Hashtbl.create 1000; shared = 0 }
    in
    let rec cells (v : t list) (w : t list) =
      if meet seen ~may:(types && not first) v w then
        match (v, w) with
        | _ :: v, _ :: w -> cells v w
        | _ -> ()
    in
    cells v w;
    List.iter2 (walk seen ~types ~strings) v w;
    seen.shared
end

(* Addresses are compared: nothing of the original moves. *)
let settle () =
  Gc.set { (Gc.get ()) with max_overhead = 1_000_000 };
  Gc.full_major ()

let verified path = Check.with_md path Ancient.verify
let copy md : 'a = Ancient.follow (Ancient.get md 0)

(* ---- Tests ---- *)

(* How a value is shared, and what of it is to be shared. *)
let ways =
  [ ("numbers", false, false, fun path v -> Ancient.publish ~dedup:true path v);
    ("strings", false, true, fun path v -> Ancient.publish ~dedup:true ~strings:true path v);
    ("types", true, false, fun path v -> Ancient.Typed.publish ~dedup:true path list_schema v);
    ("compact, numbers", false, false, fun path v ->
        Ancient.publish path v;
        ignore (Ancient.compact ~dedup:true path));
    ("compact, strings", false, true, fun path v ->
        Ancient.publish path v;
        ignore (Ancient.compact ~dedup:true ~strings:true path));
    ("compact, types", true, false, fun path v ->
        Ancient.Typed.publish path list_schema v;
        ignore (Ancient.compact ~dedup:true path));
    ("compact again", true, false, fun path v ->
        Ancient.Typed.publish ~dedup:true path list_schema v;
        ignore (Ancient.compact path)) ]

let random_values (name, types, strings, share) () =
  let shared = ref 0 in
  for seed = 1 to 60 do
    let v = random (Random.State.make [| seed |]) (1 + (seed * seed mod 200)) in
    settle ();
    Check.with_path_in_memory (fun path ->
        share path v;
        verified path;
        Check.with_md path (fun md ->
            let w : t list = copy md in
            Check.is_true (name ^ ": equal") (compare v w = 0);
            shared := !shared + Pairs.check ~types ~strings v w))
  done;
  Check.is_true "something was shared" (!shared > 1000)

(* In a file of its own; its size is that of the values, headers included. *)
let with_copy ?order ?strings (v : 'a) f =
  settle ();
  Check.with_path_in_memory (fun path ->
      Check.with_md path (fun md ->
          let proxy, { Ancient.i_size } =
            Ancient.share_with ?order ?strings ~dedup:true ~sync:false md 0 v
          in
          Ancient.verify md;
          f (Ancient.follow proxy) i_size))

let with_typed ?order schema v f =
  settle ();
  Check.with_path_in_memory (fun path ->
      Check.with_md path (fun md ->
          let copy = Ancient.follow (Ancient.Typed.share ?order ~dedup:true ~sync:false md 0 schema v) in
          Ancient.verify md;
          f copy))

let distinct blocks =
  List.length (List.sort_uniq compare (List.map (fun v -> Ancient.address_of v) blocks))

let numbers_by_bits () =
  let bits = [ 0L; Int64.min_int; 0x7FF8_0000_0000_0001L; 0x7FF8_0000_0000_0002L; 1L ] in
  let many f = List.concat (List.init 3 (fun _ -> List.map f bits)) in
  let floats = many Int64.float_of_bits in
  with_copy floats (fun copy _ ->
      Check.equal_int "floats" 5 (distinct copy);
      Check.is_true "bits" (List.map Int64.bits_of_float copy = many Fun.id));
  with_copy (many (fun i -> Int64.add i 0L)) (fun copy _ ->
      Check.equal_int "int64" 5 (distinct copy));
  with_copy (many Int64.to_nativeint) (fun copy _ ->
      Check.equal_int "nativeint" 5 (distinct copy));
  with_copy (many Int64.to_int32) (fun copy _ ->
      Check.equal_int "int32" 3 (distinct copy))

(* An int64 and a nativeint, or a string, of the same bits are no equals. *)
let kinds_differ () =
  let text = "\001\000\000\000\000\000\000" in
  let v = (1L, 1n, Int64.float_of_bits 1L, fresh_string text, fresh_string text) in
  with_copy ~strings:true v (fun (a, b, c, d, e) _ ->
      let blocks = [ Obj.repr a; Obj.repr b; Obj.repr c; Obj.repr d ] in
      Check.equal_int "kinds" 4 (distinct blocks);
      Check.is_true "strings" (d == e))

(* Bigarrays, and customs whose type is not known, have copies of their own. *)
let customs_stay () =
  let bigarray _ = Bigarray.(Array1.of_array int8_unsigned c_layout [| 1; 2 |]) in
  with_copy (List.init 3 bigarray) (fun copy _ -> Check.equal_int "bigarrays" 3 (distinct copy))

let strings_by_promise () =
  let v = List.init 10 (fun _ -> fresh_string "the same") in
  with_copy v (fun copy _ -> Check.equal_int "without" 10 (distinct copy));
  with_copy ~strings:true v (fun copy _ -> Check.equal_int "with" 1 (distinct copy));
  let bytes = List.init 10 (fun _ -> Bytes.of_string "the same") in
  with_typed Ancient.Schema.(list bytes) bytes (fun copy ->
      Check.equal_int "bytes" 10 (distinct copy));
  with_typed Ancient.Schema.(list string) v (fun copy ->
      Check.equal_int "typed" 1 (distinct copy))

(* Strings of any length, also those that are longer than what is written at a time. *)
let long_strings () =
  List.iter
    (fun length ->
       let v = List.init 12 (fun i -> String.make length (Char.chr (65 + (i / 6)))) in
       with_copy ~strings:true v (fun copy size ->
           Check.equal_int "distinct" 2 (distinct copy);
           Check.is_true "equal" (compare v copy = 0);
           let words = (length / 8) + 2 in
           Check.equal_int "size" (8 * ((2 * words) + (12 * 3))) size))
    [ 1; 7; 8; 127; 128; 300; 70_000; 1 lsl 20; 3_000_000 ]

(* ---- Many blocks, and deep ones ---- *)

(* Twice the same tree, of 2^19 leaves: its halves are equal at all levels. *)
let halves () =
  let rec tree n = if n = 0 then Real 1.5 else Pair (tree (n - 1), tree (n - 1)) in
  with_typed schema (tree 19) (fun copy ->
      Check.is_true "equal" (compare (tree 19) copy = 0);
      let rec depth v = match v with
        | Pair (a, b) ->
          Check.is_true "halves are one" (a == b);
          1 + depth a
        | _ -> 0
      in
      Check.equal_int "depth" 19 (depth copy))

(* The cells of equal lists are one, from the last cell on.  A list of more cells than are waited
   for is shared as well, whatever of it finds an equal. *)
let deep_lists () =
  let long n = List.init n (fun i -> i mod 1000) in
  let schema = Ancient.Schema.(tuple2 (list int) (list int)) in
  with_typed schema (long 500_000, 7 :: long 500_000) (fun (a, b) ->
      Check.is_true "equal" (compare (a, b) (long 500_000, 7 :: long 500_000) = 0);
      Check.is_true "one list" (List.tl b == a));
  with_typed schema (long 3_000_000, long 3_000_000) (fun copy ->
      Check.is_true "equal" (compare copy (long 3_000_000, long 3_000_000) = 0))

(* A million blocks, which are written in many pieces; each thousand of them is as the one before. *)
let pieces () =
  let v = List.init 300 (fun i -> List.init 1000 (fun n ->
      Fixed { name = string_of_int ((n * 7) mod 500); value = Real (float_of_int (n mod 300));
              weight = float_of_int (i mod 3) })) in
  let schema = Ancient.Schema.(list (list schema)) in
  with_typed schema v (fun copy ->
      Check.is_true "equal" (compare v copy = 0);
      Check.equal_int "three lists" 3 (distinct copy))

(* What is written goes on to be taken back: long rows of equal blocks, between which others stay. *)
let taken_back () =
  let row n = List.init n (fun i -> (string_of_int (i mod 5), float_of_int i)) in
  let v = Array.init 40 (fun i -> (Bytes.make (50_000 * i) 'x', row 20_000)) in
  let schema = Ancient.Schema.(array (tuple2 bytes (list (tuple2 string float)))) in
  with_typed schema v (fun copy ->
      Check.is_true "equal" (compare v copy = 0);
      Check.equal_int "rows" 1 (distinct (List.map snd (Array.to_list copy))))

(* ---- Cycles ---- *)

let cycles () =
  let knot () =
    let rec a = Fixed { name = "a"; value = Pair (b, b); weight = 1. }
    and b = Many [ a; Text "b"; Text "b" ] in
    a
  in
  let rec ring = Int 1 :: Int 2 :: ring in
  let rec ring' = Int 1 :: Int 2 :: ring' in
  with_typed Ancient.Schema.(tuple3 schema schema schema) (knot (), Int 3, knot ())
    (fun (a, _, b) ->
       let check = function
         | Fixed { value = Pair (Many [ x; Text s; Text t ], c) as pair; _ } as a ->
           Check.is_true "the cycle" (x == a);
           Check.is_true "strings" (s == t);
           Check.is_true "shared" (match pair with Pair (b, _) -> b == c | _ -> false)
         | _ -> Check.is_true "knot" false
       in
       Check.is_true "two knots" (a != b);
       check a;
       check b);
  (* the root is equal to a block below itself *)
  let rec inner = Pair below and below = (inner, Nothing) in
  with_typed Ancient.Schema.(tuple2 schema schema) (inner, Nothing) (fun root ->
      match root with
      | (Pair (again, Nothing) as inner), Nothing -> Check.is_true "inner" (again == inner)
      | _ -> Check.is_true "inner" false);
  with_typed Ancient.Schema.(tuple2 list_schema list_schema) (ring, ring') (fun (a, b) ->
      Check.is_true "a ring" (List.tl (List.tl a) == a);
      Check.is_true "another" (List.tl (List.tl b) == b && a != b))

(* ---- Orders ---- *)

let orders () =
  let v = List.init 200 (fun i -> Fixed { name = string_of_int (i mod 3); value = Pair (Text "x", Text "x"); weight = 1. }) in
  let elements = Array.of_list v in
  let schema_of = Ancient.Schema.list schema and array = Ancient.Schema.array schema in
  let records list = List.map (function Fixed r -> r | _ -> assert false) list in
  let check list =
    Check.is_true "equal" (compare v list = 0);
    Check.equal_int "elements stay" 200 (distinct list);
    let fixed = List.sort_uniq compare (List.map (fun v -> Ancient.address_of v) list) in
    let steps = List.map2 Nativeint.sub (List.tl fixed) (List.filteri (fun i _ -> i < 199) fixed) in
    Check.is_true "side by side" (List.for_all (( = ) 16n) steps);
    Check.equal_int "what is below" 3 (distinct (records list));
    Check.equal_int "names" 3 (distinct (List.map (fun (r : fixed) -> r.name) (records list)))
  in
  let order = Ancient.Elements_first in
  with_typed ~order schema_of v check;
  with_typed ~order array elements (fun copy -> check (Array.to_list copy));
  (* without types: the numbers alone *)
  with_copy ~order (Array.init 300 (fun i -> (float_of_int (i mod 7), i))) (fun copy _ ->
      Check.equal_int "numbers" 7 (distinct (List.map fst (Array.to_list copy))));
  Check.with_path (fun path ->
      List.iter
        (fun f -> Check.raises_invalid "breadth-first" "dedup with Breadth_first" f)
        [ (fun () -> Ancient.publish ~dedup:true ~order:Ancient.Breadth_first path v);
          (fun () -> Ancient.Typed.publish ~dedup:true ~order:Ancient.Breadth_first path schema_of v);
          (fun () -> ignore (Ancient.compact ~dedup:true ~order:Ancient.Breadth_first path)) ];
      Check.is_true "no file" (not (Sys.file_exists path)))

(* ---- Several keys, and what was there before ---- *)

let several_keys () =
  settle ();
  let pair () = (fresh_string "one", float_of_int (Random.int 1 + 2)) in
  let schema = Ancient.Schema.(tuple2 string float) in
  Check.with_new_md (fun md ->
      ignore (Ancient.Typed.share md 9 schema (pair ()));
      let before : string * float = Ancient.follow (Ancient.get md 9) in
      ignore
        (Ancient.share_many ~dedup:true md
           [ Ancient.Typed.bind 0 schema (pair ()); Ancient.bind 1 (pair ());
             Ancient.Typed.bind 2 schema (pair ()); Ancient.bind 3 (fst before, 1) ]);
      Ancient.verify md;
      let get key : string * float = Ancient.follow (Ancient.get md key) in
      Check.is_true "typed keys are one" (get 0 == get 2);
      Check.is_true "the untyped one is not" (get 1 != get 0);
      Check.is_true "but its number" (snd (get 1) == snd (get 0));
      Check.is_true "what was there stays" (get 9 == before && before != get 0);
      Check.is_true "and is referred to" (fst (get 3) == fst before);
      let sizes = List.map (fun c -> c.Ancient.keys) (Ancient.commits md) in
      Check.is_true "commits" (sizes = [ 5; 1 ]))

(* A compaction makes equals of all keys one. *)
let compacted_keys () =
  settle ();
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          for key = 0 to 9 do
            ignore (Ancient.Typed.share ~sync:false md key list_schema [ Text "a"; Real 1.5 ])
          done);
      let { Ancient.blocks_before; blocks_after; bytes_after; bytes_before } =
        Ancient.compact ~dedup:true path
      in
      Check.is_true "fewer blocks" (blocks_before = 60 && blocks_after = 6);
      Check.is_true "fewer bytes" (bytes_after < bytes_before);
      verified path;
      Check.with_md path (fun md ->
          let all = List.init 10 (fun key -> (Ancient.follow (Ancient.get md key) : t list)) in
          Check.equal_int "one list" 1 (distinct all);
          let typed = Ancient.Typed.get ~verify:true md 3 list_schema in
          Check.is_true "typed" (Ancient.follow typed = [ Text "a"; Real 1.5 ])))

(* ---- Failures ---- *)

let failures () =
  settle ();
  let value = List.init 30_000 (fun i -> (string_of_int (i mod 10), float_of_int (i mod 10))) in
  let text = Marshal.to_string value [] in
  Check.with_path_in_memory (fun path ->
      Check.with_fd path (fun fd ->
          let md = Ancient.attach_with ~reserve:(3 lsl 20) fd in
          let share key v = ignore (Ancient.share_with ~dedup:true ~strings:true md key v) in
          share 0 value;
          let before = Check.read_bytes path in
          Check.raises_invalid "a function" "functional value" (fun () ->
              share 1 (value, [ Obj.repr value; Obj.repr (fun () -> value) ]));
          Check.raises_code "no room" Ancient.No_room (fun () ->
              share 1 (value, Array.init 400_000 string_of_int));
          Check.is_true "the file is as it was" (Check.read_bytes path = before);
          Check.equal_string "the value is as it was" text (Marshal.to_string value []);
          share 1 (value, value);
          Ancient.verify md;
          let a, b = (Ancient.follow (Ancient.get md 1) : 'a * 'a) in
          Check.is_true "shared afterwards" (a == b && compare a value = 0);
          Ancient.detach md))

(* As beside another domain: a table says which blocks were met. *)
let without_marks () =
  Unix.putenv "ANCIENT_MARKS" "no";
  Fun.protect
    ~finally:(fun () -> Unix.putenv "ANCIENT_MARKS" "")
    (fun () -> List.iter (fun way -> random_values way ()) ways)

let tests =
  [ ("random values, without marks", without_marks); ("numbers are compared by their bits", numbers_by_bits); ("kinds differ", kinds_differ);
    ("bigarrays stay", customs_stay); ("strings by promise, or by type", strings_by_promise);
    ("long strings", long_strings); ("equal halves", halves); ("deep lists", deep_lists);
    ("many pieces", pieces); ("long rows are taken back", taken_back); ("cycles", cycles);
    ("orders", orders); ("several keys", several_keys); ("keys of a compacted file", compacted_keys);
    ("failures leave everything as it was", failures) ]

let tests_of_ways =
  List.map
    (fun ((name, _, _, _) as way) -> ("random values: " ^ name, random_values way))
    ways

let () = Check.run (tests_of_ways @ tests)
