(* ocaml/schema: compiles a graph into predicates, one for each type, that say whether a block or
   an immediate can be a value of it (spec/FORMAT.md, 12.3 and 12.4).  Ancient_schema_walk
   applies them to untrusted files.  They are stricter than the format where a wrong value
   would harm the library that uses it: heights of maps, cells of hash tables, digits of
   Zarith's integers.

   A predicate looks at one block; the walk continues below it. *)

open Ancient_schema_type
open Ancient_schema_graph

exception Wrong of string

let wrong format = Printf.ksprintf (fun text -> raise (Wrong text)) format

type t = {
  number : int;
  words : string Stdlib.Lazy.t;  (** the type, for messages *)
  mutable immediate : int -> bool;  (** which immediates are of the type *)
  mutable block : Obj.t -> parts;
  mutable once : bool;  (** a block may be met only once: no sharing, hence no cycle *)
}

(** What is to be checked below a block. *)
and parts =
  | Nothing
  | Fields of t array  (** one for each field *)
  | Each of t  (** all fields alike *)
  | Same of t  (** the block itself, as a value of another type *)

let no_immediate _ = false
let is_zero i = i = 0

(* ---- Words for what was found ---- *)

let found value =
  if Obj.is_int value then Printf.sprintf "the immediate %d" (Obj.obj value : int)
  else
    let tag = Obj.tag value in
    if tag = Obj.string_tag then "a string"
    else if tag = Obj.double_tag then "a float"
    else if tag = Obj.double_array_tag then
      Printf.sprintf "an array of %d floats" (Obj.size value)
    else if tag = Obj.custom_tag then "a custom block"
    else if tag = Obj.forward_tag then "a lazy"
    else Printf.sprintf "a block of tag %d with %d fields" tag (Obj.size value)

let mismatch plan value =
  wrong "expected %s, found %s" (Stdlib.Lazy.force plan.words) (found value)

(* ---- Blocks ---- *)

let is_block tag size value = Obj.tag value = tag && Obj.size value = size

(* A block of this tag, of any number of fields. *)
let leaf tag plan value = if Obj.tag value = tag then Nothing else mismatch plan value
let is_empty_array value = is_block 0 0 value

let fields tag plans plan =
  let size = Array.length plans and parts = Fields plans in
  fun value -> if is_block tag size value then parts else mismatch plan value

external custom_identifier : Obj.t -> string = "ancient_ml_custom_identifier"

let custom identifier plan value =
  if String.equal (custom_identifier value) identifier then Nothing else mismatch plan value

(* Zarith relies on a last limb that is not 0, and on numbers that fit an int being immediate. *)
let zarith plan value =
  if not (String.equal (custom_identifier value) "_z") then mismatch plan value;
  let limbs = Nativeint.(to_int (logand (Obj.raw_field value 1) max_int)) in
  if
    limbs < 1
    || Obj.raw_field value (1 + limbs) = 0n
    || limbs = 1
       && Obj.raw_field value 2 > 0n
       && Obj.raw_field value 2 < Nativeint.shift_left 1n 62
  then wrong "expected Z.t, found an integer that is not in its shortest form";
  Nothing

let kinds =
  [| "float32"; "float64"; "int8"; "uint8"; "int16"; "uint16"; "int32"; "int64"; "int";
     "nativeint"; "complex32"; "complex64"; "char"; "float16" |]

let bigarray { kind; layout; dims } plan value =
  let word i = Nativeint.to_int (Obj.raw_field value i) in
  if not (String.equal (custom_identifier value) "_bigarr02") then mismatch plan value;
  let flags = word 3 in
  let found_kind = flags land 0xFF in
  let found_layout = if flags land 0x100 <> 0 then "fortran" else "c" in
  if
    found_kind >= Array.length kinds
    || not (String.equal kinds.(found_kind) kind && String.equal found_layout layout)
    || (match dims with Some n -> n <> word 2 | None -> false)
  then
    wrong "expected %s, found a bigarray of other kind, layout or dimensions"
      (Stdlib.Lazy.force plan.words);
  Nothing

(* ---- Containers ---- *)

let int_field value i =
  let field = Obj.field value i in
  if Obj.is_int field then (Obj.obj field : int)
  else wrong "expected a number in field %d of a container, found a block" i

