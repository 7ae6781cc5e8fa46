(* ocaml/schema: the combinators that make schemas, and the functions that code of the deriver calls.
   ancient_schema.mli is the manual. *)

open Ancient_schema_type
open Ancient_schema_core

type 'a repr = 'a Ancient_schema_core.repr
type 'a t = unit -> 'a repr

let or_invalid where f =
  try f () with Refused text -> invalid_arg (where ^ ": " ^ text)

(* ---- Types of OCaml ---- *)

let unit = of_ty (Base Unit)
let bool = of_ty (Base Bool)
let int = of_ty (Base Int)
let char = of_ty (Base Char)
let string = of_ty (Base String)
let bytes = of_ty (Base Bytes)
let float = of_ty (Base Float)
let int32 = of_ty (Base Int32)
let int64 = of_ty (Base Int64)
let nativeint = of_ty (Base Nativeint)
let floatarray = of_ty (Base Floatarray)

let applied constructor types =
  delay (fun () -> Applied (constructor, types ()))

let list a = applied List (fun () -> [ ty a ])
let array a = applied Array (fun () -> [ ty a ])
let option a = applied Option (fun () -> [ ty a ])
let ref a = applied Ref (fun () -> [ ty a ])
let atomic a = applied Ref (fun () -> [ ty a ])
let queue a = applied Queue (fun () -> [ ty a ])
let stack a = applied Stack (fun () -> [ ty a ])
let lazy_ a = applied Lazy (fun () -> [ ty a ])
let result a e = applied Result (fun () -> [ ty a; ty e ])
let hashtbl k v = applied Hashtbl (fun () -> [ ty k; ty v ])
let tuple types = delay (fun () -> Tuple (types ()))
let tuple2 a b = tuple (fun () -> [ ty a; ty b ])
let tuple3 a b c = tuple (fun () -> [ ty a; ty b; ty c ])
let tuple4 a b c d = tuple (fun () -> [ ty a; ty b; ty c; ty d ])
let tuple5 a b c d e = tuple (fun () -> [ ty a; ty b; ty c; ty d; ty e ])

let tuple6 a b c d e f =
  tuple (fun () -> [ ty a; ty b; ty c; ty d; ty e; ty f ])

let tuple7 a b c d e f g =
  tuple (fun () -> [ ty a; ty b; ty c; ty d; ty e; ty f; ty g ])

let tuple8 a b c d e f g h =
  tuple (fun () -> [ ty a; ty b; ty c; ty d; ty e; ty f; ty g; ty h ])

let kind_name : type a b. (a, b) Bigarray.kind -> string = function
  | Bigarray.Float32 -> "float32"
  | Bigarray.Float64 -> "float64"
  | Bigarray.Int8_signed -> "int8"
  | Bigarray.Int8_unsigned -> "uint8"
  | Bigarray.Int16_signed -> "int16"
  | Bigarray.Int16_unsigned -> "uint16"
  | Bigarray.Int32 -> "int32"
  | Bigarray.Int64 -> "int64"
  | Bigarray.Int -> "int"
  | Bigarray.Nativeint -> "nativeint"
  | Bigarray.Complex32 -> "complex32"
  | Bigarray.Complex64 -> "complex64"
  | Bigarray.Char -> "char"
  | _ -> "float16" (* since OCaml 5.2 *)
[@@ocaml.warning "-11"]

let layout_name : type a. a Bigarray.layout -> string = function
  | Bigarray.C_layout -> "c"
  | Bigarray.Fortran_layout -> "fortran"

let bigarray kind layout dims =
  of_ty (Bigarray { kind = kind_name kind; layout = layout_name layout; dims })

let genarray kind layout = bigarray kind layout None
let array0 kind layout = bigarray kind layout (Some 0)
let array1 kind layout = bigarray kind layout (Some 1)
let array2 kind layout = bigarray kind layout (Some 2)
let array3 kind layout = bigarray kind layout (Some 3)
let as_bytes a = delay (fun () -> As_bytes (ty a))

(* ---- Records and variants ---- *)

(* The schema of a field is evaluated when its declaration is first used. *)
type 'r field = unit -> Ancient_schema_type.field
type 'v arg = unit -> Ancient_schema_type.field

type 'v case = {
  case_name : string;
  constant : Obj.t option;
  args : unit -> args;
}

type 'v tag = { tag : string; argument : (unit -> ty) option }

(* Accessors work on values of type Obj.t; the types of these combinators say that they
   are called with those they are made for. *)
