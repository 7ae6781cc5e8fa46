(* ocaml/schema: schemas of types of OCaml's libraries that are records or variants in them, declared
   as they are there.  Where versions of OCaml differ, what this program's library makes is looked
   at, so that the types differ too.  Ancient_schema shows them; ancient_schema.mli is the manual. *)

open Ancient_schema_type
open Ancient_schema_core

(* ---- Declarations ---- *)

let base base : ty = Base base
let int = base Int
let float = base Float
let string = base String

let field ?(mutable_ = false) ?read label field_type =
  let accessor read value = Some (Obj.repr (read (Obj.obj value))) in
  { label; mutable_; field_type; read = Option.map accessor read }

let declared name arity define =
  let modules, name = split_path name in
  let decl = declare modules name arity in
  decl.define <- define;
  fun arguments -> Named (decl, arguments)

let record name ?(arity = 0) fields =
  declared name arity (fun () ->
      Record { fields; unboxed = false; layout = Ancient_schema_layout.of_fields name fields })

let variant name ?(arity = 0) constrs =
  let constr (constr_name, types) =
    let args = if types = [] then Constant else Args (List.map (field "") types) in
    { constr_name; args }
  in
  declared name arity (fun () -> Variant { constrs = List.map constr constrs; unboxed = false })

let alias name t = of_ty (declared name 0 (fun () -> Alias t) [])

(* ---- The standard library ---- *)

let uchar : Uchar.t t = alias "Uchar.t" int
let digest : Digest.t t = alias "Digest.t" (As_bytes string)

let complex : Complex.t t =
  of_ty
    (record "Complex.t"
       [ field "re" float ~read:(fun (c : Complex.t) -> c.re);
         field "im" float ~read:(fun (c : Complex.t) -> c.im) ]
       [])

let either_t =
  variant "Either.t" ~arity:2 [ ("Left", [ Parameter 0 ]); ("Right", [ Parameter 1 ]) ]

let either (a : 'a t) (b : 'b t) : ('a, 'b) Either.t t =
  delay (fun () -> either_t [ ty a; ty b ])

let position : Lexing.position t =
  of_ty
    (record "Lexing.position"
       [ field "pos_fname" string; field "pos_lnum" int; field "pos_bol" int;
         field "pos_cnum" int ]
       [])

let unknown where what =
  refuse "%s: this version of OCaml represents %s in a way that is not known here" where what

(* A record of four fields until 4.14, and of three, the first a record, from 5.0 on. *)
let buffer : Buffer.t t =
  let bytes = base Bytes in
  let old () =
    record "Buffer.t"
      [ field "buffer" bytes ~mutable_:true; field "position" int ~mutable_:true;
        field "length" int ~mutable_:true; field "initial_buffer" bytes ]
      []
  and inner () =
    record "Buffer.t"
      [ field "inner" ~mutable_:true
          (record "Buffer.inner_buffer" [ field "buffer" bytes; field "length" int ] []);
        field "position" int ~mutable_:true; field "initial_buffer" bytes ]
      []
  in
  delay (fun () ->
      let sample = Obj.repr (Buffer.create 1) in
      match (Obj.size sample, Obj.tag (Obj.field sample 0)) with
      | 4, tag when tag = Obj.string_tag -> old ()
      | 3, 0 -> inner ()
      | _ -> unknown "Ancient.Schema.buffer" "Buffer.t")

(* With slots, as options are, in 5.2; the elements themselves from 5.3 on. *)
module For_dynarray (D : sig
    type 'a t

    val create : unit -> 'a t
    val add_last : 'a t -> 'a -> unit
  end) =
struct
  let with_slots =
    record "Dynarray.t" ~arity:1
      [ field "length" int ~mutable_:true;
        field "slots" ~mutable_:true (Applied (Array, [ Applied (Option, [ Parameter 0 ]) ])) ]

  let is_array found = Obj.is_block found && Obj.tag found = 0 && Obj.size found > 0

  let schema (a : 'a t) : 'a D.t t =
    delay (fun () ->
        let sample = D.create () in
        D.add_last sample 7;
        let sample = Obj.repr sample in
        if
          not (Obj.is_block sample && Obj.tag sample = 0 && Obj.size sample > 1
               && Obj.field sample 0 == Obj.repr 1
               && is_array (Obj.field sample 1))
        then unknown "Ancient.Schema.For_dynarray" "Dynarray.t";
        let first = Obj.field (Obj.field sample 1) 0 in
        if Obj.size sample = 3 && first == Obj.repr 7 then Applied (Dynarray, [ ty a ])
        else if Obj.size sample = 2 && Obj.is_block first && Obj.field first 0 == Obj.repr 7 then
          with_slots [ ty a ]
        else unknown "Ancient.Schema.For_dynarray" "Dynarray.t")
end

(* ---- Unix ---- *)

let tm : Unix.tm t =
  of_ty
    (record "Unix.tm"
       (List.map (fun label -> field label int)
          [ "tm_sec"; "tm_min"; "tm_hour"; "tm_mday"; "tm_mon"; "tm_year"; "tm_wday"; "tm_yday" ]
        @ [ field "tm_isdst" (base Bool) ])
       [])

let file_kind_t =
  variant "Unix.file_kind"
    (List.map (fun name -> (name, []))
       [ "S_REG"; "S_DIR"; "S_CHR"; "S_BLK"; "S_LNK"; "S_FIFO"; "S_SOCK" ])
    []

let file_kind : Unix.file_kind t = of_ty file_kind_t

let stats_with name size =
  of_ty
    (record name
       [ field "st_dev" int; field "st_ino" int; field "st_kind" file_kind_t;
         field "st_perm" int; field "st_nlink" int; field "st_uid" int; field "st_gid" int;
         field "st_rdev" int; field "st_size" size; field "st_atime" float;
         field "st_mtime" float; field "st_ctime" float ]
       [])

let stats : Unix.stats t = stats_with "Unix.stats" int
let large_stats : Unix.LargeFile.stats t = stats_with "Unix.LargeFile.stats" (base Int64)

(* ---- Other libraries ---- *)

let not_ours where what =
  invalid_arg (Printf.sprintf "%s: %s is not made by its library" where what)

module For_int63 (I : sig type t val of_int : int -> t end) = struct
  let () =
    let found = Obj.repr (I.of_int 12345) in
    if not (Obj.is_int found && (Obj.obj found : int) = 12345) then
      not_ours "Ancient.Schema.For_int63" "Int63.t"

  let schema : I.t t = alias "Int63.t" int
end

external custom_identifier : 'a -> string = "ancient_ml_custom_identifier"

module For_zarith (Z : sig type t val of_string : string -> t end) = struct
  let () =
    let large = Z.of_string "1267650600228229401496703205376" in
    if not (String.equal (custom_identifier large) "_z") then
      not_ours "Ancient.Schema.For_zarith" "Z.t"

  let schema : Z.t t = of_ty (base Z)
end
