(* ocaml/ppx: what code of the deriver calls, and the schemas that names usually mean.
   ancient_ppx_runtime.mli is the manual. *)

open Ancient_schema_type
open Ancient_schema_core

let where = "[@@deriving ancient]"

let or_invalid f =
  try f () with Refused text -> invalid_arg (where ^ ": " ^ text)

(* ---- Declarations ---- *)

type declaration = decl
type 'r right = body
type 'r member = { field : Ancient_schema_type.field; get : Obj.t -> Obj.t }
type 'v constructor = constr
type 'v argument = Ancient_schema_type.field
type any = ty

let declare modules name arity = or_invalid (fun () -> declare modules name arity)
let define (decl : decl) right = decl.define <- right
let any schema = ty schema
let named decl arguments = delay (fun () -> Named (decl, arguments ()))
let parameter i = of_ty (Parameter i)

let unread mutable_ label schema =
  { label; mutable_; field_type = ty schema; read = None }

let member mutable_ label (get : 'r -> 'a) schema =
  { field = unread mutable_ label schema; get = (fun r -> Obj.repr (get (Obj.obj r : 'r))) }

let record unboxed members _copy =
  let layout () =
    match members with
    | first :: _ -> Ancient_schema_layout.of_accessor first.get ()
    | [] -> None
  in
  Record { fields = List.map (fun m -> m.field) members; unboxed; layout }

let constant constr_name = { constr_name; args = Constant }
let constructor constr_name arguments = { constr_name; args = Args arguments }
let inline constr_name fields = { constr_name; args = Inline fields }
let argument _get schema = unread false "" schema
let field mutable_ label _get schema = unread mutable_ label schema
let variant unboxed constrs _copy = Variant { constrs; unboxed }
let alias schema = Alias (ty schema)
let private_alias _coerce schema = Alias (ty schema)
let abstract = Abstract

(* ---- Types ---- *)

type 't element = unit -> ty

let element _get schema () = ty schema
let tuple elements = delay (fun () -> Tuple (List.map (fun element -> element ()) elements))

let called = Ancient_schema_made.called

type 'v tag = unit -> (string * ty option) list

let tag name _value () = [ (name, None) ]
let tag_of name _make schema () = [ (name, Some (ty schema)) ]

(* [ t | `A ]: the tags of t are found behind names. *)
let rec tags_of arguments = function
  | Polymorphic tags ->
    List.map (fun (name, t) -> (name, Option.map (instantiate arguments) t)) tags
  | Hole { contents = Some t } | As_bytes t -> tags_of arguments t
  | Named (decl, own) -> (
      let own = Array.of_list (List.map (instantiate arguments) own) in
      match body decl with
      | Alias t -> tags_of (Some own) t
      | Abstract | Record _ | Variant _ ->
        refuse "type %s is no polymorphic variant" (path decl))
  | _ -> refuse "inherits from what is no polymorphic variant"

and instantiate arguments t =
  match arguments with
  | None -> t
  | Some own ->
    let rec put t =
      match t with
      | Parameter i -> own.(i)
      | Base _ | Bigarray _ | Hole { contents = None } -> t
      | Tuple types -> Tuple (List.map put types)
      | Applied (constructor, types) -> Applied (constructor, List.map put types)
      | Container (c, value) -> Container (c, Option.map put value)
      | Polymorphic tags ->
        Polymorphic (List.map (fun (n, t) -> (n, Option.map put t)) tags)
      | Named (decl, types) -> Named (decl, List.map put types)
      | As_bytes t -> As_bytes (put t)
      | Hole { contents = Some t } -> put t
    in
    put t

let inherited _include schema () = tags_of None (ty schema)
let included schema _include = inherited () schema
let witness _ = assert false

let polymorphic tags =
  delay (fun () ->
      let add tags (name, t) =
        if List.mem_assoc name tags then tags else (name, t) :: tags
      in
      let tags = List.fold_left add [] (List.concat_map (fun tag -> tag ()) tags) in
      check_tags (List.map fst tags);
      Polymorphic (List.rev tags))

let found x = Some x
let other = None
let missing words _ = invalid_arg (where ^ ": " ^ words)

(* ---- Schemas of what a name usually means ---- *)

module Prelude = struct
  let unit_schema = Ancient_schema.unit
  let bool_schema = Ancient_schema.bool
  let int_schema = Ancient_schema.int
  let char_schema = Ancient_schema.char
  let string_schema = Ancient_schema.string
  let bytes_schema = Ancient_schema.bytes
  let float_schema = Ancient_schema.float
  let int32_schema = Ancient_schema.int32
  let int64_schema = Ancient_schema.int64
  let nativeint_schema = Ancient_schema.nativeint
  let floatarray_schema = Ancient_schema.floatarray
  let list_schema = Ancient_schema.list
  let array_schema = Ancient_schema.array
  let option_schema = Ancient_schema.option
  let ref_schema = Ancient_schema.ref
  let result_schema = Ancient_schema.result
  let lazy_t_schema = Ancient_schema.lazy_
  let exn_schema t = missing "exn: a type without a schema" t
  let in_channel_schema t = missing "in_channel: a type without a schema" t
  let out_channel_schema t = missing "out_channel: a type without a schema" t
  let format_schema t = missing "format: a type without a schema" t
  let format4_schema t = missing "format4: a type without a schema" t
  let format6_schema t = missing "format6: a type without a schema" t
end

(* Types without values of their own: the arguments of a bigarray. *)
module Kinds = struct
  let in_bigarray name =
    let decl = Ancient_schema_type.declare [ "Bigarray" ] name 0 in
    decl.define <- (fun () -> Abstract);
    decl

  let float16 = in_bigarray "float16_elt" (* since OCaml 5.2 *)
  let float32 = in_bigarray "float32_elt"
  let float64 = in_bigarray "float64_elt"
  let int8_signed = in_bigarray "int8_signed_elt"
  let int8_unsigned = in_bigarray "int8_unsigned_elt"
  let int16_signed = in_bigarray "int16_signed_elt"
  let int16_unsigned = in_bigarray "int16_unsigned_elt"
  let int32 = in_bigarray "int32_elt"
  let int64 = in_bigarray "int64_elt"
  let int = in_bigarray "int_elt"
  let nativeint = in_bigarray "nativeint_elt"
  let complex32 = in_bigarray "complex32_elt"
  let complex64 = in_bigarray "complex64_elt"
  let c_layout = in_bigarray "c_layout"
  let fortran_layout = in_bigarray "fortran_layout"
  let argument decl = of_ty (Named (decl, []))
  let float16_elt_schema () = argument float16 ()
  let float32_elt_schema = argument float32
  let float64_elt_schema = argument float64
  let int8_signed_elt_schema = argument int8_signed
  let int8_unsigned_elt_schema = argument int8_unsigned
  let int16_signed_elt_schema = argument int16_signed
  let int16_unsigned_elt_schema = argument int16_unsigned
  let int32_elt_schema = argument int32
  let int64_elt_schema = argument int64
  let int_elt_schema = argument int
  let nativeint_elt_schema = argument nativeint
  let complex32_elt_schema = argument complex32
  let complex64_elt_schema = argument complex64
  let c_layout_schema = argument c_layout
  let fortran_layout_schema = argument fortran_layout

  (* The word for a kind in Ancient_schema_type.bigarray. *)
  let words_of_kinds =
    [ (float16, "float16"); (float32, "float32"); (float64, "float64"); (int8_signed, "int8");
      (int8_unsigned, "uint8"); (int16_signed, "int16"); (int16_unsigned, "uint16");
      (int32, "int32"); (int64, "int64"); (int, "int"); (nativeint, "nativeint");
      (complex32, "complex32"); (complex64, "complex64") ]

  let words_of_layouts = [ (c_layout, "c"); (fortran_layout, "fortran") ]
end

module Standard = struct
  module Hashtbl = struct
    let schema = Ancient_schema.hashtbl
  end

  module Either = struct
    let schema = Ancient_schema.either
  end

  module Uchar = struct
    let schema = Ancient_schema.uchar
  end

  module Complex = struct
    let schema = Ancient_schema.complex
  end

  module Digest = struct
    let schema = Ancient_schema.digest
  end

  module Buffer = struct
    let schema = Ancient_schema.buffer
  end

  module Atomic = struct
    let schema = Ancient_schema.atomic
  end

  module Queue = struct
    let schema = Ancient_schema.queue
  end

  module Stack = struct
    let schema = Ancient_schema.stack
  end

  module Lexing = struct
    let position_schema = Ancient_schema.position
  end

  module Unix = struct
    let tm_schema = Ancient_schema.tm
    let file_kind_schema = Ancient_schema.file_kind
    let stats_schema = Ancient_schema.stats

    module LargeFile = struct
      let stats_schema = Ancient_schema.large_stats
    end
  end

  include Ancient_ppx_since

  module Bigarray = struct
    (* Through names that programs gave. *)
    let rec unnamed t =
      match Ancient_schema_same.no_hole t with
      | Named (decl, []) as t -> (
          match body decl with
          | Alias t -> unnamed t
          | Abstract | Record _ | Variant _ -> t)
      | t -> t

    let known what among schema =
      let refuse_it () =
        refuse
          "a bigarray whose %s is not known where it is declared: write it out there, without a \
           parameter"
          what
      in
      match unnamed (ty schema) with
      | Named (decl, []) -> (
          match List.assq_opt decl among with
          | Some word -> word
          | None -> refuse_it ())
      | _ -> refuse_it ()

    (* Bigarray's types let a program write any element beside a kind, though none but the right
       one can be made. *)
    let check_element kind element =
      let fits =
        match (kind, element) with
        | ("float16" | "float32" | "float64"), Ancient_schema_type.Base Float
        | ("int8" | "uint8" | "int16" | "uint16" | "int"), Base Int
        | "char", Base Char
        | "int32", Base Int32
        | "int64", Base Int64
        | "nativeint", Base Nativeint ->
          true
        | ("complex32" | "complex64"), Named (decl, []) -> (
            match unnamed (ty Ancient_schema.complex) with
            | Named (complex, []) -> decl == complex
            | _ -> false)
        | _ -> false
      in
      if not fits then
        refuse
          "a bigarray of the kind %s with elements of a type that such a bigarray never has: \
           expected %s"
          kind
          (match kind with
           | "float16" | "float32" | "float64" -> "float"
           | "char" -> "char"
           | "int32" | "int64" | "nativeint" -> kind
           | "complex32" | "complex64" -> "Complex.t"
           | _ -> "int")

    let array dims element kind layout =
      delay (fun () ->
          let element = unnamed (ty element) in
          let kind =
            match (known "kind" Kinds.words_of_kinds kind, element) with
            | "uint8", Base Char -> "char"
            | kind, _ -> kind
          in
          check_element kind element;
          let layout = known "layout" Kinds.words_of_layouts layout in
          Ancient_schema_type.Bigarray { kind; layout; dims })

    module Genarray = struct
      let schema element kind layout = array None element kind layout
    end

    module Array0 = struct
      let schema element kind layout = array (Some 0) element kind layout
    end

    module Array1 = struct
      let schema element kind layout = array (Some 1) element kind layout
    end

    module Array2 = struct
      let schema element kind layout = array (Some 2) element kind layout
    end

    module Array3 = struct
      let schema element kind layout = array (Some 3) element kind layout
    end
  end

  external custom_identifier : 'a -> string = "ancient_ml_custom_identifier"

  let not_zarith _ _ ~pos:_ ~len:_ =
    refuse "Z.t is not Zarith's here: define schema in this module Z"

  module Zarith (Z : sig
      type t

      val of_substring_base : int -> string -> pos:int -> len:int -> t
    end) =
  struct
    let digits = "1267650600228229401496703205376"

    let schema =
      delay (fun () ->
          let large = Z.of_substring_base 10 digits ~pos:0 ~len:(String.length digits) in
          if not (Obj.is_block (Obj.repr large) && String.equal (custom_identifier large) "_z") then
            not_zarith 0 "" ~pos:0 ~len:0;
          Base Z)
  end
end
