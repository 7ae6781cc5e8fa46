(* ocaml/schema: what a schema says of blocks that may be shared, as words for core
   (core/include/ancient/dedup.h), which writes equal blocks once.  What has no mutable field
   and is declared: records, tuples, constructors, cells of lists; and strings.  Not bytes, arrays,
   and what the library makes of tables, maps, queues and the like. *)

open Ancient_schema_type
open Ancient_schema_graph

(* The words of core's enum ancient_dedup_type. *)
let any = 0
let keep = 1
let string = 2
let array = 3
let cases = 4
let tags = 5
let lazy_ = 6

(* The root's type begins with word 1. *)
let root_type = 1

type planning = {
  mutable words : int array;
  mutable used : int;
  known : (int, int) Stdlib.Hashtbl.t;  (** the type of a node, by its number *)
  waiting : (int * node) Queue.t;  (** types whose words are to be filled in *)
}

let allocate planning count =
  let at = planning.used in
  planning.used <- at + count;
  if planning.used > Array.length planning.words then begin
    let words = Array.make (2 * planning.used) any in
    Array.blit planning.words 0 words 0 at;
    planning.words <- words
  end;
  at

let set planning at words = List.iteri (fun i word -> planning.words.(at + i) <- word) words

let is_block { constr; _ } =
  match constr.args with Constant -> false | Args _ | Inline _ -> true

let with_arguments = List.filter (fun (_, argument) -> Option.is_some argument)

(* How many words a type has. *)
let size node =
  match node.shape with
  | Pending | Of_base _ | Of_bigarray _ -> 1
  | Of_applied ((Array | Lazy), _) -> 2
  | Of_applied (Result, _) -> 4
  | Of_tuple _ | Of_applied _ | Of_record _ | Of_container _ -> 3
  | Of_polymorphic { tags; _ } -> 2 + (3 * List.length (with_arguments tags))
  | Of_variant { cases; _ } -> 2 + List.length (List.filter is_block cases)

let type_of planning node =
  let node = through_unboxed node in
  match Stdlib.Hashtbl.find_opt planning.known node.number with
  | Some at -> at
  | None ->
    let at = allocate planning (size node) in
    Stdlib.Hashtbl.add planning.known node.number at;
    Queue.add (at, node) planning.waiting;
    at

(* Blocks by tag, each with its fields' types and whether it may be shared. *)
let set_cases planning at found =
  let case (shared, types) =
    let case = allocate planning (2 + List.length types) in
    set planning case (List.length types :: Bool.to_int shared :: types);
    case
  in
  let found = List.map case found in
  set planning at (cases :: List.length found :: found)

let set_array planning at element = set planning at [ array; element ]

let members planning found =
  ( not (List.exists (fun m -> m.field.mutable_) found),
    List.map (fun m -> type_of planning m.node) found )

(* Cells of a table are mutable. *)
let set_table planning at key value =
  let buckets = allocate planning 2 and cell = allocate planning 3 in
  set_array planning buckets cell;
  set_cases planning cell [ (false, [ type_of planning key; type_of planning value; cell ]) ];
  set_cases planning at [ (false, [ any; buckets; any; any ]) ]

let set_container planning at kind key value =
  let key () = type_of planning key in
  match (kind, value) with
  | Map, Some value ->
    set_cases planning at [ (false, [ at; key (); type_of planning value; at; any ]) ]
  | (Map | Set | Hashtable), _ -> set_cases planning at [ (false, [ at; key (); at; any ]) ]

(* Their block is mutable, and so are cells of a queue. *)
let set_holder planning at holder node =
  let fields =
    match (holder, node.shape) with
    | Queue, Of_applied (List, [ element ]) ->
      let cell = allocate planning 3 in
      set_cases planning cell [ (false, [ type_of planning element; cell ]) ];
      [ any; cell; cell ]
    | Dynarray, _ -> [ any; type_of planning node; any ]
    | _ -> [ type_of planning node; any ]
  in
  set_cases planning at [ (false, fields) ]

let set_applied planning at applied nodes =
  let type_of = type_of planning in
  match (applied, nodes) with
  | List, [ node ] -> set_cases planning at [ (true, [ type_of node; at ]) ]
  | Option, [ node ] -> set_cases planning at [ (true, [ type_of node ]) ]
  | Ref, [ node ] -> set_cases planning at [ (false, [ type_of node ]) ]
  | Array, [ node ] -> set_array planning at (type_of node)
  | Result, [ ok; error ] ->
    set_cases planning at [ (true, [ type_of ok ]); (true, [ type_of error ]) ]
  | Lazy, [ node ] -> set planning at [ lazy_; type_of node ]
  | Hashtbl, [ key; value ] -> set_table planning at key value
  | (Queue | Stack | Dynarray), [ node ] -> set_holder planning at applied node
  | _ -> set planning at [ keep ]

(* A constructor as it is in memory, cut to 32 bits; core searches among them. *)
let tag_word name = ((2 * hash_tag name) + 1) land 0xFFFFFFFF

let set_tags planning at found =
  let entry (name, argument) =
    Option.map (fun node -> [ tag_word name; any; type_of planning node ]) argument
  in
  let entries = List.sort Stdlib.compare (List.filter_map entry found) in
  set planning at (tags :: List.length entries :: List.concat entries)

let fill planning (at, node) =
  match node.shape with
  | Of_base String -> set planning at [ string ]
  | Of_base Bytes -> set planning at [ keep ]
  | Pending | Of_base _ | Of_bigarray _ -> set planning at [ any ]
  | Of_tuple nodes ->
    set_cases planning at [ (true, List.map (type_of planning) nodes) ]
  | Of_applied (applied, nodes) -> set_applied planning at applied nodes
  | Of_container { kind = Hashtable; key; value = Some value; _ } ->
    set_table planning at key value
  | Of_container { kind; key; value; _ } -> set_container planning at kind key value
  | Of_polymorphic { tags = found; _ } -> set_tags planning at found
  | Of_record { fields; _ } -> set_cases planning at [ members planning fields ]
  | Of_variant { cases; _ } ->
    set_cases planning at
      (List.map (fun case -> members planning case.members) (List.filter is_block cases))

let encode planning =
  let words = Bytes.create (4 * planning.used) in
  for i = 0 to planning.used - 1 do
    Bytes.set_int32_le words (4 * i) (Int32.of_int planning.words.(i))
  done;
  Bytes.unsafe_to_string words

(* The words for core, as the bytes of 32-bit integers. *)
let make root =
  let planning =
    { words = [| any |]; used = root_type; known = Stdlib.Hashtbl.create 64;
      waiting = Queue.create () }
  in
  ignore (type_of planning root : int);
  while not (Queue.is_empty planning.waiting) do
    fill planning (Queue.pop planning.waiting)
  done;
  encode planning
