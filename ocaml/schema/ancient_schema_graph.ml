(* ocaml/schema: resolves the names of a schema into a graph, whose nodes are shapes of values
   and whose edges lead to the shapes of their parts.  Types of the same structure give the same
   graph, whatever their declarations are called.  Fingerprints, differences and both checks
   of values work on it. *)

open Ancient_schema_type

type node = {
  number : int;  (** within its graph *)
  mutable shape : shape;
}

and shape =
  | Pending  (** only while the graph is being built *)
  | Of_base of base
  | Of_tuple of node list
  | Of_applied of applied * node list
  (** that of a queue, stack or dynarray is the list or array in it *)
  | Of_bigarray of bigarray
  | Of_container of { kind : functor_kind; standard : bool; key : node; value : node option }
  | Of_polymorphic of { declared : decl option; tags : (string * node option) list }
  (** sorted by name *)
  | Of_record of { decl : decl; unboxed : bool; fields : member list }
  | Of_variant of { decl : decl; unboxed : bool; cases : case list }

and member = { field : field; node : node }
and case = { constr : constr; members : member list }

(* The key by which equal shapes become one node; numbers stand for the nodes of the parts. *)
type structure =
  | S_base of base
  | S_tuple of int list
  | S_applied of applied * int list
  | S_bigarray of bigarray
  | S_container of functor_kind * bool * int list
  | S_polymorphic of (string * int option) list

module Structures = Map.Make (struct
    type t = structure
    let compare = Stdlib.compare
  end)

module Instances = Map.Make (struct
    type t = int * int list
    let compare = Stdlib.compare
  end)

type building = {
  mutable count : int;
  mutable holes : ty option ref list;  (** whose types are being resolved *)
  mutable nodes : node list;  (** records and variants, the last one first *)
  mutable structures : node Structures.t;
  mutable instances : node option Instances.t;  (** [None]: an alias that is being resolved *)
  pending : (node * decl * node array) Queue.t;
  mutable abstract : (node * decl) list option;  (** [None]: they are not collected *)
  representative : decl -> decl;
}

let fresh building shape =
  if building.count >= max_types then
    refuse "more than %d types" max_types;
  let node = { number = building.count; shape } in
  building.count <- building.count + 1;
  node

let cons building structure shape =
  match Structures.find_opt structure building.structures with
  | Some node -> node
  | None ->
    let node = fresh building shape in
    building.structures <- Structures.add structure node building.structures;
    node

let numbers = List.map (fun node -> node.number)

let sorted_tags resolve tags =
  List.sort
    (fun (a, _) (b, _) -> String.compare a b)
    (List.map (fun (name, t) -> (name, Option.map resolve t)) tags)

(* A declaration of nothing but a polymorphic variant: it may be recursive. *)
let rec declared_tags = function
  | Alias (Polymorphic tags) -> Some tags
  | Alias (As_bytes t | Hole { contents = Some t }) -> declared_tags (Alias t)
  | Abstract | Alias _ | Record _ | Variant _ -> None

