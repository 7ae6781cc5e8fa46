(* ocaml/ppx: what a file says before anything is derived in it, for Ppx_ancient_names and
   Ppx_ancient.

   It looks through the file for names that may help, and takes [@@deriving ancient] off types that
   are declared nonrec: ppx_deriving, where it is in the same driver, knows no nonrec and refuses
   any that derive. *)

open Ppxlib
open Ast_builder.Default

(* ---- What it declares ---- *)

type file = {
  mutable aliases : (string * Longident.t) list;  (** module H = Hashtbl, the last one first *)
  mutable modules : string list;  (** that have a body in the file *)
  mutable declared : string list;  (** types, without [@@deriving] *)
  mutable wanted : (string * Location.t) list;  (** types called by a plain name *)
  mutable derives : bool;
}

let file = { aliases = []; modules = []; declared = []; wanted = []; derives = false }

let is_deriving a = String.equal a.attr_name.txt "deriving"

let add_declared types =
  if not (List.exists (fun t -> List.exists is_deriving t.ptype_attributes) types) then
    file.declared <- List.map (fun t -> t.ptype_name.txt) types @ file.declared

let look =
  object
    inherit Ast_traverse.iter as super

    method! module_binding binding =
      (match (binding.pmb_name.txt, binding.pmb_expr.pmod_desc) with
       | Some name, Pmod_ident { txt; _ } -> file.aliases <- (name, txt) :: file.aliases
       | Some name, _ -> file.modules <- name :: file.modules
       | None, _ -> ());
      super#module_binding binding

    method! structure_item item =
      (match item.pstr_desc with Pstr_type (_, types) -> add_declared types | _ -> ());
      super#structure_item item

    method! signature_item item =
      (match item.psig_desc with Psig_type (_, types) -> add_declared types | _ -> ());
      super#signature_item item
  end

(* ---- nonrec ---- *)

(* An extension of the deriver's own, in place of the attribute. *)
let nonrec_extension = "ancient_nonrec"

let is_ancient e =
  match e.pexp_desc with
  | Pexp_ident { txt = Lident "ancient"; _ } -> true
  | _ -> false

(* The attribute without the deriver [ancient], where it has it. *)
let without_ancient a =
  match a.attr_payload with
  | PStr [ { pstr_desc = Pstr_eval (e, _); _ } ] when is_ancient e -> Some []
  | PStr [ { pstr_desc = Pstr_eval (({ pexp_desc = Pexp_tuple all; _ } as e), _); _ } ]
    when List.exists is_ancient all ->
    let loc = e.pexp_loc in
    let e =
      match List.filter (fun e -> not (is_ancient e)) all with
      | [ one ] -> one
      | others -> pexp_tuple ~loc others
    in
    Some [ { a with attr_payload = PStr [ pstr_eval ~loc e [] ] } ]
  | _ -> None

(* The declarations without the deriver, where one has it. *)
let not_deriving types =
  let found = ref false in
  let attribute a =
    match if is_deriving a then without_ancient a else None with
    | Some others ->
      found := true;
      others
    | None -> [ a ]
  in
  let types =
    List.map
      (fun t -> { t with ptype_attributes = List.concat_map attribute t.ptype_attributes })
      types
  in
  if !found then Some types else None

let no_deriving_at_all types =
  let others t = List.filter (fun a -> not (is_deriving a)) t.ptype_attributes in
  List.map (fun t -> { t with ptype_attributes = others t }) types

let nonrec_apart =
  object
    inherit Ast_traverse.map as super

    method! structure items =
      List.concat_map
        (fun item ->
           match item.pstr_desc with
           | Pstr_type (Nonrecursive, types) -> (
               match not_deriving types with
               | None -> [ item ]
               | Some types ->
                 let loc = item.pstr_loc in
                 let again = pstr_type ~loc Nonrecursive (no_deriving_at_all types) in
                 [ { item with pstr_desc = Pstr_type (Nonrecursive, types) };
                   pstr_extension ~loc ({ loc; txt = nonrec_extension }, PStr [ again ]) [] ])
           | _ -> [ super#structure_item item ])
        items

    method! signature items =
      List.concat_map
        (fun item ->
           match item.psig_desc with
           | Psig_type (Nonrecursive, types) -> (
               match not_deriving types with
               | None -> [ item ]
               | Some types ->
                 let loc = item.psig_loc in
                 let again = psig_type ~loc Nonrecursive (no_deriving_at_all types) in
                 [ { item with psig_desc = Psig_type (Nonrecursive, types) };
                   psig_extension ~loc ({ loc; txt = nonrec_extension }, PSig [ again ]) [] ])
           | _ -> [ super#signature_item item ])
        items
  end

let begin_file items =
  file.aliases <- [];
  file.modules <- [];
  file.declared <- [];
  file.wanted <- [];
  file.derives <- false;
  look#structure items;
  nonrec_apart#structure items
