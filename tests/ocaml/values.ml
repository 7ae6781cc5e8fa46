(* tests/ocaml: OCaml values of every kind, each with its raw dump (appendix A of
   spec/FORMAT.md), and random ones.

   [fixed] pairs ordinary OCaml values with dumps written by hand.  [random] makes
   a description first, then from it both the value and the dump, so that the
   dump owes nothing to any reader of values. *)

(* ---- JSON ---- *)

let json_int n =
  let limit = 1 lsl 53 in
  if -limit <= n && n <= limit then string_of_int n
  else Printf.sprintf {|{"int": "%d"}|} n

let json_number n64 =
  if Int64.compare (Int64.abs n64) (Int64.shift_left 1L 53) <= 0
  && n64 <> Int64.min_int
  then Int64.to_string n64
  else Printf.sprintf {|"%Ld"|} n64

let json_double x =
  match classify_float x with
  | FP_nan -> {|"nan"|}
  | FP_infinite -> if x > 0. then {|"inf"|} else {|"-inf"|}
  | FP_normal | FP_subnormal | FP_zero ->
    let shortest =
      List.find
        (fun text -> Float.equal (float_of_string text) x)
        [ Printf.sprintf "%.15g" x; Printf.sprintf "%.16g" x;
          Printf.sprintf "%.17g" x ]
    in
    if String.exists (fun c -> c = '.' || c = 'e') shortest then shortest
    else shortest ^ ".0"

(* Length of the UTF-8 sequence at [i], 0 where there is none. *)
let utf8_at s i =
  let byte k = if i + k < String.length s then Char.code s.[i + k] else 0 in
  let tail k = byte k land 0xC0 = 0x80 in
  let b = byte 0 in
  if b < 0x80 then 1
  else if b >= 0xC2 && b < 0xE0 && tail 1 then 2
  else if b land 0xF0 = 0xE0 && tail 1 && tail 2
          && (b <> 0xE0 || byte 1 >= 0xA0)
          && (b <> 0xED || byte 1 < 0xA0)
  then 3
  else if b >= 0xF0 && b < 0xF5 && tail 1 && tail 2 && tail 3
          && (b <> 0xF0 || byte 1 >= 0x90)
          && (b <> 0xF4 || byte 1 < 0x90)
  then 4
  else 0

let code_point s i length =
  let bits = Char.code s.[i] land (0xFF lsr (length + 1)) in
  let rec more acc k =
    if k = length then acc
    else more ((acc lsl 6) lor (Char.code s.[i + k] land 0x3F)) (k + 1)
  in
  more bits 1

let json_string s =
  let out = Buffer.create (String.length s + 2) in
  let escape code = Printf.bprintf out "\\u%04x" code in
  let rec at i =
    if i < String.length s then
      match utf8_at s i with
      | 0 ->
        escape (0xDC00 + Char.code s.[i]);
        at (i + 1)
      | 1 ->
        (match s.[i] with
         | '"' | '\\' -> Printf.bprintf out "\\%c" s.[i]
         | ' ' .. '~' -> Buffer.add_char out s.[i]
         | c -> escape (Char.code c));
        at (i + 1)
      | length ->
        let code = code_point s i length in
        if code < 0x10000 then escape code
        else begin
          escape (0xD800 + ((code - 0x10000) lsr 10));
          escape (0xDC00 + ((code - 0x10000) land 0x3FF))
        end;
        at (i + length)
  in
  Buffer.add_char out '"';
  at 0;
  Buffer.add_char out '"';
  Buffer.contents out

(* ---- Values with dumps written by hand ---- *)

