(* ocaml/schema: describes the first difference between two schemas, for the errors of
   Ancient.Typed.

   A message names the place in words and, below the top, as a path:
   "field \"name\" of type Dep.t: expected int, the file has string (at [_].depends[_].name)". *)

open Ancient_schema_type
open Ancient_schema_graph

module Pairs = Set.Make (struct
    type t = int * int
    let compare = Stdlib.compare
  end)

exception Different of string

(* Where two types are compared.  In a path [_] is any element or value. *)
type place = {
  words : string;
  path : string;
  steps : int;
}

let top = { words = "the value"; path = ""; steps = 0 }
let step place path words = { words; path = place.path ^ path; steps = place.steps + 1 }

(* "element of the list", and where that list is unless it is the value. *)
let part place path words =
  let words = if place.steps = 0 then words else words ^ " in " ^ place.words in
  step place path words

let differ place format =
  Printf.ksprintf
    (fun text ->
       let at = if place.steps > 1 then Printf.sprintf " (at %s)" place.path else "" in
       raise (Different (Printf.sprintf "%s: %s%s" place.words text at)))
    format

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

(* What a programmer calls the parts of a value of such a type, with their steps of a path. *)
let parts_of_applied : applied -> (string * string) list = function
  | List -> [ ("[_]", "element of the list") ]
  | Array -> [ ("[_]", "element of the array") ]
  | Option -> [ (".Some", "what the option holds") ]
  | Result -> [ (".Ok", "Ok of the result"); (".Error", "Error of the result") ]
  | Ref -> [ (".contents", "what the ref holds") ]
  | Lazy -> [ ("", "what the lazy holds") ]
  | Hashtbl -> [ ("[_]", "key of the table"); ("[_]", "value of the table") ]
  | Queue -> [ ("[_]", "element of the queue") ]
  | Stack -> [ ("[_]", "element of the stack") ]
  | Dynarray -> [ ("[_]", "element of the dynarray") ]

let parts_of_container = function
  | Map -> ("key of the map", "value of the map")
  | Set -> ("element of the set", "")
  | Hashtable -> ("key of the table", "value of the table")

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
      numbered (fun n -> Printf.sprintf "element %d of the tuple" n) where x y
    | Of_applied (x, xs), Of_applied (y, ys) when x = y ->
      List.iter2
        (fun (path, words) (a, b) -> compare (part where path words) a b)
        (parts_of_applied x) (List.combine xs ys)
    | Of_container x, Of_container y when x.kind = y.kind ->
      if x.standard <> y.standard then
        differ where "expected %s with %s, the file has one with %s" (words a)
          (order_word x.kind x.standard) (order_word y.kind y.standard);
      let key, value = parts_of_container x.kind in
      compare (part where "[_]" key) x.key y.key;
      (match (x.value, y.value) with
       | Some v, Some w -> compare (part where "[_]" value) v w
       | _ -> ())
    | Of_polymorphic x, Of_polymorphic y -> polymorphic where a b x.tags y.tags
    | Of_record x, Of_record y ->
      let where = { where with words = "type " ^ path x.decl } in
      unboxed where x.unboxed y.unboxed;
      between_versions a b (fun () -> members where x.fields y.fields);
      if (not x.unboxed) && all_floats x.fields then layouts where x.decl y.decl
    | Of_variant x, Of_variant y ->
      let where = { where with words = "type " ^ path x.decl } in
      unboxed where x.unboxed y.unboxed;
      cases where x.cases y.cases
    | _ -> between_versions a b (fun () -> differ_in_kind where a b)
  and numbered words where xs ys =
    List.iteri
      (fun i (x, y) -> compare (part where (Printf.sprintf "[%d]" i) (words (i + 1))) x y)
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
      let label = x.field.label in
      let words = Printf.sprintf "field %S of %s" label where.words in
      compare (step where ("." ^ label) words) x.node y.node;
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
    let words = Printf.sprintf "constructor %s of %s" name where.words in
    let where = { where with words; path = where.path ^ "." ^ name } in
    match (x.constr.args, y.constr.args) with
    | Inline _, Inline _ -> members where x.members y.members
    | (Constant | Args _), (Constant | Args _)
      when List.compare_lengths x.members y.members = 0 ->
      arguments where
        (List.map (fun m -> m.node) x.members)
        (List.map (fun m -> m.node) y.members)
    | _ ->
      differ where "expected %s, the file has %s" (arguments_word x)
        (arguments_word y)
  and arguments where xs ys =
    match (xs, ys) with
    | [ x ], [ y ] -> compare (step where "" ("argument of " ^ where.words)) x y
    | _ ->
      List.iteri
        (fun i (x, y) ->
           let words = Printf.sprintf "argument %d of %s" (i + 1) where.words in
           compare (step where (Printf.sprintf "[%d]" i) words) x y)
        (List.combine xs ys)
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
         | Some x, Some y -> compare (part where (".`" ^ name) ("argument of `" ^ name)) x y
         | _ -> ())
      xs ys
  in
  match compare top ours theirs with
  | () -> None
  | exception Different text -> Some text