(* A node's height must exceed the heights below it, which also excludes cycles. *)
let tree size plans plan =
  let height value =
    if Obj.is_int value then 0
    else if is_block 0 size value then int_field value (size - 1)
    else mismatch plan value
  in
  fun value ->
    let left = height (Obj.field value 0) and right = height (Obj.field value (size - 2)) in
    let here = height value in
    if here <> 1 + max left right || abs (left - right) > 2 then
      wrong "%s: a node of height %d above nodes of %d and %d"
        (Stdlib.Lazy.force plan.words) here left right;
    Fields plans

let tree size plans plan value =
  if is_block 0 size value then tree size plans plan value else mismatch plan value

let is_power_of_two n = n > 0 && n land (n - 1) = 0

let table parts plan value =
  if not (is_block 0 4 value) then mismatch plan value;
  List.iter (fun i -> ignore (int_field value i)) [ 0; 2; 3 ];
  let buckets = Obj.field value 1 in
  if not (Obj.is_block buckets && Obj.tag buckets = 0 && is_power_of_two (Obj.size buckets))
  then wrong "expected an array of buckets, found %s" (found buckets);
  parts

(* ---- Variants ---- *)

let constants cases =
  let constant { constr; _ } =
    match constr.args with Constant -> true | Args _ | Inline _ -> false
  in
  let count = List.length (List.filter constant cases) in
  fun i -> i >= 0 && i < count

let constructors plans_of cases plan =
  let parts =
    List.filter_map
      (fun { constr; members } ->
         match constr.args with
         | Constant -> None
         | Args _ | Inline _ -> Some (plans_of (List.map (fun m -> m.node) members)))
      cases
    |> Array.of_list
  in
  fun value ->
    let tag = Obj.tag value in
    if tag < Array.length parts && Obj.size value = Array.length parts.(tag) then
      Fields parts.(tag)
    else mismatch plan value

let is_member table = Stdlib.Hashtbl.mem table

let tags plan_of any_int tags plan =
  let constants = Stdlib.Hashtbl.create 8 and others = Stdlib.Hashtbl.create 8 in
  List.iter
    (fun (name, argument) ->
       let hash = hash_tag name in
       match argument with
       | None -> Stdlib.Hashtbl.replace constants hash ()
       | Some node -> Stdlib.Hashtbl.replace others hash (Fields [| any_int; plan_of node |]))
    tags;
  plan.immediate <- is_member constants;
  plan.block <-
    (fun value ->
       if not (is_block 0 2 value && Obj.is_int (Obj.field value 0)) then mismatch plan value;
       match Stdlib.Hashtbl.find_opt others (Obj.obj (Obj.field value 0) : int) with
       | Some parts -> parts
       | None -> mismatch plan value)

(* ---- The plan (predicate) of each node ---- *)

type planning = {
  mutable count : int;
  known : (int, t) Stdlib.Hashtbl.t;  (** by the number of a node *)
  waiting : (t * node) Queue.t;  (** predicates to fill in *)
  mutable any_int : t option;
}

let fresh planning words =
  let plan =
    { number = planning.count; words; immediate = no_immediate; once = false;
      block = (fun _ -> Nothing) }
  in
  planning.count <- planning.count + 1;
  plan

let plan_of planning node =
  let node = through_unboxed node in
  match Stdlib.Hashtbl.find_opt planning.known node.number with
  | Some plan -> plan
  | None ->
    let plan = fresh planning (lazy (words node)) in
    Stdlib.Hashtbl.add planning.known node.number plan;
    Queue.add (plan, node) planning.waiting;
    plan

let any_int planning =
  match planning.any_int with
  | Some plan -> plan
  | None ->
    let plan = fresh planning (lazy "int") in
    plan.immediate <- (fun _ -> true);
    plan.block <- mismatch plan;
    planning.any_int <- Some plan;
    plan

let base plan base =
  let immediate holds =
    plan.immediate <- holds;
    plan.block <- mismatch plan
  in
  match base with
  | Unit -> immediate is_zero
  | Bool -> immediate (fun i -> i = 0 || i = 1)
  | Int -> immediate (fun _ -> true)
  | Char -> immediate (fun i -> i >= 0 && i <= 255)
  | String | Bytes -> plan.block <- leaf Obj.string_tag plan
  | Float -> plan.block <- leaf Obj.double_tag plan
  | Int32 -> plan.block <- custom "_i" plan
  | Int64 -> plan.block <- custom "_j" plan
  | Nativeint -> plan.block <- custom "_n" plan
  | Z ->
    plan.immediate <- (fun _ -> true);
    plan.block <- zarith plan
  | Floatarray ->
    plan.block <-
      (fun value -> if is_empty_array value then Nothing else leaf Obj.double_array_tag plan value)

let array plan_of node plan =
  let parts = if is_float node then Nothing else Each (plan_of node) in
  let tag = if is_float node then Obj.double_array_tag else 0 in
  fun value ->
    if is_empty_array value then Nothing
    else if Obj.tag value = tag then parts
    else mismatch plan value

(* A forced lazy float keeps its Forward block: without it Array.map would take an array of lazies
   for an array of floats. *)
let lazy_of target plan value =
  let tag = Obj.tag value in
  if tag = Obj.forward_tag then Fields [| target |]
  else if tag = Obj.double_tag then mismatch plan value
  else Same target

let record decl members plans plan =
  let flat = all_floats members && Ancient_schema_layout.of_decl decl = Some Flat in
  if not flat then fields 0 plans plan
  else
    let size = Array.length plans in
    fun value ->
      if is_block Obj.double_array_tag size value then Nothing else mismatch plan value

(* Buffer.t reads its bytes up to its position without looking at their length.  The bytes and
   their length are fields of the block until OCaml 4.14, and of the one in its first field later. *)
let buffer fields_of plan value =
  let parts = fields_of plan value in
  let inner = Obj.field value 0 in
  let bytes, length =
    if Obj.size value = 4 then (inner, Obj.field value 2)
    else if is_block 0 2 inner then (Obj.field inner 0, Obj.field inner 1)
    else mismatch plan value
  in
  let position = int_field value 1 in
  if
    not (Obj.is_block bytes && Obj.tag bytes = Obj.string_tag && Obj.is_int length
         && Bytes.length (Obj.obj bytes) = Obj.obj length
         && 0 <= position && position <= Obj.obj length)
  then wrong "expected a Buffer.t, found one whose length or position is wrong";
  parts

let hashtable planning key value plan =
  let buckets = fresh planning (lazy "an array of buckets") in
  let cell = fresh planning (lazy "a cell of a table") in
  let int = any_int planning in
  buckets.once <- true;
  buckets.block <- (fun _ -> Each cell);
  cell.once <- true;
  cell.immediate <- is_zero;
  cell.block <- fields 0 [| key; value; cell |] cell;
  plan.block <- table (Fields [| int; buckets; int; int |]) plan

let container planning plan kind key value =
  let key = plan_of planning key in
  let value = Option.map (plan_of planning) value in
  let int = any_int planning in
  match (kind, value) with
  | Hashtable, Some value -> hashtable planning key value plan
  | Map, Some value ->
    plan.immediate <- is_zero;
    plan.block <- tree 5 [| plan; key; value; plan; int |] plan
  | (Set | Map | Hashtable), _ ->
    plan.immediate <- is_zero;
    plan.block <- tree 4 [| plan; key; plan; int |] plan

(* Its array is never flat, and is as long as it says. *)
let dynarray planning element plan =
  let elements = fresh planning (lazy "the array of a dynarray") in
  let dummy = fresh planning (lazy "the dummy of a dynarray") in
  elements.block <-
    (fun value -> if Obj.tag value = 0 then Each element else mismatch elements value);
  dummy.block <- fields 0 [| any_int planning |] dummy;
  let parts = fields 0 [| any_int planning; elements; dummy |] plan in
  plan.block <-
    (fun value ->
       let parts = parts value in
       if not (Obj.is_block (Obj.field value 1)
               && int_field value 0 = Obj.size (Obj.field value 1))
       then wrong "expected a dynarray with an array of its length";
       parts)

let applied planning plan applied nodes =
  let plan_of = plan_of planning in
  let or_zero () = plan.immediate <- is_zero in
  match (applied, nodes) with
  | List, [ node ] ->
    or_zero ();
    plan.block <- fields 0 [| plan_of node; plan |] plan
  | Option, [ node ] ->
    or_zero ();
    plan.block <- fields 0 [| plan_of node |] plan
  | Ref, [ node ] -> plan.block <- fields 0 [| plan_of node |] plan
  | Array, [ node ] -> plan.block <- array plan_of node plan
  | Result, [ ok; error ] ->
    let ok = fields 0 [| plan_of ok |] plan and error = fields 1 [| plan_of error |] plan in
    plan.block <- (fun value -> if Obj.tag value = 0 then ok value else error value)
  | Lazy, [ node ] ->
    let target = plan_of node in
    (* read at the call: the target's predicate may not be filled in yet *)
    plan.immediate <- (fun i -> target.immediate i);
    plan.block <- lazy_of target plan
  | Hashtbl, [ key; value ] -> container planning plan Hashtable key (Some value)
  | Stack, [ node ] -> plan.block <- fields 0 [| plan_of node; any_int planning |] plan
  | Queue, [ node ] ->
    plan.block <- fields 0 [| any_int planning; plan_of node; plan_of node |] plan
  | Dynarray, [ { shape = Of_applied (Array, [ node ]); _ } ] ->
    dynarray planning (plan_of node) plan
  | _ -> refuse "a type with a wrong number of arguments"

let fill planning (plan, node) =
  let plans nodes = Array.of_list (List.map (plan_of planning) nodes) in
  match node.shape with
  | Pending -> refuse "a type that is not known"
  | Of_base b -> base plan b
  | Of_bigarray b -> plan.block <- bigarray b plan
  | Of_tuple nodes -> plan.block <- fields 0 (plans nodes) plan
  | Of_applied (a, nodes) -> applied planning plan a nodes
  | Of_container { kind; key; value; _ } -> container planning plan kind key value
  | Of_polymorphic { tags = found; _ } ->
    tags (plan_of planning) (any_int planning) found plan
  | Of_record { decl; fields; _ } ->
    let record = record decl fields (plans (List.map (fun m -> m.node) fields)) in
    plan.block <- (if path decl = "Buffer.t" then buffer record plan else record plan)
  | Of_variant { cases; _ } ->
    plan.immediate <- constants cases;
    plan.block <- constructors plans cases plan

(* The predicate of the root, with those of all types below it filled in. *)
let make root =
  let planning =
    { count = 0; known = Stdlib.Hashtbl.create 64; waiting = Queue.create (); any_int = None }
  in
  let plan = plan_of planning root in
  while not (Queue.is_empty planning.waiting) do
    fill planning (Queue.pop planning.waiting)
  done;
  plan
