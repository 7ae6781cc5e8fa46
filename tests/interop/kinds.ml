(* tests/interop: the kinds of value that values.ml leaves out, each with its raw dump: bigarrays
   of every kind, layout and rank, blocks of every tag, large ones, lazies, containers of the
   standard library, a custom type of the program's own. *)

let block fields = Printf.sprintf {|{"tag": 0, "fields": [%s]}|} (String.concat ", " fields)

(* ---- Bigarrays ---- *)

(* Since OCaml 5.2; older compilers cannot name it. *)
let float16 : (float, Bigarray.float32_elt) Bigarray.kind option =
  match String.split_on_char '.' Sys.ocaml_version with
  | major :: minor :: _ when (int_of_string major, int_of_string minor) >= (5, 2) ->
    Some (Obj.magic 13)
  | _ -> None

let sixteen_dimensions = List.init 16 (fun i -> if i mod 4 = 3 then 2 else 1)
let shapes = [ []; [ 0 ]; [ 5 ]; [ 2; 3 ]; [ 3; 0; 2 ]; [ 2; 3; 4 ]; sixteen_dimensions ]

let bigarray_of name kind layout layout_name element json shape =
  let count = List.fold_left ( * ) 1 shape in
  let data = List.init count element in
  ( Printf.sprintf "bigarray %s %s of rank %d" name layout_name (List.length shape),
    Values.bigarray kind layout (Array.of_list shape) data,
    Printf.sprintf {|{"bigarray": "%s", "layout": "%s", "dims": [%s], "data": [%s]}|} name
      layout_name
      (String.concat ", " (List.map string_of_int shape))
      (String.concat ", " (List.map json data)) )

let bigarrays_of name kind element json =
  List.map (bigarray_of name kind Bigarray.c_layout "c" element json) shapes
  @ List.map (bigarray_of name kind Bigarray.fortran_layout "fortran" element json) shapes

(* Numbers that every floating-point kind holds exactly. *)
let real i = if i = 3 then -0. else if i = 4 then infinity else float_of_int (i - 2) /. 4.

let complex i : Complex.t = { re = real i; im = real (i + 1) }

let json_complex (c : Complex.t) =
  Printf.sprintf "[%s, %s]" (Values.json_double c.re) (Values.json_double c.im)

let json_element n = Values.json_number (Int64.of_int n)

(* Each kind from its smallest number on. *)
let bigarrays =
  let open Bigarray in
  let real_kind name kind = bigarrays_of name kind real Values.json_double in
  let int_kind name kind first = bigarrays_of name kind (( + ) first) json_element in
  List.concat
    [ real_kind "float32" float32;
      real_kind "float64" float64;
      int_kind "int8" int8_signed (-128);
      int_kind "uint8" int8_unsigned 231;
      int_kind "int16" int16_signed (-32768);
      int_kind "uint16" int16_unsigned 65000;
      bigarrays_of "int32" int32
        (fun i -> Int32.add Int32.min_int (Int32.of_int i))
        Int32.to_string;
      bigarrays_of "int64" int64
        (fun i -> Int64.sub Int64.max_int (Int64.of_int i))
        Values.json_number;
      int_kind "int" int min_int;
      bigarrays_of "nativeint" nativeint
        (fun i -> Nativeint.add Nativeint.min_int (Nativeint.of_int i))
        (fun n -> Values.json_number (Int64.of_nativeint n));
      bigarrays_of "complex32" complex32 complex json_complex;
      bigarrays_of "complex64" complex64 complex json_complex;
      bigarrays_of "char" char
        (fun i -> Char.chr (255 - i))
        (fun c -> json_element (Char.code c)) ]

let bigarrays_float16 =
  match float16 with
  | Some kind -> bigarrays_of "float16" kind real Values.json_double
  | None -> []

(* ---- Blocks ---- *)

let tagged tag =
  let block = Obj.new_block tag 2 in
  Obj.set_field block 0 (Obj.repr tag);
  Obj.set_field block 1 (Obj.repr "x");
  block

let blocks =
  let tags = List.init 244 (fun tag -> tag) in
  let tagged_json tag = Printf.sprintf {|{"tag": %d, "fields": [%d, "x"]}|} tag tag in
  let json_list = List.fold_right (fun tag rest -> block [ tagged_json tag; rest ]) tags "0" in
  let letters = String.init 100_000 (fun i -> Char.chr (97 + (i mod 26))) in
  [ ("blocks of every tag", Obj.repr (List.map tagged tags), json_list);
    ( "large array",
      Obj.repr (Array.init 20_000 (fun i -> i)),
      block (List.init 20_000 string_of_int) );
    ("long string", Obj.repr letters, Printf.sprintf "%S" letters) ]

(* ---- Lazies: the rule is the collector's, whether or not it has been by ---- *)

(* Forced, and so a Forward block until the collector comes. *)
let forced make =
  let suspended = Lazy.from_fun (fun () -> Sys.opaque_identity (make ())) in
  ignore (Lazy.force suspended);
  Obj.repr suspended

let forward target =
  let block = Obj.new_block Obj.forward_tag 1 in
  Obj.set_field block 0 target;
  block

let lazies =
  let r = Obj.repr in
  let shared = forward (r 2.5) in
  [ ("forced lazy of an int", forced (fun () -> r 3), "3");
    ("forced lazy of a block", forced (fun () -> r (1, "x")), block [ "1"; {|"x"|} ]);
    ("forced lazy of a string", forced (fun () -> r "text"), {|"text"|});
    ("forced lazy of a float array", forced (fun () -> r [| 1.5 |]), {|{"floats": [1.5]}|});
    ("forced lazy of an int64", forced (fun () -> r 5L), {|{"int64": 5}|});
    ("forced lazy of a float", forced (fun () -> r 1.5), {|{"lazy": {"float": 1.5}}|});
    ( "forced lazy of a forced lazy of a float",
      forward (forward (r 1.5)),
      {|{"lazy": {"lazy": {"float": 1.5}}}|} );
    ( "array of forced lazies of floats",
      (let a = Obj.new_block 0 2 in
       Obj.set_field a 0 (forced (fun () -> r 1.5));
       Obj.set_field a 1 (forced (fun () -> r Values.nan));
       a),
      block [ {|{"lazy": {"float": 1.5}}|}; {|{"lazy": {"float": "nan"}}|} ] );
    ( "shared lazy of a float",
      r (Sys.opaque_identity (0, shared, shared)),
      block [ "0"; {|{"id": 1, "lazy": {"float": 2.5}}|}; {|{"ref": 1}|} ] ) ]

(* ---- Containers ---- *)

module Strings = Map.Make (String)
module Ints = Set.Make (Int)

(* The one added first stays the root. *)
let map = Strings.(empty |> add "b" 2 |> add "a" 1 |> add "c" 3)

let map_json =
  let node left key value right height =
    block [ left; Printf.sprintf "%S" key; string_of_int value; right; string_of_int height ]
  in
  node (node "0" "a" 1 "0" 1) "b" 2 (node "0" "c" 3 "0" 1) 2

let set = Ints.(empty |> add 20 |> add 10 |> add 30)

let set_json =
  let node left element right height =
    block [ left; string_of_int element; right; string_of_int height ]
  in
  node (node "0" 10 "0" 1) 20 (node "0" 30 "0" 1) 2

let words = List.init 12 (fun i -> Printf.sprintf "word%d" (i * i))

(* 16 buckets, the newest binding first. *)
let hashtbl () =
  let table = Hashtbl.create ~random:false 16 in
  List.iteri (fun i word -> Hashtbl.add table word i) words;
  Hashtbl.add table "word0" 77;
  Obj.repr table

let hashtbl_json =
  let bindings = List.mapi (fun i word -> (word, i)) words @ [ ("word0", 77) ] in
  let bucket number =
    List.fold_left
      (fun next (word, i) ->
         if Hashtbl.seeded_hash 0 word land 15 <> number then next
         else block [ Printf.sprintf "%S" word; string_of_int i; next ])
      "0" bindings
  in
  block [ "13"; block (List.init 16 bucket); "0"; "16" ]

let containers () =
  let r = Obj.repr in
  let queue = Queue.create () in
  Queue.add 1 queue;
  [ ("Map", r map, map_json);
    ("empty Map", r Strings.empty, "0");
    ("Set", r set, set_json);
    ("Hashtbl", hashtbl (), hashtbl_json);
    ("Queue", r queue,
     {|{"tag": 0, "fields": [1, {"id": 1, "tag": 0, "fields": [1, 0]}, {"ref": 1}]}|}) ]

(* ---- A custom type of the program's own ---- *)

let registered =
  List.map
    (fun bytes ->
       ( "custom of the program's own",
         Obj.repr (Plain.make bytes),
         Printf.sprintf {|{"custom": "%s", "hex": "%s"}|} Plain.identifier (Plain.hex bytes) ))
    [ "0123456789abcdef"; String.make 16 '\255' ]

(* ---- All, alone and nested ---- *)

(* What every OCaml writes alike ... *)
let common () =
  let alone =
    Values.leaves @ Values.bigarrays @ Values.compound @ Values.cyclic @ bigarrays @ blocks @ lazies
    @ containers () @ registered @ Integers.values
  in
  alone @ List.map Values.nested alone

(* ... and what not every OCaml has. *)
let particular () = bigarrays_float16 @ List.map Values.nested bigarrays_float16
