(* ocaml: the module Ancient; ancient.mli is its manual.  It checks arguments and calls the
   stubs, which call core, the writer.

   A proxy of a value in a file is a record.  That of a value in memory is an abstract block that
   mark.c makes, so that a million of them are small: one field if the value is a block, else
   three; the number of fields tells proxies apart.  Values are pointers out of the heap, which the
   collector does not follow; after detach or delete core leaves memory at that address that the
   collector may read.  delete overwrites the pointer in the proxy itself. *)

type handle (* custom block of handles.c: an attached file, or none after detach *)
type md = {
  handle : handle;
  read_only : bool;
  protect : bool option;  (** as the caller asked for *)
  mutable sync : bool;
  mutable verified : int;  (** the generation that was verified, 0: none *)
}

type 'a ancient
type 'a in_file = { md : md; value : 'a }

external of_file : 'a in_file -> 'a ancient = "%identity"
external to_file : 'a ancient -> 'a in_file = "%identity"

type info = { i_size : int }
type order = Depth_first | Breadth_first | Elements_first
type advice = Normal | Random | Sequential

(* What is stored beside a typed value. *)
type schema = string * string (* fingerprint, text *)

type binding =
    Binding :
      { key : int; name : string option; value : 'a; schema : schema option;
        dedup_types : string Lazy.t (** of {!Ancient_schema_dedup}; [""]: none *) }
      -> binding

(* How values are copied where equal blocks are written once. *)
type dedup = bool * string array (* strings, types of each binding *)

(* Errors *)

include Ancient_errors (* the type code *)

type error = {
  code : code;
  message : string;
  offset : int option;
  rule : string option;
}

exception Error of error

let () =
  Callback.register_exception "ancient.Error"
    (Error { code = Ancient_errors.System; message = ""; offset = None;
             rule = None });
  Printexc.register_printer (function
      | Error { code; message; _ } ->
        Some
          (Printf.sprintf "Ancient.Error(%s): %s" (Ancient_errors.name code)
             message)
      | _ -> None)

(* Stubs *)

(* After [protect]: whether it matters only where the file is not attached yet.  The last arguments
   are a generation, or 0 for the newest, whichever that is, and the path of the file that a new one
   will replace, or "", and the one by which the descriptor was opened, or "". *)
external stub_attach :
  Unix.file_descr -> nativeint -> int -> bool -> bool -> bool -> int -> string -> string -> handle
  = "ancient_ml_attach_byte" "ancient_ml_attach"

(* true: the program never got a value of the file, not even a root. *)
external stub_detach : handle -> bool -> unit = "ancient_ml_detach"
external stub_attached : handle -> bool = "ancient_ml_attached" [@@noalloc]
external stub_file_name : handle -> string = "ancient_ml_file_name"
external stub_get : handle -> int -> 'a = "ancient_ml_get"
external stub_get_named : handle -> string -> 'a = "ancient_ml_get_named"

(* The state of an iteration over the keys; its next key. *)
external stub_keys : handle -> bytes = "ancient_ml_keys"

external stub_keys_next : handle -> bytes -> (int * string option) option
  = "ancient_ml_keys_next"

external stub_refresh : handle -> unit = "ancient_ml_refresh"
external stub_generation : handle -> int = "ancient_ml_generation"
external stub_verify : handle -> unit = "ancient_ml_verify"
external stub_advise : handle -> advice -> unit = "ancient_ml_advise"
external stub_prefetch : handle -> unit = "ancient_ml_prefetch"

(* A root and the bytes written for it, for each binding. *)
external stub_share :
  handle -> binding array -> order -> bool -> dedup option -> (Obj.t * int) array
  = "ancient_ml_share"

(* The bytes written for all bindings together. *)
external stub_share_many : handle -> binding array -> order -> bool -> dedup option -> int
  = "ancient_ml_share_many"

external stub_mark : 'a -> order -> 'a ancient = "ancient_ml_mark"

(* The bytes of the copy besides. *)
external stub_mark_info : 'a -> order -> 'a ancient * int = "ancient_ml_mark_info"

(* false: it is deleted already. *)
external stub_delete : 'a ancient -> bool = "ancient_ml_delete"
external is_ancient : 'a -> bool = "ancient_ml_is_ancient"
external address_of : 'a -> nativeint = "ancient_ml_address_of"
external register_custom : string -> unit = "ancient_ml_register_custom"