(* Stdlib's has other bits since OCaml 5.1: what is compared byte by byte must not. *)
let nan = Int64.float_of_bits 0x7FF8_0000_0000_0001L

type point = { x : float; y : float }
type mixed = { count : int; ratio : float }
type tree = Leaf | Node of tree * int * tree | Tagged of { label : string }
type loop = { mutable next : loop; value : int }
type knot = Knot of knot list ref

let first_index : type l. l Bigarray.layout -> int = function
  | Bigarray.C_layout -> 0
  | Bigarray.Fortran_layout -> 1

let bigarray kind layout dims data =
  let array = Bigarray.Genarray.create kind layout dims in
  let flat =
    Bigarray.reshape_1 array (Array.fold_left ( * ) 1 dims)
  in
  let first = first_index layout in
  List.iteri (fun i x -> Bigarray.Array1.set flat (i + first) x) data;
  Obj.repr array

let bigarrays =
  let open Bigarray in
  let c kind name data json =
    ( "bigarray " ^ name,
      bigarray kind c_layout [| 2; 2 |] data,
      Printf.sprintf
        {|{"bigarray": "%s", "layout": "c", "dims": [2, 2], "data": %s}|} name
        json )
  in
  let small = "[0, 1, 2, 127]" in
  [ c float32 "float32" [ 0.5; -1.25; 3.; 0. ] "[0.5, -1.25, 3.0, 0.0]";
    c float64 "float64" [ 0.1; infinity; -3.; 0. ] {|[0.1, "inf", -3.0, 0.0]|};
    c int8_signed "int8" [ 0; -1; -128; 127 ] "[0, -1, -128, 127]";
    c int8_unsigned "uint8" [ 0; 1; 128; 255 ] "[0, 1, 128, 255]";
    c int16_signed "int16" [ 0; -1; -32768; 7 ] "[0, -1, -32768, 7]";
    c int16_unsigned "uint16" [ 0; 1; 65535; 7 ] "[0, 1, 65535, 7]";
    c int32 "int32" [ 0l; -1l; Int32.min_int; 7l ] "[0, -1, -2147483648, 7]";
    c int64 "int64" [ 0L; -1L; Int64.min_int; 7L ]
      {|[0, -1, "-9223372036854775808", 7]|};
    c int "int" [ 0; -1; -77; 7 ] "[0, -1, -77, 7]";
    c nativeint "nativeint" [ 0n; -1n; -77n; 7n ] "[0, -1, -77, 7]";
    c complex32 "complex32"
      Complex.[ zero; one; i; { re = 0.5; im = -0.5 } ]
      "[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, -0.5]]";
    c complex64 "complex64"
      Complex.[ zero; one; i; { re = 0.1; im = -0.5 } ]
      "[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.1, -0.5]]";
    c char "char" [ '\000'; '\001'; '\002'; '\127' ] small;
    ( "bigarray in Fortran's layout",
      bigarray int8_unsigned fortran_layout [| 3; 1 |] [ 1; 2; 3 ],
      {|{"bigarray": "uint8", "layout": "fortran", "dims": [3, 1], "data": [1, 2, 3]}|}
    );
    ( "bigarray with no elements",
      bigarray float64 c_layout [| 0 |] [],
      {|{"bigarray": "float64", "layout": "c", "dims": [0], "data": []}|} );
    ( "bigarray with no dimensions",
      bigarray float64 c_layout [||] [ 2.5 ],
      {|{"bigarray": "float64", "layout": "c", "dims": [], "data": [2.5]}|} );
    ( "part of a bigarray",
      (let whole =
         Array1.of_array int16_signed c_layout [| 1; 2; 3; 4; 5 |]
       in
       Obj.repr (Array1.sub whole 1 3)),
      {|{"bigarray": "int16", "layout": "c", "dims": [3], "data": [2, 3, 4]}|}
    ) ]

(* A forced lazy that stays a Forward block whatever the collector has done. *)
let kept_lazy =
  let block = Obj.new_block Obj.forward_tag 1 in
  Obj.set_field block 0 (Obj.repr (Sys.opaque_identity 1.5));
  block

let leaves =
  let r = Obj.repr in
  [ ("unit", r (), "0");
    ("zero", r 0, "0");
    ("minus one", r (-1), "-1");
    ("2^53", r (1 lsl 53), "9007199254740992");
    ("2^53 + 1", r ((1 lsl 53) + 1), {|{"int": "9007199254740993"}|});
    ("max_int", r max_int, {|{"int": "4611686018427387903"}|});
    ("min_int", r min_int, {|{"int": "-4611686018427387904"}|});
    ("true", r true, "1");
    ("character", r 'a', "97");
    ("None", r None, "0");
    ("[]", r [], "0");
    ("[||]", r [||], {|{"tag": 0, "fields": []}|});
    ("empty string", r "", {|""|});
    ("string", r "vim", {|"vim"|});
    ("string of 7 bytes", r "1234567", {|"1234567"|});
    ("string of 8 bytes", r "12345678", {|"12345678"|});
    ("string in UTF-8", r "z\xc3\xbcrich \xf0\x9f\x90\xab",
     {|"z\u00fcrich \ud83d\udc2b"|});
    ("string of any bytes", r "a\xff\x00\xc3", {|"a\udcff\u0000\udcc3"|});
    ("surrogate in a string", r "\xed\xa0\x80", {|"\udced\udca0\udc80"|});
    ("quotes in a string", r "\"\\\n", {|"\"\\\u000a"|});
    ("bytes", r (Bytes.of_string "bytes"), {|"bytes"|});
    ("float", r 1.5, {|{"float": 1.5}|});
    ("float with many digits", r 0.1, {|{"float": 0.1}|});
    ("minus zero", r (-0.), {|{"float": -0.0}|});
    ("smallest float", r 5e-324, {|{"float": 5e-324}|});
    ("largest float", r max_float, {|{"float": 1.7976931348623157e+308}|});
    ("nan", r nan, {|{"float": "nan"}|});
    ("infinity", r infinity, {|{"float": "inf"}|});
    ("neg_infinity", r neg_infinity, {|{"float": "-inf"}|});
    ("float array", r [| 1.; 0.1; nan |], {|{"floats": [1.0, 0.1, "nan"]}|});
    ("Float.Array", r (Float.Array.of_list [ 2.5 ]), {|{"floats": [2.5]}|});
    ("record of floats", r { x = 1.5; y = -2. }, {|{"floats": [1.5, -2.0]}|});
    ("int32", r 7l, {|{"int32": 7}|});
    ("Int32.min_int", r Int32.min_int, {|{"int32": -2147483648}|});
    ("int64", r (-7L), {|{"int64": -7}|});
    ("Int64.max_int", r Int64.max_int, {|{"int64": "9223372036854775807"}|});
    ("nativeint", r 7n, {|{"nativeint": 7}|});
    ("Nativeint.min_int", r Nativeint.min_int,
     {|{"nativeint": "-9223372036854775808"}|});
    ("polymorphic variant", r `A, "65");
    ("forced lazy", kept_lazy, {|{"lazy": {"float": 1.5}}|}) ]

let cyclic =
  let rec ring = { next = { next = ring; value = 2 }; value = 1 } in
  let self = ref [] in
  let knot = Knot self in
  self := [ knot ];
  let rec ones = 1 :: ones in
  [ ("cycle of two", Obj.repr ring,
     {|{"id": 1, "tag": 0, "fields": [{"tag": 0, "fields": [{"ref": 1}, 2]}, 1]}|});
    ("cycle through a reference", Obj.repr knot,
     {|{"id": 1, "tag": 0, "fields": [{"tag": 0, "fields": [{"tag": 0, "fields": [{"ref": 1}, 0]}]}]}|});
    ("infinite list", Obj.repr ones,
     {|{"id": 1, "tag": 0, "fields": [1, {"ref": 1}]}|}) ]

let compound =
  let r = Obj.repr in
  let pair = Sys.opaque_identity (1, 2) in
  [ ("tuple", r (1, "two", 3.5), {|{"tag": 0, "fields": [1, "two", {"float": 3.5}]}|});
    ("record", r { count = 3; ratio = 0.5 },
     {|{"tag": 0, "fields": [3, {"float": 0.5}]}|});
    ("Some None", r (Some None), {|{"tag": 0, "fields": [0]}|});
    ("Error of a string", r (Error "no"), {|{"tag": 1, "fields": ["no"]}|});
    ("list", r [ 1; 2 ],
     {|{"tag": 0, "fields": [1, {"tag": 0, "fields": [2, 0]}]}|});
    ("array", r [| "a"; "b" |], {|{"tag": 0, "fields": ["a", "b"]}|});
    ("variants", r (Node (Leaf, 4, Tagged { label = "x" })),
     {|{"tag": 0, "fields": [0, 4, {"tag": 1, "fields": ["x"]}]}|});
    ("polymorphic variant with a value", r (`B 1), {|{"tag": 0, "fields": [66, 1]}|}) ;
    ("empty blocks", r ([||], [||]),
     {|{"tag": 0, "fields": [{"tag": 0, "fields": []}, {"tag": 0, "fields": []}]}|});
    ("shared pair", r (pair, pair),
     {|{"tag": 0, "fields": [{"id": 1, "tag": 0, "fields": [1, 2]}, {"ref": 1}]}|});
    ("block of tag 243",
     (let block = Obj.new_block 243 2 in
      Obj.set_field block 0 (r 1);
      Obj.set_field block 1 (r "x");
      block),
     {|{"tag": 243, "fields": [1, "x"]}|}) ]

