(* ocaml/schema: computes the fingerprint of a schema (spec/FORMAT.md, 12.5) and describes the first
   difference between two schemas. *)

open Ancient_schema_type
open Ancient_schema_graph

(* ---- Fingerprints ---- *)

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

(* ---- Differences ---- *)

module Pairs = Set.Make (struct
    type t = int * int
    let compare = Stdlib.compare
  end)

exception Different of string

let differ where format =
  Printf.ksprintf (fun text -> raise (Different (where ^ ": " ^ text))) format

let unboxed_word unboxed = if unboxed then "unboxed" else "not unboxed"

(* How a message names both sides; where the names are equal, what else tells them apart. *)
let differ_in_kind where ours theirs =
  let kind node =
    match node.shape with
    | Of_record _ -> "a record, "
    | Of_variant _ -> "a variant, "
    | _ -> ""
  in
  let a = words ours and b = words theirs in
  let a, b = if a = b then (kind ours ^ a, kind theirs ^ b) else (a, b) in
  differ where "expected %s, the file has %s" a b

let order_word kind standard =
  match (kind, standard) with
  | Hashtable, true -> "the standard hash"
  | Hashtable, false -> "a hash of its own"
  | (Map | Set), true -> "the standard order"
  | (Map | Set), false -> "an order of its own"

(* Types of the standard library that OCaml has changed: with which version, and what is the same in
   all of them. *)
let changed =
  [ ("Buffer.t", "OCaml 5.0 changed Buffer.t; Buffer.contents is the same in all versions");
    ("Dynarray.t", "OCaml 5.3 changed Dynarray.t; Dynarray.to_array is the same in all versions") ]

let library_name node =
  match node.shape with
  | Of_record { decl; _ } -> path decl
  | Of_applied (applied, _) -> applied_name applied
  | _ -> ""

(* [f ()], whose difference is one between versions of OCaml where both are the same such type. *)
let between_versions a b f =
  let name = library_name a in
  match List.assoc_opt name changed with
  | Some reason when String.equal name (library_name b) -> (
      try f () with Different text -> raise (Different (text ^ " (" ^ reason ^ ")")))
  | _ -> f ()

(* The first difference between what the program expects and what the file has, or None
   where they have the same representation and the same names in it. *)
let first_difference ours theirs =
  let seen = ref Pairs.empty in
  let rec compare where a b =
    let pair = (a.number, b.number) in
    if not (Pairs.mem pair !seen) then begin
      seen := Pairs.add pair !seen;
      shapes where a b
    end
  and shapes where a b =
    match (a.shape, b.shape) with
    | Of_base x, Of_base y when x = y -> ()
    | Of_bigarray x, Of_bigarray y when x = y -> ()
    | Of_tuple x, Of_tuple y when List.compare_lengths x y = 0 ->
      both "element" where x y
    | Of_applied (x, xs), Of_applied (y, ys) when x = y ->
      both "argument" where xs ys
    | Of_container x, Of_container y when x.kind = y.kind ->
      if x.standard <> y.standard then
        differ where "expected %s with %s, the file has one with %s" (words a)
          (order_word x.kind x.standard) (order_word y.kind y.standard);
      compare ("key of " ^ where) x.key y.key;
      (match (x.value, y.value) with
       | Some v, Some w -> compare ("value of " ^ where) v w
       | _ -> ())
    | Of_polymorphic x, Of_polymorphic y -> polymorphic where a b x.tags y.tags
    | Of_record x, Of_record y ->
      let where = "type " ^ path x.decl in
      unboxed where x.unboxed y.unboxed;
      between_versions a b (fun () -> members where x.fields y.fields);
      if (not x.unboxed) && all_floats x.fields then layouts where x.decl y.decl
    | Of_variant x, Of_variant y ->
      let where = "type " ^ path x.decl in
      unboxed where x.unboxed y.unboxed;
      cases where x.cases y.cases
    | _ -> between_versions a b (fun () -> differ_in_kind where a b)
  and both what where xs ys =
    List.iteri
      (fun i (x, y) -> compare (Printf.sprintf "%s %d of %s" what (i + 1) where) x y)
      (List.combine xs ys)
  and unboxed where x y =
    if x <> y then
      differ where "expected it %s, in the file it is %s" (unboxed_word x)
        (unboxed_word y)
  and layouts where x y =
    match Ancient_schema_layout.(of_decl x, of_decl y) with
    | Some x, Some y when x <> y ->
      differ where "expected its floats %s, in the file they are %s: one of the two \
                    programs cannot see through a signature that they are float"
        (Ancient_schema_layout.word x) (Ancient_schema_layout.word y)
    | _ -> ()
  and members where xs ys =
    match (xs, ys) with
    | [], [] -> ()
    | x :: _, [] ->
      differ where "expected field %S, the file has no more fields" x.field.label
    | [], y :: _ ->
      differ where "expected no more fields, the file has field %S" y.field.label
    | x :: xs, y :: ys ->
      if x.field.label <> y.field.label then
        differ where "expected field %S, the file has field %S" x.field.label
          y.field.label;
      compare (Printf.sprintf "field %S of %s" x.field.label where) x.node y.node;
      members where xs ys
  and cases where xs ys =
    match (xs, ys) with
    | [], [] -> ()
    | x :: _, [] ->
      differ where "expected constructor %s, the file has no more constructors"
        x.constr.constr_name
    | [], y :: _ ->
      differ where "expected no more constructors, the file has %s"
        y.constr.constr_name
    | x :: xs, y :: ys ->
      case where x y;
      cases where xs ys
  and case where x y =
    let name = x.constr.constr_name in
    if name <> y.constr.constr_name then
      differ where "expected constructor %s, the file has %s" name
        y.constr.constr_name;
    let where = Printf.sprintf "constructor %s of %s" name where in
    match (x.constr.args, y.constr.args) with
    | Inline _, Inline _ -> members where x.members y.members
    | (Constant | Args _), (Constant | Args _)
      when List.compare_lengths x.members y.members = 0 ->
      let nodes = List.map (fun m -> m.node) in
      both "argument" where (nodes x.members) (nodes y.members)
    | _ ->
      differ where "expected %s, the file has %s" (arguments_word x)
        (arguments_word y)
  and arguments_word { constr; members } =
    match constr.args with
    | Constant -> "no argument"
    | Inline _ -> "an inline record"
    | Args _ -> (
        match List.length members with
        | 1 -> "1 argument"
        | n -> Printf.sprintf "%d arguments" n)
  and polymorphic where a b xs ys =
    let tags = List.map (fun (name, t) -> (name, Option.is_some t)) in
    if tags xs <> tags ys then differ_in_kind where a b;
    List.iter2
      (fun (name, x) (_, y) ->
         match (x, y) with
         | Some x, Some y -> compare (Printf.sprintf "`%s of %s" name where) x y
         | _ -> ())
      xs ys
  in
  match compare "the value" ours theirs with
  | () -> None
  | exception Different text -> Some text