let invalid_argf format = Printf.ksprintf invalid_arg format

(* Values in memory *)

let mark v = stub_mark v Depth_first

let mark_with ?(order = Depth_first) v =
  let proxy, i_size = stub_mark_info v order in
  (proxy, { i_size })

let mark_info v = mark_with v

let kind p =
  match Obj.size (Obj.repr p) with 1 -> `Block | 2 -> `File | _ -> `Immediate

let deleted () = invalid_arg "deleted"

let in_file { md; value } =
  if stub_attached md.handle then value
  else
    invalid_argf "Ancient.follow: %s is detached" (stub_file_name md.handle)

(* The fields of the abstract blocks are those of mark.c.  Each is read once: another thread may delete
   the value meanwhile. *)
let follow (p : 'a ancient) : 'a =
  match kind p with
  | `Block ->
    let value = Obj.field (Obj.repr p) 0 in
    if Obj.is_int value then deleted () else Obj.obj value
  | `File -> in_file (to_file p)
  | `Immediate ->
    let value = Obj.field (Obj.repr p) 0 in
    if Obj.field (Obj.repr p) 1 == Obj.repr true then Obj.obj value else deleted ()

let delete p =
  match kind p with
  | `Block | `Immediate -> if not (stub_delete p) then deleted ()
  | `File ->
    invalid_argf
      "Ancient.delete: the value lies in the file %s: use Ancient.detach"
      (stub_file_name (to_file p).md.handle)

(* Values in files *)

let protect_by_environment () =
  match Sys.getenv_opt "ANCIENT_PROTECT" with
  | None | Some ("" | "0") -> false
  | Some _ -> true

(* A commit of another process during the verification is verified by this call or the next. *)
let verify md =
  stub_refresh md.handle;
  let generation = stub_generation md.handle in
  stub_verify md.handle;
  md.verified <- generation

(* Nothing that is empty can harm. *)
let verify_what_is_there md =
  try verify md with Error { code = Empty; _ } -> ()

let detach md = stub_detach md.handle false

let advise md advice = stub_advise md.handle advice

let prefetch md = stub_prefetch md.handle

let check_generation where generation =
  if generation < 1 then
    invalid_argf "%s: generation %d, expected 1 or more" where generation

let attach_replacing replaces ?(base = 0n) ?(reserve = 0) ?(read_only = false) ?protect
    ?(sync = true) ?verify:(verified = false) ?generation ?(path = "") fd =
  if reserve < 0 then
    invalid_argf "Ancient.attach_with: negative reserve %d" reserve;
  Option.iter (check_generation "Ancient.attach_with") generation;
  let read_only = read_only || generation <> None in
  let protected =
    match protect with Some p -> p | None -> protect_by_environment ()
  in
  let handle =
    stub_attach fd base reserve read_only protected (protect = None)
      (Option.value generation ~default:0)
      replaces path
  in
  let md = { handle; read_only; protect; sync; verified = 0 } in
  if verified then begin
    try verify_what_is_there md
    with e ->
      let trace = Printexc.get_raw_backtrace () in
      detach md;
      Printexc.raise_with_backtrace e trace
  end;
  md

let attach_with ?base ?reserve ?read_only ?protect ?sync ?verify ?generation ?path fd =
  attach_replacing "" ?base ?reserve ?read_only ?protect ?sync ?verify
    ?generation ?path fd

(* Verifies the newest generation unless it is verified already. *)
let ensure_verified md =
  stub_refresh md.handle;
  if md.verified <> stub_generation md.handle then verify_what_is_there md

let attach fd base = attach_with ~base fd

let reattach md path =
  let access = if md.read_only then Unix.O_RDONLY else Unix.O_RDWR in
  let fd = Unix.openfile path [ access; Unix.O_CLOEXEC ] 0 in
  Fun.protect
    ~finally:(fun () -> Unix.close fd)
    (fun () ->
       attach_with ~read_only:md.read_only ?protect:md.protect ~sync:md.sync
         ~verify:(md.verified > 0) ~path fd)

let set_sync md sync = md.sync <- sync
let refresh md = stub_refresh md.handle
let generation md = stub_generation md.handle

let check_key where key =
  if key < 0 then
    invalid_argf "%s: negative key %d, expected 0 to max_int" where key

let check_name where = function
  | None -> ()
  | Some name ->
    let length = String.length name in
    if length = 0 || length > 255 || String.contains name '\000' then
      invalid_argf
        "%s: bad name %S, expected 1 to 255 bytes, none of them zero" where
        name

let get md key =
  check_key "Ancient.get" key;
  of_file { md; value = stub_get md.handle key }

let fold_keys f md init =
  let walk = stub_keys md.handle in
  let rec next acc =
    match stub_keys_next md.handle walk with
    | None -> acc
    | Some (key, name) -> next (f key name acc)
  in
  next init

let keys md =
  List.rev (fold_keys (fun key name acc -> (key, name) :: acc) md [])

(* The keys of a file for a message: all of them where they are few. *)
let words_for_keys md =
  let shown = 12 in
  let walk = stub_keys md.handle in
  let rec next count words =
    match stub_keys_next md.handle walk with
    | None -> List.rev words
    | Some _ when count = shown -> List.rev ("..." :: words)
    | Some (key, None) -> next (count + 1) (string_of_int key :: words)
    | Some (key, Some name) -> next (count + 1) (Printf.sprintf "%d %S" key name :: words)
  in
  match next 0 [] with
  | [] -> "it has no keys"
  | words -> "its keys are " ^ String.concat ", " words

(* [f ()], whose [Not_found] says what is missing and what is there. *)
let or_no_key md what f =
  try f ()
  with Not_found ->
    let message =
      Printf.sprintf "%s: no %s: %s" (stub_file_name md.handle) what (words_for_keys md)
    in
    raise (Error { code = Ancient_errors.No_key; message; offset = None; rule = None })

let words_for_key key = Printf.sprintf "key %d" key
let words_for_name name = Printf.sprintf "name %S" name

let get_named md name =
  check_name "Ancient.get_named" (Some name);
  or_no_key md (words_for_name name) (fun () ->
      of_file { md; value = stub_get_named md.handle name })

let bind_in ?schema ?(dedup_types = lazy "") where name key value =
  check_key where key;
  check_name where name;
  Binding { key; name; value; schema; dedup_types }

let bind ?name key value = bind_in "Ancient.bind" name key value
let sync_of md = function Some sync -> sync | None -> md.sync

let check_dedup_order where order =
  if order = Breadth_first then
    invalid_argf
      "%s: dedup with Breadth_first, expected Depth_first or Elements_first: blocks are equal where \
       what is below them is, so that has to be copied before the next block" where

let dedup_of where dedup strings order bindings =
  if not dedup then None
  else begin
    check_dedup_order where order;
    let types (Binding { dedup_types; _ }) = Lazy.force dedup_types in
    Some (strings, Array.map types bindings)
  end

let share_binding where ?(order = Depth_first) ?sync ?(dedup = false) ?(strings = false) md
    binding =
  let bindings = [| binding |] in
  let dedup = dedup_of where dedup strings order bindings in
  let copies = stub_share md.handle bindings order (sync_of md sync) dedup in
  copies.(0)

let share_with ?name ?order ?sync ?dedup ?strings md key (v : 'a) : 'a ancient * info =
  let where = "Ancient.share" in
  let root, i_size =
    share_binding where ?order ?sync ?dedup ?strings md (bind_in where name key v)
  in
  (of_file { md; value = (Obj.obj root : 'a) }, { i_size })

let share_info md key v = share_with md key v
let share md key v = fst (share_info md key v)

let check_distinct where bindings =
  let rec check = function
    | a :: (b :: _ as keys) ->
      if a = b then invalid_argf "%s: key %d is given twice, expected once" where a;
      check keys
    | [ _ ] | [] -> ()
  in
  check (List.sort Int.compare (List.rev_map (fun (Binding { key; _ }) -> key) bindings))

let share_many_in where ?(order = Depth_first) ?sync ?(dedup = false) ?(strings = false) md
    bindings =
  check_distinct where bindings;
  let bindings = Array.of_list bindings in
  let dedup = dedup_of where dedup strings order bindings in
  if Array.length bindings = 0 then { i_size = 0 }
  else { i_size = stub_share_many md.handle bindings order (sync_of md sync) dedup }

let share_many ?order ?sync ?dedup ?strings md bindings =
  share_many_in "Ancient.share_many" ?order ?sync ?dedup ?strings md bindings

(* Recovery *)

type recovered = {
  generation : int;
  recovered : int option;
  lost : int option;
  damaged : int;
}

external stub_recover : string -> bool -> recovered = "ancient_ml_recover"

let recover ?(drop_lost = false) path = stub_recover path drop_lost

(* Removal, and what earlier commits left *)

type commit = {
  generation : int;
  time : float option;
  published : int;
  removed : int;
  keys : int;
  bytes : int;
  used : int;
}

external stub_remove : handle -> int -> bool -> unit = "ancient_ml_remove"
external stub_restore : handle -> int -> bool -> unit = "ancient_ml_restore"
external stub_log : handle -> commit array = "ancient_ml_log"
external stub_generation_time : handle -> float option = "ancient_ml_generation_time"

let remove md key =
  check_key "Ancient.remove" key;
  or_no_key md (words_for_key key) (fun () -> stub_remove md.handle key md.sync)

let commits md = Array.to_list (stub_log md.handle)
let generation_time md = stub_generation_time md.handle

let restore md generation =
  check_generation "Ancient.restore" generation;
  stub_restore md.handle generation md.sync

(* Snapshots *)

type publication

external stub_publication_begin : string -> int -> publication
  = "ancient_ml_publication_begin"
external stub_publication_fd : publication -> Unix.file_descr
  = "ancient_ml_publication_fd"
external stub_publication_path : publication -> string
  = "ancient_ml_publication_path"
external stub_publication_rename : publication -> unit
  = "ancient_ml_publication_rename"
external stub_publication_sync : publication -> unit
  = "ancient_ml_publication_sync"
external stub_publication_drop : publication -> unit
  = "ancient_ml_publication_drop"

(* Errors name [path] as it is written, or its folder where that is missing. *)
let naming path f x =
  try f x
  with Unix.Unix_error (code, call, _) -> raise (Unix.Unix_error (code, call, path))

let is_folder path = try Sys.is_directory path with Sys_error _ -> false

let publication_begin path perm =
  let mode = match perm with Some perm -> perm land 0o7777 | None -> -1 in
  try stub_publication_begin path mode
  with Unix.Unix_error (code, call, _) ->
    let folder = Filename.dirname path in
    let missing = (code = Unix.ENOENT || code = Unix.ENOTDIR) && not (is_folder folder) in
    raise (Unix.Unix_error (code, call, if missing then folder else path))

let write_snapshot path temporary fd order dedup strings bindings =
  let md = attach_replacing path ~path:temporary fd in
  Fun.protect
    ~finally:(fun () -> stub_detach md.handle true)
    (fun () ->
       ignore
         (share_many_in "Ancient.publish_many" ?order ~sync:true ?dedup ?strings md bindings))

let publish_many ?perm ?order ?dedup ?strings path bindings =
  let publication = publication_begin path perm in
  Fun.protect
    ~finally:(fun () -> stub_publication_drop publication)
    (fun () ->
       let temporary = stub_publication_path publication in
       let fd = stub_publication_fd publication in
       write_snapshot path temporary fd order dedup strings bindings;
       naming path stub_publication_rename publication;
       naming (Filename.dirname path) stub_publication_sync publication)

let publish ?perm ?order ?name ?dedup ?strings path v =
  publish_many ?perm ?order ?dedup ?strings path [ bind_in "Ancient.publish" name 0 v ]

(* Compaction *)

type compacted = {
  bytes_before : int;
  bytes_after : int;
  blocks_before : int;
  blocks_after : int;
}

(* A schema of the file that is compacted, of which there is text to be had and types to be set,
   within a call of the function in the last argument of [stub_compact]. *)
type compacted_schema

external stub_compact_schema : compacted_schema -> string = "ancient_ml_compact_schema"
external stub_compact_set_types : compacted_schema -> string -> unit
  = "ancient_ml_compact_set_types"

external stub_compact :
  string -> nativeint -> order -> (int -> int -> unit) option ->
  (bool * (compacted_schema -> int -> unit)) option -> compacted
  = "ancient_ml_compact"

(* What each text says is computed once.  One that cannot be read says nothing. *)
let set_compacted_types () =
  let known = Hashtbl.create 4 in
  let types_of text =
    match Ancient_schema_dedup.make (Ancient_schema_core.graph_of_text text) with
    | types -> types
    | exception Ancient_schema_type.Refused _ -> ""
  in
  fun schema _ ->
    let text = stub_compact_schema schema in
    let types =
      match Hashtbl.find_opt known text with
      | Some types -> types
      | None ->
        let types = types_of text in
        Hashtbl.add known text types;
        types
    in
    if types <> "" then stub_compact_set_types schema types

let compact ?(base = 0n) ?(order = Depth_first) ?progress ?(dedup = false) ?(strings = false) path
  =
  if dedup then check_dedup_order "Ancient.compact" order;
  let dedup = if dedup then Some (strings, set_compacted_types ()) else None in
  stub_compact path base order progress dedup

(* Types *)

module Schema = Ancient_schema

exception Schema_mismatch of string

let () =
  Printexc.register_printer (function
      | Schema_mismatch text -> Some ("Ancient.Schema_mismatch: " ^ text)
      | _ -> None)

module Typed = struct
  open Ancient_schema_core

  (* A key by its number or its name, as the stub takes it. *)
  external stub_entry : handle -> 'which -> string -> string -> 'a * string option
    = "ancient_ml_entry"

  let checked where schema value =
    let compiled = compile where schema in
    match Ancient_schema_probe.check compiled.graph (Obj.repr value) with
    | () -> compiled
    | exception Ancient_schema_type.Refused text -> invalid_arg (where ^ ": " ^ text)

  let bind_in where name key schema value =
    let { graph; text; fingerprint; _ } = checked where schema value in
    let dedup_types = lazy (Ancient_schema_dedup.make graph) in
    bind_in ~schema:(fingerprint, text) ~dedup_types where name key value

  let bind ?name key schema value =
    bind_in "Ancient.Typed.bind" name key schema value

  let share md ?name ?order ?sync ?dedup key schema (value : 'a) : 'a ancient =
    let where = "Ancient.Typed.share" in
    let binding = bind_in where name key schema value in
    let root, _ = share_binding where ?order ?sync ?dedup md binding in
    of_file { md; value = (Obj.obj root : 'a) }

  let mismatch md which text =
    raise
      (Schema_mismatch
         (Printf.sprintf "%s, %s: %s" (stub_file_name md.handle) which text))

  (* What comparing the file's schema with the program's says. *)
  type stored =
    | Same
    | Unsaid  (** the same, but the file does not say how it stores records of floats *)
    | Other of string  (** the difference, a sentence *)

  let compare_text compiled = function
    | None -> Same
    | Some "" -> Other "the file has no schema there: Ancient.get takes it as it is"
    | Some text -> (
        match difference_from_text compiled text with
        | Some difference, _ -> Other difference
        | None, says_layouts -> if says_layouts then Same else Unsaid)

  (* Gives the root the type 'a where the schemas agree.  Every block is checked against the
     schema where the file does not say how it stores records of floats, and where [verify]
     asks for it; then the file's structure is verified before any value is read. *)
  let entry where md verify which shown (schema : 'a Schema.t) : 'a ancient =
    let compiled = compile where schema in
    if verify then ensure_verified md;
    let ours = if compiled.has_layouts then compiled.text else "" in
    let root, other =
      or_no_key md shown (fun () -> stub_entry md.handle which compiled.fingerprint ours)
    in
    let check_blocks () =
      match Ancient_schema_walk.check compiled.graph (Obj.repr root) with
      | () -> ()
      | exception Ancient_schema_plan.Wrong text -> mismatch md shown text
    in
    (match compare_text compiled other with
     | Other text -> mismatch md shown text
     | Unsaid -> check_blocks ()
     | Same -> if verify then check_blocks ());
    of_file { md; value = root }

  let get ?(verify = false) md key schema =
    let where = "Ancient.Typed.get" in
    check_key where key;
    entry where md verify key (words_for_key key) schema

  let get_named ?(verify = false) md name schema =
    let where = "Ancient.Typed.get_named" in
    check_name where (Some name);
    entry where md verify name (words_for_name name) schema

  let publish ?perm ?order ?name ?dedup path schema value =
    let binding = bind_in "Ancient.Typed.publish" name 0 schema value in
    publish_many ?perm ?order ?dedup path [ binding ]

  let load ?(verify = false) path schema =
    let fd = Unix.openfile path Unix.[ O_RDONLY; O_CLOEXEC ] 0 in
    let md =
      Fun.protect
        ~finally:(fun () -> Unix.close fd)
        (fun () -> attach_with ~read_only:true fd)
    in
    try get ~verify md 0 schema
    with e ->
      let trace = Printexc.get_raw_backtrace () in
      detach md;
      Printexc.raise_with_backtrace e trace
end
