(* ocaml/schema: checks schemas made by combinators against a first value.  Combinators cannot see
   the type's declaration, so each field is given with its accessor; before the first value of a
   type is shared, its first block must hold, field by field, what the accessors return.  A
   field that was forgotten, or declared in another order, is found here and not by a reader in
   another language.

   The walk follows the schema and enters only blocks that it has checked.  It ends when each
   type was seen, or after [max_visits] blocks. *)

open Ancient_schema_type
open Ancient_schema_graph

let max_visits = 100_000

(* The declarations with accessors that can be reached from a node, each once. *)
let with_accessors root =
  let found = ref [] in
  iter_nodes
    (fun node ->
       match node.shape with
       | (Of_record { decl; _ } | Of_variant { decl; _ })
         when Array.length decl.probed > 0 ->
         found := decl :: !found
       | _ -> ())
    root;
  !found

let is_probed decl = Array.for_all Fun.id decl.probed

(* Whether an accessor's result is the block's field: the same pointer, or an equal boxed number,
   because an accessor may box a float again. *)
let same a b =
  a == b
  || Obj.is_block a && Obj.is_block b
     && Obj.tag a = Obj.tag b
     && (Obj.tag a = Obj.double_tag || Obj.tag a = Obj.custom_tag)
     && compare a b = 0

let field_at block i =
  if Obj.tag block = Obj.double_array_tag then Obj.repr (Obj.double_field block i)
  else Obj.field block i

let check_field where block i f =
  match f.read with
  | None -> ()
  | Some read -> (
      let name = if f.label = "" then Printf.sprintf "argument %d" (i + 1)
        else Printf.sprintf "field %S" f.label in
      match read block with
      | Some value when same value (field_at block i) -> ()
      | Some _ ->
        refuse
          "%s: the accessor of %s gives something else than the value's field %d: \
           give all of them, in the order of the declaration"
          where name i
      | None -> refuse "%s: the accessor of %s gives None for its own constructor" where name)

let check_block where block members =
  let size = Obj.size block in
  let count = List.length members in
  if size <> count then
    refuse "%s: a value has %d fields, the schema %d" where size count;
  List.iteri (fun i m -> check_field where block i m.field) members

type walk = { queue : (node * Obj.t) Queue.t; mutable visits : int }

let push walk node value =
  if Obj.is_block value && walk.visits < max_visits then begin
    walk.visits <- walk.visits + 1;
    Queue.add (node, value) walk.queue
  end

let push_members walk block members =
  if Obj.tag block <> Obj.double_array_tag then
    List.iteri (fun i m -> push walk m.node (Obj.field block i)) members

let mark decl i = if i < Array.length decl.probed then decl.probed.(i) <- true

let record walk decl unboxed fields value =
  if unboxed then List.iter (fun m -> push walk m.node value) fields
  else begin
    let tag = Obj.tag value in
    if tag <> 0 && tag <> Obj.double_array_tag then
      refuse "type %s: a value is no record" (path decl);
    check_block ("type " ^ path decl) value fields;
    mark decl 0;
    push_members walk value fields
  end

let variant walk decl unboxed cases value =
  if unboxed then
    List.iter (fun c -> List.iter (fun m -> push walk m.node value) c.members) cases
  else
    let rec find i tag = function
      | [] -> refuse "type %s: a value has a constructor too many" (path decl)
      | { constr = { args = Constant; _ }; _ } :: cases -> find (i + 1) tag cases
      | case :: cases -> if tag = 0 then (i, case) else find (i + 1) (tag - 1) cases
    in
    let i, case = find 0 (Obj.tag value) cases in
    check_block
      (Printf.sprintf "type %s, constructor %s" (path decl) case.constr.constr_name)
      value case.members;
    mark decl i;
    push_members walk value case.members

let polymorphic walk tags value =
  if Obj.size value = 2 && Obj.is_int (Obj.field value 0) then
    let hash : int = Obj.obj (Obj.field value 0) in
    List.iter
      (fun (name, argument) ->
         match argument with
         | Some t when hash_tag name = hash -> push walk t (Obj.field value 1)
         | _ -> ())
      tags

let elements walk node block =
  if Obj.tag block = 0 then
    for i = 0 to min (Obj.size block) max_visits - 1 do
      push walk node (Obj.field block i)
    done

(* Behind its elements an array that is on the heap has spare room. *)
let dynarray walk node value =
  let array = Obj.field value 1 in
  for i = 0 to min (Obj.obj (Obj.field value 0)) max_visits - 1 do
    push walk node (Obj.field array i)
  done

let rec bucket walk key value cell =
  if Obj.is_block cell && walk.visits < max_visits then begin
    walk.visits <- walk.visits + 1;
    push walk key (Obj.field cell 0);
    push walk value (Obj.field cell 1);
    bucket walk key value (Obj.field cell 2)
  end

let table walk key value block =
  let buckets = Obj.field block 1 in
  for i = 0 to min (Obj.size buckets) max_visits - 1 do
    bucket walk key value (Obj.field buckets i)
  done

let visit walk node value =
  match node.shape with
  | Pending | Of_base _ | Of_bigarray _ -> ()
  | Of_tuple nodes -> List.iteri (fun i n -> push walk n (Obj.field value i)) nodes
  | Of_applied (List, [ n ]) ->
    push walk n (Obj.field value 0);
    push walk node (Obj.field value 1)
  | Of_applied (Array, [ n ]) -> elements walk n value
  | Of_applied ((Option | Ref), [ n ]) -> push walk n (Obj.field value 0)
  | Of_applied (Result, [ ok; error ]) ->
    push walk (if Obj.tag value = 0 then ok else error) (Obj.field value 0)
  | Of_applied (Lazy, [ n ]) ->
    let tag = Obj.tag value in
    if tag = Obj.forward_tag then push walk n (Obj.field value 0)
    else if tag <> Obj.lazy_tag then push walk n value
  | Of_applied (Hashtbl, [ key; v ])
  | Of_container { kind = Hashtable; key; value = Some v; _ } -> table walk key v value
  | Of_applied (Stack, [ n ]) -> push walk n (Obj.field value 0)
  | Of_applied (Queue, [ n ]) -> push walk n (Obj.field value 1)
  | Of_applied (Dynarray, [ { shape = Of_applied (Array, [ n ]); _ } ]) ->
    dynarray walk n value
  | Of_applied _ -> ()
  | Of_container { kind = Map; key; value = v; _ } ->
    push walk node (Obj.field value 0);
    push walk key (Obj.field value 1);
    Option.iter (fun v -> push walk v (Obj.field value 2)) v;
    push walk node (Obj.field value 3)
  | Of_container { kind = Set | Hashtable; key; _ } ->
    push walk node (Obj.field value 0);
    push walk key (Obj.field value 1);
    push walk node (Obj.field value 2)
  | Of_polymorphic { tags; _ } -> polymorphic walk tags value
  | Of_record { decl; unboxed; fields } -> record walk decl unboxed fields value
  | Of_variant { decl; unboxed; cases } -> variant walk decl unboxed cases value

(* Checks a first block of each type of [graph] in [value].  @raise Refused *)
let check graph value =
  let wanted = List.filter (fun d -> not (is_probed d)) (with_accessors graph) in
  if List.compare_length_with wanted 0 > 0 then begin
    let walk = { queue = Queue.create (); visits = 0 } in
    push walk graph value;
    while
      not (Queue.is_empty walk.queue)
      && not (List.for_all is_probed wanted)
    do
      let node, value = Queue.pop walk.queue in
      visit walk node value
    done
  end
