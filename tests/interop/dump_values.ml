(* tests/interop: the raw dump (appendix A of spec/FORMAT.md) of the values of a file, as an
   OCaml program finds them: through Obj and the types' own functions, not through any
   reader.

   Usage: dump_values FILE

   One line for each key: {"key": KEY, "value": DUMP}.  Values that this OCaml lacks the type
   of (Kinds.particular) are left out.  Fails where polymorphic comparison or hashing tells a
   value from the same value made here. *)

let path = Sys.argv.(1)
let window = Nativeint.sub (Layout.base path) 0x100000n

let has_fields v =
  Obj.is_block v && Obj.size v > 0 && (Obj.tag v < 244 || Obj.tag v = Obj.forward_tag)

let fields v = List.init (Obj.size v) (Obj.field v)

(* How often each block is reached; the fields of each once. *)
let count root =
  let counts = Hashtbl.create 64 in
  let rec reach v =
    if has_fields v then begin
      let address = Ancient.address_of v in
      let before = Option.value ~default:0 (Hashtbl.find_opt counts address) in
      Hashtbl.replace counts address (before + 1);
      if before = 0 then List.iter reach (fields v)
    end
  in
  reach root;
  counts

(* ---- Custom blocks ---- *)

let kind_name : type a b. (a, b) Bigarray.kind -> string =
  fun kind ->
  let names =
    [ "float32"; "float64"; "int8"; "uint8"; "int16"; "uint16"; "int32"; "int64"; "int";
      "nativeint"; "complex32"; "complex64"; "char"; "float16" ]
  in
  List.nth names (Obj.magic kind)

(* Compilers differ in whether they know float16, which is what is left. *)
let show : type a b. (a, b) Bigarray.kind -> a -> string =
  fun kind x ->
  let int n = Kinds.json_element n in
  match[@warning "-8-11"] kind with
  | Bigarray.Float32 -> Values.json_double x
  | Float64 -> Values.json_double x
  | Int8_signed -> int x
  | Int8_unsigned -> int x
  | Int16_signed -> int x
  | Int16_unsigned -> int x
  | Int32 -> Int32.to_string x
  | Int64 -> Values.json_number x
  | Int -> int x
  | Nativeint -> Values.json_number (Int64.of_nativeint x)
  | Complex32 -> Kinds.json_complex x
  | Complex64 -> Kinds.json_complex x
  | Char -> int (Char.code x)
  | _ -> Values.json_double (Obj.magic x)

let bigarray : type a b l. (a, b, l) Bigarray.Genarray.t -> string =
  fun array ->
  let open Bigarray in
  let dims = Array.to_list (Genarray.dims array) in
  let flat = reshape_1 array (List.fold_left ( * ) 1 dims) in
  let layout = Genarray.layout array in
  let kind = Genarray.kind array in
  let first = Values.first_index layout in
  let element i = show kind (Array1.get flat (first + i)) in
  Printf.sprintf {|{"bigarray": "%s", "layout": "%s", "dims": [%s], "data": [%s]}|}
    (kind_name kind)
    (match layout with C_layout -> "c" | Fortran_layout -> "fortran")
    (String.concat ", " (List.map string_of_int dims))
    (String.concat ", " (List.init (Array1.dim flat) element))

let named slot v =
  match Layout.identifier path slot with
  | identifier when identifier = Plain.identifier ->
    Printf.sprintf {|{"custom": "%s", "hex": "%s"}|} identifier
      (Plain.hex (Plain.bytes (Obj.obj v)))
  | identifier -> failwith (identifier ^ ": unknown custom type")

let custom v =
  let place = Nativeint.sub (Obj.raw_field v 0) window in
  match Nativeint.to_int place / 128 with
  | 0 -> Printf.sprintf {|{"int64": %s}|} (Values.json_number (Obj.obj v))
  | 1 -> Printf.sprintf {|{"int32": %ld}|} (Obj.obj v)
  | 2 ->
    Printf.sprintf {|{"nativeint": %s}|}
      (Values.json_number (Int64.of_nativeint (Obj.obj v)))
  | 3 -> bigarray (Obj.obj v)
  | 4 ->
    (match Integers.digits v with
     | Some digits -> Printf.sprintf {|{"z": "%s"}|} digits
     | None -> failwith "a Z.t, and no Zarith here")
  | slot -> named slot v

(* ---- Values ---- *)

let floats v =
  String.concat ", "
    (List.init (Obj.size v) (fun i -> Values.json_double (Obj.double_field v i)))

let dump root =
  let counts = count root and ids = Hashtbl.create 16 in
  let id v =
    if has_fields v && Hashtbl.find counts (Ancient.address_of v) > 1 then begin
      let id = 1 + Hashtbl.length ids in
      Hashtbl.add ids (Ancient.address_of v) id;
      Printf.sprintf {|"id": %d, |} id
    end
    else ""
  in
  let rec value v =
    if Obj.is_int v then Values.json_int (Obj.obj v)
    else
      match Hashtbl.find_opt ids (Ancient.address_of v) with
      | Some id -> Printf.sprintf {|{"ref": %d}|} id
      | None -> block v
  and block v =
    let tag = Obj.tag v in
    if tag = Obj.string_tag then Values.json_string (Obj.obj v)
    else if tag = Obj.double_tag then
      Printf.sprintf {|{"float": %s}|} (Values.json_double (Obj.obj v))
    else if tag = Obj.double_array_tag then Printf.sprintf {|{"floats": [%s]}|} (floats v)
    else if tag = Obj.custom_tag then custom v
    else begin
      let id = id v in
      if tag = Obj.forward_tag then Printf.sprintf {|{%s"lazy": %s}|} id (value (Obj.field v 0))
      else if tag < 244 then
        Printf.sprintf {|{%s"tag": %d, "fields": [%s]}|} id tag
          (String.concat ", " (List.map value (fields v)))
      else failwith (Printf.sprintf "a block of tag %d" tag)
    end
  in
  value root

(* ---- Against the same values in this program's heap ---- *)

let common = Array.of_list (Kinds.common ())

(* Neither function ends on these. *)
let is_cyclic name =
  List.exists (fun (cyclic, _, _) -> name = cyclic || name = cyclic ^ ", nested") Values.cyclic

let check_equal key found =
  if key < Array.length common then begin
    let name, made, _ = common.(key) in
    if not (is_cyclic name) then begin
      if compare found made <> 0 || compare made found <> 0 then failwith (name ^ ": not equal");
      if Hashtbl.hash found <> Hashtbl.hash made then failwith (name ^ ": another hash")
    end
  end

let () =
  let md = Layout.attach path in
  List.iter
    (fun (key, root) ->
       check_equal key root;
       if Kinds.float16 <> None || key < Layout.first_particular || key >= 3000 then
         Printf.printf "{\"key\": %d, \"value\": %s}\n" key (dump root))
    (Layout.contents md);
  Ancient.detach md
