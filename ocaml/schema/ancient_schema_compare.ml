(* ocaml/schema: computes the fingerprint of a schema (spec/FORMAT.md, 12.5). *)

open Ancient_schema_type
open Ancient_schema_graph

(* XXH3-128 in its canonical form: 16 bytes. *)
external hash128 : string -> string = "ancient_ml_hash128"

let base_code = function Z -> "z" | base -> base_name base

let applied_code = function
  | Lazy -> "lazy"
  | Hashtbl -> "hashtbl"
  | Queue -> "queue"
  | Stack -> "stack"
  | Dynarray -> "dynarray"
  | applied -> applied_name applied

let container_code kind standard =
  (if standard then "standard-" else "")
  ^ (match kind with Map -> "map" | Set -> "set" | Hashtable -> "hashtable")

let encoding root =
  let out = Buffer.create 1024 in
  let numbered = Stdlib.Hashtbl.create 16 in
  let add = Buffer.add_string out in
  let separated separator f =
    List.iteri (fun i x -> if i > 0 then add separator; f x)
  in
  let rec encode node =
    (* a type without a number is written out at each use, so small types can have a huge encoding *)
    if Buffer.length out > max_encoding then refuse "the types are too large";
    match node.shape with
    | Pending -> assert false (* the graph is complete *)
    | Of_base base -> add (base_code base)
    | Of_tuple nodes ->
      add "(";
      separated "*" encode nodes;
      add ")"
    | Of_applied (applied, nodes) -> call (applied_code applied) nodes
    | Of_bigarray { kind; layout; dims } ->
      let dims = match dims with None -> "n" | Some n -> string_of_int n in
      add (Printf.sprintf "bigarray(%s,%s,%s)" kind layout dims)
    | Of_container { kind; standard; key; value } ->
      call (container_code kind standard) (key :: Option.to_list value)
    | Of_polymorphic { declared = None; tags } -> polymorphic tags
    | Of_polymorphic { declared = Some _; tags } ->
      once node false (fun () -> polymorphic tags)
    | Of_record { unboxed; fields; _ } ->
      once node unboxed (fun () -> record fields)
    | Of_variant { unboxed; cases; _ } ->
      once node unboxed (fun () ->
          add "[";
          separated "|" case cases;
          add "]")
  and polymorphic tags =
    add "[";
    separated "|"
      (fun (name, argument) ->
         add "`";
         call name (Option.to_list argument))
      tags;
    add "]"
  and call name nodes =
    add name;
    if nodes <> [] then begin
      add "(";
      separated "," encode nodes;
      add ")"
    end
  and once node unboxed rest =
    match Stdlib.Hashtbl.find_opt numbered node.number with
    | Some n -> add ("#" ^ string_of_int n)
    | None ->
      Stdlib.Hashtbl.add numbered node.number (Stdlib.Hashtbl.length numbered);
      if unboxed then add "unboxed";
      rest ()
  and record fields =
    add "{";
    separated ";"
      (fun { field; node } ->
         add field.label;
         add ":";
         encode node)
      fields;
    add "}"
  and case { constr; members } =
    match constr.args with
    | Inline _ ->
      add constr.constr_name;
      record members
    | Constant | Args _ ->
      call constr.constr_name (List.map (fun m -> m.node) members)
  in
  encode root;
  Buffer.contents out