(* As unit, which files have for it; another node than unit's where it is to be found again. *)
let abstract building decl =
  match building.abstract with
  | None -> cons building (S_base Unit) (Of_base Unit)
  | Some known ->
    let node = fresh building (Of_base Unit) in
    building.abstract <- Some ((node, decl) :: known);
    node

let rec resolve building depth parameters ty =
  if depth > 2 * max_depth then
    refuse "types nested too deeply, or recursion without a record or variant";
  let resolve = resolve building (depth + 1) parameters in
  let cons = cons building in
  match ty with
  | Base base -> cons (S_base base) (Of_base base)
  | Bigarray b -> cons (S_bigarray b) (Of_bigarray b)
  | As_bytes t -> resolve t
  | Hole { contents = None } -> refuse "a recursive schema used while it is made"
  | Hole ({ contents = Some t } as hole) ->
    if List.memq hole building.holes then
      refuse "recursion without a record or variant";
    building.holes <- hole :: building.holes;
    let node = resolve t in
    building.holes <- List.tl building.holes;
    node
  | Parameter i ->
    if i >= Array.length parameters then refuse "a type parameter outside its type";
    parameters.(i)
  | Tuple types ->
    let nodes = List.map resolve types in
    cons (S_tuple (numbers nodes)) (Of_tuple nodes)
  | Applied (((Queue | Stack | Dynarray) as holder), [ t ]) ->
    let node = resolve (Applied ((if holder = Dynarray then Array else List), [ t ])) in
    cons (S_applied (holder, [ node.number ])) (Of_applied (holder, [ node ]))
  | Applied (applied, types) ->
    let nodes = List.map resolve types in
    cons (S_applied (applied, numbers nodes)) (Of_applied (applied, nodes))
  | Container ({ functor_kind = kind; standard; key; _ }, value) ->
    let key = resolve key in
    let value = Option.map resolve value in
    cons
      (S_container (kind, standard, numbers (key :: Option.to_list value)))
      (Of_container { kind; standard; key; value })
  | Polymorphic tags ->
    let tags = sorted_tags resolve tags in
    cons
      (S_polymorphic
         (List.map (fun (name, t) -> (name, Option.map (fun n -> n.number) t)) tags))
      (Of_polymorphic { declared = None; tags })
  | Named (decl, arguments) ->
    instance building depth (building.representative decl)
      (List.map resolve arguments)

and instance building depth decl arguments =
  if List.length arguments <> decl.arity then
    refuse "type %s: %d arguments, expected %d" (path decl)
      (List.length arguments) decl.arity;
  let key = (decl.id, numbers arguments) in
  let remember node =
    building.instances <- Instances.add key node building.instances
  in
  match Instances.find_opt key building.instances with
  | Some (Some node) -> node
  | Some None -> refuse "type %s: recursion without a record or variant" (path decl)
  | None -> (
      let parameters = Array.of_list arguments in
      match body decl with
      | Alias t as alias when Option.is_none (declared_tags alias) ->
        remember None;
        let node = resolve building (depth + 1) parameters t in
        remember (Some node);
        node
      | Abstract ->
        let node = abstract building decl in
        remember (Some node);
        node
      | Alias _ | Record _ | Variant _ ->
        let node = fresh building Pending in
        building.nodes <- node :: building.nodes;
        remember (Some node);
        Queue.add (node, decl, parameters) building.pending;
        node)

let member building parameters field =
  { field; node = resolve building 0 parameters field.field_type }

let fill building (node, decl, parameters) =
  let members = List.map (member building parameters) in
  node.shape <-
    (match body decl with
     | (Abstract | Alias _) as alias ->
       let tags = Option.value ~default:[] (declared_tags alias) in
       Of_polymorphic
         { declared = Some decl;
           tags = sorted_tags (resolve building 0 parameters) tags }
     | Record { fields; unboxed; _ } ->
       Of_record { decl; unboxed; fields = members fields }
     | Variant { constrs; unboxed } ->
       let case constr = { constr; members = members (fields_of_args constr.args) } in
       Of_variant { decl; unboxed; cases = List.map case constrs })

(* The type whose block a value of [node] has, where [node] adds none of its own: the target of a
   lazy, the field of an unboxed record or constructor. *)
let same_block node =
  match node.shape with
  | Of_applied (Lazy, [ n ])
  | Of_record { unboxed = true; fields = [ { node = n; _ } ]; _ }
  | Of_variant { unboxed = true; cases = [ { members = [ { node = n; _ } ]; _ } ]; _ } ->
    Some n
  | _ -> None

(* Refuses types that consist of nothing but themselves, through unboxed or lazy.  Each node is
   visited once: [seen] maps it to the first node of the walk that met it. *)
let check_unboxed nodes =
  let seen = Stdlib.Hashtbl.create 16 in
  let rec walk first node =
    match Stdlib.Hashtbl.find_opt seen node.number with
    | Some walk when walk = first ->
      refuse "a type that is only itself, through unboxed or lazy"
    | Some _ -> ()
    | None ->
      Stdlib.Hashtbl.add seen node.number first;
      Option.iter (walk first) (same_block node)
  in
  List.iter (fun node -> walk node.number node) nodes

(* Calls [f] once for [root] and for each node that can be reached from it. *)
let iter_nodes f root =
  let seen = Stdlib.Hashtbl.create 64 in
  let waiting = Stack.create () in
  let push node =
    if not (Stdlib.Hashtbl.mem seen node.number) then begin
      Stdlib.Hashtbl.add seen node.number ();
      Stack.push node waiting
    end
  in
  let members = List.iter (fun m -> push m.node) in
  push root;
  while not (Stack.is_empty waiting) do
    let node = Stack.pop waiting in
    f node;
    match node.shape with
    | Pending | Of_base _ | Of_bigarray _ -> ()
    | Of_tuple nodes | Of_applied (_, nodes) -> List.iter push nodes
    | Of_container { key; value; _ } ->
      push key;
      Option.iter push value
    | Of_polymorphic { tags; _ } -> List.iter (fun (_, t) -> Option.iter push t) tags
    | Of_record { fields; _ } -> members fields
    | Of_variant { cases; _ } -> List.iter (fun c -> members c.members) cases
  done

(* No value of the root may be of an abstract type: what it is, no reader would know. *)
let check_abstract root known =
  iter_nodes
    (fun node ->
       match List.find_opt (fun (n, _) -> n == node) known with
       | None -> ()
       | Some (_, decl) ->
         refuse
           "type %s is abstract or empty where its schema is made: it may be an argument of \
            another type, but no value can be shared as one"
           (path decl))
    root

(* The graph of [ty].  [representative] maps a declaration to the one that stands for all of the
   same name and structure.  With [check], values of abstract types are refused. *)
let build ?(check = false) ~representative ty =
  let building =
    { count = 0; holes = []; nodes = []; structures = Structures.empty; instances = Instances.empty;
      pending = Queue.create (); abstract = (if check then Some [] else None); representative }
  in
  let root = resolve building 0 [||] ty in
  while not (Queue.is_empty building.pending) do
    fill building (Queue.pop building.pending)
  done;
  check_unboxed building.nodes;
  (match building.abstract with
   | None | Some [] -> ()
   | Some known -> check_abstract root known);
  root

(* The type inside [node], through unboxed records and constructors. *)
let rec through_unboxed node =
  match node.shape with
  | Of_record { unboxed = true; fields = [ { node; _ } ]; _ }
  | Of_variant { unboxed = true; cases = [ { members = [ { node; _ } ]; _ } ]; _ } ->
    through_unboxed node
  | _ -> node

let is_float node =
  match (through_unboxed node).shape with Of_base Float -> true | _ -> false

let all_floats members = List.for_all (fun m -> is_float m.node) members

(* ---- Words for messages ---- *)

let base_name = function
  | Unit -> "unit"
  | Bool -> "bool"
  | Int -> "int"
  | Char -> "char"
  | String -> "string"
  | Bytes -> "bytes"
  | Float -> "float"
  | Int32 -> "int32"
  | Int64 -> "int64"
  | Nativeint -> "nativeint"
  | Floatarray -> "floatarray"
  | Z -> "Z.t"

let applied_name = function
  | List -> "list"
  | Array -> "array"
  | Option -> "option"
  | Result -> "result"
  | Ref -> "ref"
  | Lazy -> "lazy_t"
  | Hashtbl -> "Hashtbl.t"
  | Queue -> "Queue.t"
  | Stack -> "Stack.t"
  | Dynarray -> "Dynarray.t"

let bigarray_name { kind; layout; dims } =
  Printf.sprintf "(%s, Bigarray.%s_elt, Bigarray.%s_layout) Bigarray.%s.t"
    (match kind with
     | "float16" | "float32" | "float64" -> "float"
     | "int32" -> "int32"
     | "int64" -> "int64"
     | "nativeint" -> "nativeint"
     | "complex32" | "complex64" -> "Complex.t"
     | "char" -> "char"
     | _ -> "int")
    (match kind with
     | "int8" -> "int8_signed"
     | "uint8" -> "int8_unsigned"
     | "int16" -> "int16_signed"
     | "uint16" -> "int16_unsigned"
     | "char" -> "int8_unsigned"
     | kind -> kind)
    layout
    (match dims with None -> "Genarray" | Some n -> Printf.sprintf "Array%d" n)

let rec words depth node =
  if depth = 0 then "..."
  else
    let below = words (depth - 1) in
    match node.shape with
    | Pending -> "..."
    | Of_base base -> base_name base
    | Of_bigarray b -> bigarray_name b
    | Of_tuple nodes ->
      String.concat " * "
        (List.map
           (fun n ->
              match n.shape with
              | Of_tuple _ -> "(" ^ below n ^ ")"
              | _ -> below n)
           nodes)
    | Of_applied
        (((Queue | Stack | Dynarray) as applied), [ { shape = Of_applied (_, nodes); _ } ])
    | Of_applied (applied, nodes) ->
      arguments below nodes ^ " " ^ applied_name applied
    | Of_container { kind = Map; key; value; _ } ->
      arguments below (Option.to_list value) ^ " Map of " ^ below key
    | Of_container { kind = Set; key; _ } -> "Set of " ^ below key
    | Of_container { kind = Hashtable; key; value; _ } ->
      arguments below (Option.to_list value) ^ " Hashtbl.Make of " ^ below key
    | Of_polymorphic { declared = Some decl; _ } -> path decl
    | Of_polymorphic { tags; _ } ->
      let tag (name, argument) =
        match argument with
        | None -> "`" ^ name
        | Some t -> "`" ^ name ^ " of " ^ below t
      in
      "[ " ^ String.concat " | " (List.map tag tags) ^ " ]"
    | Of_record { decl; _ } | Of_variant { decl; _ } -> path decl

and arguments below = function
  | [ ({ shape = Of_tuple _; _ } as n) ] -> "(" ^ below n ^ ")"
  | [ n ] -> below n
  | nodes -> "(" ^ String.concat ", " (List.map below nodes) ^ ")"

let words = words 4