let of_total (read : 'r -> 'a) : Obj.t -> Obj.t =
  fun value -> Obj.repr (read (Obj.obj value : 'r))

let of_accessor read =
  let read = of_total read in
  fun value -> Some (read value)

let of_matcher (read : 'v -> 'a option) : Obj.t -> Obj.t option =
  fun value -> Option.map Obj.repr (read (Obj.obj value : 'v))

let delayed_field ?(mutable_ = false) label schema read () =
  { label; mutable_; field_type = ty schema; read = Some read }

let field ?mutable_ label schema read =
  or_invalid "Ancient.Schema.field" (fun () -> check_name "field" label);
  delayed_field ?mutable_ label schema (of_accessor read)

let inline ?mutable_ label schema read =
  or_invalid "Ancient.Schema.inline" (fun () -> check_name "field" label);
  delayed_field ?mutable_ label schema (of_matcher read)

let arg schema read = delayed_field "" schema (of_matcher read)
let call_all fields = List.map (fun field -> field ()) fields

(* One declaration for each call. *)
let declared where name probed define =
  or_invalid where (fun () ->
      let modules, name = split_path name in
      let decl = declare modules name 0 in
      decl.define <- define;
      decl.probed <- probed;
      of_ty (Named (decl, [])))

let record ?(unboxed = false) name fields =
  declared "Ancient.Schema.record" name
    (if unboxed then [||] else [| false |])
    (fun () ->
       let fields = call_all fields in
       Record { fields; unboxed; layout = Ancient_schema_layout.of_fields name fields })

let constant case_name value =
  { case_name; constant = Some (Obj.repr value); args = (fun () -> Constant) }

let case case_name args =
  match args with
  | [] -> invalid_arg "Ancient.Schema.case: no arguments: use constant"
  | args ->
    { case_name; constant = None; args = (fun () -> Args (call_all args)) }

let case_record case_name fields =
  { case_name; constant = None; args = (fun () -> Inline (call_all fields)) }

(* The i-th constant constructor is the immediate i. *)
let check_constants name cases =
  let constants =
    List.filter_map
      (fun c -> Option.map (fun v -> (c.case_name, v)) c.constant)
      cases
  in
  List.iteri
    (fun i (case_name, value) ->
       if not (Obj.is_int value && (Obj.obj value : int) = i) then
         refuse
           "type %s: %s is not its constant constructor number %d: give all of them, in \
            the order of the declaration"
           name case_name i)
    constants

let variant ?(unboxed = false) name cases =
  let where = "Ancient.Schema.variant" in
  or_invalid where (fun () -> check_constants name cases);
  let probed =
    if unboxed then [||]
    else Array.of_list (List.map (fun c -> Option.is_some c.constant) cases)
  in
  declared where name probed (fun () ->
      let constr c = { constr_name = c.case_name; args = c.args () } in
      Variant { constrs = List.map constr cases; unboxed })

let alias name schema =
  declared "Ancient.Schema.alias" name [||] (fun () -> Alias (ty schema))

(* ---- Polymorphic variants ---- *)

let tag name value =
  let where = "Ancient.Schema.tag" in
  or_invalid where (fun () -> check_tag name);
  let value = Obj.repr value in
  if not (Obj.is_int value && (Obj.obj value : int) = hash_tag name) then
    invalid_arg (Printf.sprintf "%s: the value is not `%s" where name);
  { tag = name; argument = None }

let tag_of name schema make sample =
  let where = "Ancient.Schema.tag_of" in
  or_invalid where (fun () -> check_tag name);
  let value = Obj.repr (make sample) in
  if
    not
      (Obj.is_block value && Obj.size value = 2
       && Obj.field value 0 == Obj.repr (hash_tag name)
       && Ancient_schema_probe.same (Obj.field value 1) (Obj.repr sample))
  then invalid_arg (Printf.sprintf "%s: the function does not make `%s" where name);
  { tag = name; argument = Some (fun () -> ty schema) }

let polymorphic tags =
  delay (fun () ->
      check_tags (List.map (fun t -> t.tag) tags);
      Polymorphic (List.map (fun t -> (t.tag, Option.map (fun f -> f ()) t.argument)) tags))

(* ---- Recursion ---- *)

(* Fills the hole of a recursive use with [t].  Refuses a [t] that is that hole itself. *)
let fill cell t =
  let rec check = function
    | Hole other when other == cell -> refuse "a type that is only itself"
    | Hole { contents = Some t } | As_bytes t -> check t
    | _ -> ()
  in
  check t;
  cell := Some t

let fix f =
  let cell = Stdlib.ref None in
  let result = f (of_ty (Hole cell)) in
  delay (fun () ->
      let t = ty result in
      fill cell t;
      t)

let fix2 f =
  let cell_a = Stdlib.ref None and cell_b = Stdlib.ref None in
  let a, b = f (of_ty (Hole cell_a)) (of_ty (Hole cell_b)) in
  let fill_both () =
    fill cell_a (ty a);
    fill cell_b (ty b)
  in
  let filled schema = delay (fun () -> fill_both (); ty schema) in
  (filled a, filled b)

(* ---- Containers made by functors, and types of the standard library ---- *)

let map_of = Ancient_schema_made.map_of
let set_of = Ancient_schema_made.set_of
let table_of = Ancient_schema_made.table_of

module For_map = Ancient_schema_made.For_map
module For_set = Ancient_schema_made.For_set
module For_hashtbl = Ancient_schema_made.For_hashtbl
module For_map_standard = Ancient_schema_made.For_map_standard
module For_set_standard = Ancient_schema_made.For_set_standard
module For_hashtbl_standard = Ancient_schema_made.For_hashtbl_standard

let either = Ancient_schema_library.either
let uchar = Ancient_schema_library.uchar
let complex = Ancient_schema_library.complex
let digest = Ancient_schema_library.digest
let buffer = Ancient_schema_library.buffer
let position = Ancient_schema_library.position
let tm = Ancient_schema_library.tm
let file_kind = Ancient_schema_library.file_kind
let stats = Ancient_schema_library.stats
let large_stats = Ancient_schema_library.large_stats

module For_dynarray = Ancient_schema_library.For_dynarray
module For_int63 = Ancient_schema_library.For_int63
module For_zarith = Ancient_schema_library.For_zarith

(* ---- What is made of a schema ---- *)

let text schema = (compile "Ancient.Schema.text" schema).text
let fingerprint schema = (compile "Ancient.Schema.fingerprint" schema).fingerprint

let equal a b =
  let where = "Ancient.Schema.equal" in
  String.equal (compile where a).fingerprint (compile where b).fingerprint

let first_difference a b =
  let where = "Ancient.Schema.first_difference" in
  Ancient_schema_differ.first_difference (compile where a).graph (compile where b).graph

let pp formatter schema =
  let lines = String.split_on_char '\n' (String.trim (text schema)) in
  Format.fprintf formatter "@[<v>%a@]"
    (Format.pp_print_list Format.pp_print_string)
    lines