(* Each of the above in the second field of a tuple. *)
let nested (name, value, json) =
  ( name ^ ", nested",
    Obj.repr ("in", value, 7),
    Printf.sprintf {|{"tag": 0, "fields": ["in", %s, 7]}|} json )

let fixed =
  let alone = leaves @ bigarrays @ compound @ cyclic in
  alone @ List.map nested alone

(* ---- Random values ---- *)

type shape =
  | Int of int
  | String of string
  | Double of float
  | Doubles of float array
  | Int32 of int32
  | Int64 of int64
  | Nativeint of nativeint
  | Block of node

and node = {
  tag : int; (* Obj.forward_tag: a forced lazy *)
  fields : shape array;
  mutable reached : int;
  mutable id : int; (* 0 until it is dumped as a shared one *)
  mutable built : Obj.t option;
}

let random_int state =
  match Random.State.int state 4 with
  | 0 -> Random.State.int state 10
  | 1 -> -Random.State.int state 1000
  | 2 -> Random.State.bits state lsl Random.State.int state 33
  | _ -> if Random.State.bool state then max_int else min_int

let random_double state =
  match Random.State.int state 8 with
  | 0 -> nan
  | 1 -> infinity
  | 2 -> -0.
  | 3 -> float_of_int (Random.State.int state 1000)
  | 4 -> ldexp (Random.State.float state 2.) (Random.State.int state 600 - 300)
  | _ -> Random.State.float state 2e6 -. 1e6

