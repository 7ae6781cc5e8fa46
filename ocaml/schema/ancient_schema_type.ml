(* ocaml/schema: the syntax tree of schemas (spec/FORMAT.md, 12), which the combinators, the
   deriver and the parser build: types that refer to declarations by name.  The body of a
   declaration is computed at first use, so that declarations may be recursive, also across
   recursive modules. *)

type base =
  | Unit
  | Bool
  | Int
  | Char
  | String
  | Bytes
  | Float
  | Int32
  | Int64
  | Nativeint
  | Floatarray
  | Z

type applied = List | Array | Option | Result | Ref | Lazy | Hashtbl | Queue | Stack | Dynarray
type functor_kind = Map | Set | Hashtable

type bigarray = {
  kind : string;  (** as in [Bigarray.KIND_elt] *)
  layout : string;  (** [c] or [fortran] *)
  dims : int option;  (** [None]: Genarray *)
}

(** How records whose fields are all float are stored: [Flat] as a float array, where the
    compiler could see that all are float; [Boxed] with each float in a block of its own.
    It is no part of a type, but programs that differ in it cannot exchange values. *)
type layout = Flat | Boxed

type ty =
  | Base of base
  | Parameter of int  (** of the enclosing declaration, from 0 *)
  | Tuple of ty list
  | Applied of applied * ty list
  | Bigarray of bigarray
  | Container of container * ty option  (** the type of a map's values *)
  | Polymorphic of (string * ty option) list
  | Named of decl * ty list
  | As_bytes of ty  (** [[@ancient.bytes]] *)
  | Hole of ty option ref  (** a recursive use; filled in when its type is complete *)

(** A module made by a functor. *)
and container = {
  functor_kind : functor_kind;
  container_modules : string list;
  mutable container_name : string;
  mutable is_called : bool;  (** that is its name in a program, not one made of the key's *)
  key : ty;
  standard : bool;  (** whether order or hash is that of Stdlib *)
}

and decl = {
  id : int;
  modules : string list;  (** enclosing modules, outermost first *)
  name : string;
  arity : int;
  mutable define : unit -> body;
  mutable body : body option;  (** what [define] gave, once computed *)
  mutable probed : bool array;
  (** for each constructor (a record has one): whether its accessors were compared with a block,
      by {!Ancient_schema_probe} *)
}

and body =
  | Abstract
  (** a type that shows no values, for parameters that no value depends on; files have unit *)
  | Alias of ty
  | Record of {
      fields : field list;
      unboxed : bool;
      layout : unit -> layout option;
      (** called only where all fields are float; [None]: not known *)
    }
  | Variant of { constrs : constr list; unboxed : bool }

and field = {
  label : string;
  mutable_ : bool;
  field_type : ty;
  read : (Obj.t -> Obj.t option) option;
  (** the accessor; it gives [None] for a value of another constructor *)
}

and constr = { constr_name : string; args : args }
and args = Constant | Args of field list  (** without labels *) | Inline of field list

exception Refused of string

let refuse format = Printf.ksprintf (fun text -> raise (Refused text)) format

(* Limits of 12.2 *)
let max_text = 1 lsl 20
let max_types = 65536
let max_members = 65536
let max_depth = 256
let max_arity = 16
let max_tags = 244
let max_encoding = 1 lsl 24
let max_name = 255

let keywords =
  [ "and"; "as"; "assert"; "asr"; "begin"; "class"; "constraint"; "do"; "done";
    "downto"; "else"; "end"; "exception"; "external"; "false"; "for"; "fun";
    "function"; "functor"; "if"; "in"; "include"; "inherit"; "initializer";
    "land"; "lazy"; "let"; "lor"; "lsl"; "lsr"; "lxor"; "match"; "method"; "mod";
    "module"; "mutable"; "new"; "nonrec"; "object"; "of"; "open"; "or"; "private";
    "rec"; "sig"; "struct"; "then"; "to"; "true"; "try"; "type"; "val"; "virtual";
    "when"; "while"; "with" ]

let is_keyword =
  let table = Stdlib.Hashtbl.create 64 in
  List.iter (fun word -> Stdlib.Hashtbl.replace table word ()) keywords;
  Stdlib.Hashtbl.mem table

let is_capital c = c >= 'A' && c <= 'Z'
let is_small c = (c >= 'a' && c <= 'z') || c = '_'

let is_inside c =
  is_capital c || is_small c || (c >= '0' && c <= '9') || c = '\''

let check_any_name what first text =
  let length = String.length text in
  if
    length = 0 || length > max_name
    || (not (first text.[0]))
    || (not (String.for_all is_inside text))
    || is_keyword text || String.equal text "_"
  then refuse "%S is no name for a %s" text what

let check_name what = check_any_name what is_small
let check_capital what = check_any_name what is_capital
let check_tag = check_any_name "tag" (fun c -> is_small c || is_capital c)

let check_distinct what where names =
  let seen = Stdlib.Hashtbl.create 16 in
  List.iter
    (fun name ->
       if Stdlib.Hashtbl.mem seen name then
         refuse "%s %S twice in %s" what name where;
       Stdlib.Hashtbl.replace seen name ())
    names

(* The value of a polymorphic variant's name, as the runtime has it. *)
let hash_tag name =
  let h = ref 0 in
  String.iter (fun c -> h := (!h * 223) + Char.code c) name;
  let h = !h land ((1 lsl 31) - 1) in
  if h > 0x3FFFFFFF then h - (1 lsl 31) else h

(* "Package.t" *)
let display modules name = String.concat "." (modules @ [ name ])
let path decl = display decl.modules decl.name

let split_path text =
  match List.rev (String.split_on_char '.' text) with
  | [] -> refuse "an empty name"
  | name :: modules ->
    List.iter (check_capital "module") modules;
    (List.rev modules, name)

let next_id = Atomic.make 0

let undefined () = refuse "a declaration without a body"

let declare modules name arity =
  List.iter (check_capital "module") modules;
  check_name "type" name;
  if arity > max_arity then
    refuse "type %s: %d parameters, expected at most %d"
      (display modules name) arity max_arity;
  { id = Atomic.fetch_and_add next_id 1; modules; name; arity;
    define = undefined; body = None; probed = [||] }

let check_tags names =
  let where = "a polymorphic variant" in
  List.iter check_tag names;
  check_distinct "tag" where names;
  check_distinct "hash of a tag" where
    (List.map (fun name -> string_of_int (hash_tag name)) names)

let check_fields where fields =
  List.iter (fun f -> check_name "field" f.label) fields;
  check_distinct "field" where (List.map (fun f -> f.label) fields)

let check_unboxed where = function
  | Record { fields = [ _ ]; unboxed = true }
  | Variant
      { constrs = [ { args = Args [ _ ] | Inline [ _ ]; _ } ]; unboxed = true }
  | Abstract | Alias _
  | Record { unboxed = false; _ }
  | Variant { unboxed = false; _ } -> ()
  | Record _ | Variant _ ->
    refuse "type %s: unboxed, but not of one field or argument" where

let check_body where body =
  check_unboxed where body;
  match body with
  | Abstract | Alias _ -> ()
  | Record { fields = []; _ } -> refuse "type %s has no fields" where
  | Variant { constrs = []; _ } -> refuse "type %s has no constructors" where
  | Record { fields; _ } -> check_fields where fields
  | Variant { constrs; _ } ->
    check_distinct "constructor" where (List.map (fun c -> c.constr_name) constrs);
    let blocks = List.filter (fun c -> match c.args with Constant -> false | _ -> true) constrs in
    if List.compare_length_with blocks max_tags > 0 then
      refuse "type %s: more than %d constructors with arguments" where max_tags;
    List.iter
      (fun c ->
         check_capital "constructor" c.constr_name;
         match c.args with
         | Inline [] -> refuse "constructor %s has no fields" c.constr_name
         | Inline fields -> check_fields c.constr_name fields
         | Constant | Args _ -> ())
      constrs

(* Two threads may compute the same body at the same time, which does no harm. *)
let body decl =
  match decl.body with
  | Some body -> body
  | None ->
    let body = decl.define () in
    check_body (path decl) body;
    decl.body <- Some body;
    body

(* The types directly below. *)
let children = function
  | Base _ | Parameter _ | Bigarray _ | Hole { contents = None } -> []
  | Tuple types | Applied (_, types) | Named (_, types) -> types
  | Container ({ key; _ }, None) -> [ key ]
  | Container ({ key; _ }, Some value) -> [ key; value ]
  | Polymorphic tags -> List.filter_map snd tags
  | As_bytes t | Hole { contents = Some t } -> [ t ]

let fields_of_args = function
  | Constant -> []
  | Args fields | Inline fields -> fields

let types_of_body = function
  | Abstract -> []
  | Alias t -> [ t ]
  | Record { fields; _ } -> List.map (fun f -> f.field_type) fields
  | Variant { constrs; _ } ->
    List.concat_map
      (fun c -> List.map (fun f -> f.field_type) (fields_of_args c.args))
      constrs
