(* ocaml/schema: schemas of containers that functors make: Map.Make, Set.Make, Hashtbl.Make, and other
   modules whose values are represented like theirs, which is looked at.  Ancient_schema shows them;
   ancient_schema.mli is the manual. *)

open Ancient_schema_type
open Ancient_schema_core

(* The module's name in the text: Names are for people, so it says what the keys are. *)
let container_name key suffix =
  let rec first = function
    | Base base -> (
        match Ancient_schema_graph.base_name base with
        | "Z.t" -> "Z"
        | name -> name)
    | Named ({ name = "t"; modules = _ :: _ as modules; _ }, _) ->
      List.nth modules (List.length modules - 1)
    | Named ({ name; _ }, _) -> name
    | As_bytes t | Hole { contents = Some t } -> first t
    | _ -> "key"
  in
  let name = first key in
  String.capitalize_ascii name ^ suffix

let made functor_kind suffix standard key =
  let made = ref None in
  fun () ->
    match !made with
    | Some container -> container
    | None ->
      let key = ty key in
      let container =
        { functor_kind; standard; key; container_modules = [];
          container_name = container_name key suffix; is_called = false }
      in
      made := Some container;
      container

(* The deriver knows the name of the module, by which a type of it is called. *)
let called name schema =
  delay (fun () ->
      let t = ty schema in
      (match t with
       | Container (c, _) when not c.is_called ->
         c.container_name <- name;
         c.is_called <- true
       | _ -> ());
      t)

let of_container ?value container =
  delay (fun () -> Container (container (), Option.map ty value))

let not_standard where what =
  invalid_arg
    (Printf.sprintf "%s: %s is not represented as one of the standard library's: convert it, with \
                     to_seq and of_seq or the like, to a list, Map, Set or Hashtbl" where what)

(* ---- What a module makes ---- *)

(* Stands for keys and values of any type.  Functions of the standard library do not look into them;
   others find enough fields. *)
let anything = Obj.repr (Array.make 256 0)
let zero = Obj.repr 0

let is_block fields block =
  Obj.is_block block && Obj.tag block = 0
  && Obj.size block = List.length fields
  && List.for_all2 (fun i field -> Obj.field block i == field)
    (List.init (List.length fields) Fun.id)
    fields

(* A node without children, which no order has anything to do with. *)
let check_map where (singleton : 'k -> 'v -> 'm) =
  let node = try Obj.repr (singleton (Obj.obj anything) (Obj.obj anything)) with _ -> zero in
  if not (is_block [ zero; anything; anything; zero; Obj.repr 1 ] node) then
    not_standard where "the map"

let check_set where (singleton : 'k -> 's) =
  let node = try Obj.repr (singleton (Obj.obj anything)) with _ -> zero in
  if not (is_block [ zero; anything; zero; Obj.repr 1 ] node) then not_standard where "the set"

let is_table table =
  Obj.is_block table && Obj.tag table = 0 && Obj.size table = 4
  && Obj.is_int (Obj.field table 0)
  && Obj.is_block (Obj.field table 1)
  && Obj.is_int (Obj.field table 2)
  && Obj.is_int (Obj.field table 3)

let check_table where (create : int -> 'h) =
  let table = try Obj.repr (create 1) with _ -> zero in
  if not (is_table table) then not_standard where "the table"

(* The functors know no function that makes a table: those of Make and MakeSeeded differ. *)
let check_length where (length : 'h -> int) =
  let table = Obj.repr (7, [| 0 |], 0, 1) in
  if length (Obj.obj table) <> 7 then not_standard where "the table"

(* ---- By functions of the module ---- *)

let map_of ?(standard = false) singleton key_schema value_schema =
  check_map "Ancient.Schema.map_of" singleton;
  of_container (made Map "_map" standard key_schema) ~value:value_schema

let set_of ?(standard = false) singleton key_schema =
  check_set "Ancient.Schema.set_of" singleton;
  of_container (made Set "_set" standard key_schema)

let table_of ?(standard = false) create (_ : 'h -> 'k -> 'v) key_schema value_schema =
  check_table "Ancient.Schema.table_of" create;
  of_container (made Hashtable "_table" standard key_schema) ~value:value_schema

(* ---- By functors ---- *)

module type Map = sig
  type key
  type 'a t

  val singleton : key -> 'a -> 'a t
end

module type Set = sig
  type elt
  type t

  val singleton : elt -> t
end

module type Hashtbl = sig
  type key
  type 'a t

  val length : 'a t -> int
end

module Map_by
    (Order : sig val standard : bool end)
    (M : Map)
    (Key : sig type t = M.key val schema : t Ancient_schema_core.t end) =
struct
  let () = check_map "Ancient.Schema.For_map" M.singleton
  let container = made Map "_map" Order.standard Key.schema
  let schema value = of_container container ~value
end

module Set_by
    (Order : sig val standard : bool end)
    (S : Set)
    (Elt : sig type t = S.elt val schema : t Ancient_schema_core.t end) =
struct
  let () = check_set "Ancient.Schema.For_set" S.singleton
  let container = made Set "_set" Order.standard Elt.schema
  let schema = of_container container
end

module Hashtbl_by
    (Hash : sig val standard : bool end)
    (H : Hashtbl)
    (Key : sig type t = H.key val schema : t Ancient_schema_core.t end) =
struct
  let () = check_length "Ancient.Schema.For_hashtbl" H.length
  let container = made Hashtable "_table" Hash.standard Key.schema
  let schema value = of_container container ~value
end

module Own = struct let standard = false end
module Standard = struct let standard = true end
module For_map = Map_by (Own)
module For_set = Set_by (Own)
module For_hashtbl = Hashtbl_by (Own)
module For_map_standard = Map_by (Standard)
module For_set_standard = Set_by (Standard)
module For_hashtbl_standard = Hashtbl_by (Standard)