let random_string state =
  let length = Random.State.int state 20 in
  if Random.State.bool state then
    String.init length (fun _ -> Char.chr (Random.State.int state 256))
  else String.init length (fun _ -> Char.chr (97 + Random.State.int state 26))

let random_leaf state =
  match Random.State.int state 9 with
  | 0 -> String (random_string state)
  | 1 -> Double (random_double state)
  | 2 ->
    Doubles
      (Array.init
         (1 + Random.State.int state 5)
         (fun _ -> random_double state))
  | 3 -> Int32 (Int32.of_int (random_int state))
  | 4 -> Int64 (Random.State.int64 state Int64.max_int)
  | 5 -> Nativeint (Nativeint.of_int (random_int state))
  | _ -> Int (random_int state)

let random_tag state =
  match Random.State.int state 4 with
  | 0 -> Random.State.int state 244
  | 1 -> Random.State.int state 3
  | _ -> 0

(* [made] holds the blocks there are, to share; a field may lead back to any of
   them, so cycles come about too. *)
let rec random_shape state made depth =
  match Random.State.int state 10 with
  | 0 | 1 | 2 when !made <> [||] ->
    Block !made.(Random.State.int state (Array.length !made))
  | 3 | 4 | 5 | 6 | 7 when depth > 0 -> random_block state made depth
  | _ -> random_leaf state

and random_block state made depth =
  let lazy_ = Random.State.int state 12 = 0 in
  let size = if lazy_ then 1 else Random.State.int state 6 in
  (* The only empty block that OCaml code can make is that of tag 0. *)
  let tag =
    if lazy_ then Obj.forward_tag
    else if size = 0 then 0
    else random_tag state
  in
  let node =
    { tag; fields = Array.make size (Int 0); reached = 0; id = 0; built = None }
  in
  if not lazy_ then made := Array.append !made [| node |];
  Array.iteri
    (fun i _ ->
       node.fields.(i) <-
         (if lazy_ then Double (random_double state)
          else random_shape state made (depth - 1)))
    node.fields;
  Block node

let rec count = function
  | Block node ->
    node.reached <- node.reached + 1;
    if node.reached = 1 then Array.iter count node.fields
  | _ -> ()

let rec dump ids out shape =
  let add = Printf.bprintf in
  match shape with
  | Int n -> Buffer.add_string out (json_int n)
  | String s -> Buffer.add_string out (json_string s)
  | Double x -> add out {|{"float": %s}|} (json_double x)
  | Doubles a ->
    add out {|{"floats": [%s]}|}
      (String.concat ", " (Array.to_list (Array.map json_double a)))
  | Int32 n -> add out {|{"int32": %ld}|} n
  | Int64 n -> add out {|{"int64": %s}|} (json_number n)
  | Nativeint n -> add out {|{"nativeint": %s}|} (json_number (Int64.of_nativeint n))
  | Block { id; _ } when id > 0 -> add out {|{"ref": %d}|} id
  | Block node ->
    Buffer.add_char out '{';
    if node.reached > 1 && Array.length node.fields > 0 then begin
      incr ids;
      node.id <- !ids;
      add out {|"id": %d, |} node.id
    end;
    if node.tag = Obj.forward_tag then begin
      Buffer.add_string out {|"lazy": |};
      dump ids out node.fields.(0)
    end
    else begin
      add out {|"tag": %d, "fields": [|} node.tag;
      Array.iteri
        (fun i field ->
           if i > 0 then Buffer.add_string out ", ";
           dump ids out field)
        node.fields;
      Buffer.add_char out ']'
    end;
    Buffer.add_char out '}'

let rec build = function
  | Int n -> Obj.repr n
  | String s -> Obj.repr (Bytes.of_string s)
  | Double x -> Obj.repr (Sys.opaque_identity x)
  | Doubles a -> Obj.repr (Array.copy a)
  | Int32 n -> Obj.repr n
  | Int64 n -> Obj.repr n
  | Nativeint n -> Obj.repr n
  | Block { built = Some value; _ } -> value
  | Block { fields = [||]; _ } -> Obj.repr [||]
  | Block ({ tag; fields = [| field |]; _ } as node) when tag = Obj.forward_tag ->
    (* With its float from the beginning: the collector puts what any other holds in its place. *)
    let value = Obj.with_tag tag (Obj.repr (ref (build field))) in
    node.built <- Some value;
    value
  | Block node ->
    let value = Obj.new_block node.tag (Array.length node.fields) in
    node.built <- Some value;
    Array.iteri (fun i field -> Obj.set_field value i (build field)) node.fields;
    value

(* Whether [value] is what [shape] describes, sharing and cycles included: a node
   met again must be the same block. *)
let matches shape value =
  let seen = Hashtbl.create 64 in
  let rec check shape value =
    match shape with
    | Block { fields = [||]; _ } ->
      Obj.is_block value && Obj.size value = 0 && Obj.tag value = 0
    | Block node ->
      (match List.assq_opt node (Hashtbl.find_all seen (Array.length node.fields)) with
       | Some known -> known == value
       | None ->
         Hashtbl.add seen (Array.length node.fields) (node, value);
         Obj.is_block value
         && Obj.tag value = node.tag
         && Obj.size value = Array.length node.fields
         && check_fields node value 0)
    | leaf -> compare (build leaf) value = 0
  and check_fields node value i =
    i = Array.length node.fields
    || (check node.fields.(i) (Obj.field value i) && check_fields node value (i + 1))
  in
  check shape value

let random_description state =
  let made = ref [||] in
  let inner = random_block state made 6 in
  let shape =
    Block { tag = 0; fields = [| inner; Int 0 |]; reached = 0; id = 0; built = None }
  in
  count shape;
  shape

(* A random value and its dump. *)
let random state =
  let shape = random_description state in
  let out = Buffer.create 256 in
  dump (ref 0) out shape;
  (build shape, Buffer.contents out)
