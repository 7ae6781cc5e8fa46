(* ocaml/ppx: the expression that makes the schema of a type, for Ppx_ancient. *)

open Ppxlib
open Ast_builder.Default
open Ppx_ancient_names

(* What the grammar of schemas allows as a name (spec/FORMAT.md, 12.2). *)
let is_name name =
  let is_ascii = function
    | 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' | '_' | '\'' -> true
    | _ -> false
  in
  let starts = match name.[0] with 'a' .. 'z' | 'A' .. 'Z' | '_' -> true | _ -> false in
  starts && String.for_all is_ascii name && String.length name <= 255

let check_name loc name = if not (is_name name) then refuse loc "%s is no name for a schema" name

let ghost loc = { loc with loc_ghost = true }

(* ---- Attributes ---- *)

let bytes_on context =
  Attribute.declare "ancient.bytes" context Ast_pattern.(pstr nil) ()

let bytes_type = bytes_on Attribute.Context.core_type
let bytes_field = bytes_on Attribute.Context.label_declaration
let bytes_constructor = bytes_on Attribute.Context.constructor_declaration
let bytes_declaration = bytes_on Attribute.Context.type_declaration
let has attribute node = Option.is_some (Attribute.get attribute node)

let is_unboxed declaration =
  List.exists
    (fun a ->
       match a.attr_name.txt with "unboxed" | "ocaml.unboxed" -> true | _ -> false)
    declaration.ptype_attributes

let without_attributes =
  object
    inherit Ast_traverse.map
    method! attributes _ = []
  end

(* ---- Types ---- *)

(* Where a type stands. *)
type place = {
  parameters : (string * int) list;  (** names of those of the declaration around *)
  group : string list;  (** types declared together *)
  is_recursive : bool;
  declared : core_type option;  (** where the type is all that stands right of the "=" *)
}

let schema_type ~loc t =
  ptyp_constr ~loc { loc; txt = Ldot (Lident "Ancient_schema", "t") } [ t ]

(* Parameters have names of the deriver's own: a program's types may be called as its type
   variables are. *)
let parameter_value i = Printf.sprintf "ancient_p%d" i
let parameter_type i = Printf.sprintf "ancient_t%d" i

let rec has_variable t =
  match t.ptyp_desc with
  | Ptyp_var _ -> true
  | Ptyp_constr (_, types) | Ptyp_tuple types -> List.exists has_variable types
  | Ptyp_variant (rows, _, _) ->
    List.exists
      (fun row ->
         match row.prf_desc with
         | Rtag (_, _, types) -> List.exists has_variable types
         | Rinherit t -> has_variable t)
      rows
  | _ -> false

(* Otherwise the instances of the type would have no end. *)
let check_regular t =
  match t.ptyp_desc with
  | Ptyp_var _ -> ()
  | _ ->
    if has_variable t then
      refuse t.ptyp_loc
        "recursion that is not regular: the arguments of a recursive use must be \
         parameters or types without them"

(* function (_, x, _) -> x *)
let nth_of ~loc count i =
  let part j = if j = i then pvar ~loc "ancient_x" else ppat_any ~loc in
  ppat_tuple ~loc (List.init count part)

let fun_ ~loc pattern body = pexp_fun ~loc Nolabel None pattern body
let value ~loc = evar ~loc "ancient_x"

(* An expression of type t Ancient.Schema.t. *)
let rec schema_of place t =
  let loc = ghost t.ptyp_loc in
  let place =
    match t.ptyp_desc with
    | Ptyp_variant _ -> place
    | _ -> { place with declared = None }
  in
  let plain = unmarked_schema_of place loc t in
  if has bytes_type t then as_bytes ~loc plain else plain

and as_bytes ~loc schema =
  eapply ~loc
    (pexp_ident ~loc { loc; txt = Ldot (Lident "Ancient_schema", "as_bytes") })
    [ schema ]

and unmarked_schema_of place loc t =
  match t.ptyp_desc with
  | Ptyp_var name -> (
      match List.assoc_opt name place.parameters with
      | Some i -> evar ~loc (parameter_value i)
      | None -> refuse t.ptyp_loc "the type variable '%s is no parameter" name)
  | Ptyp_tuple types ->
    let count = List.length types in
    let element i t =
      eapply ~loc
        (runtime ~loc [ "element" ])
        [ fun_ ~loc (nth_of ~loc count i) (value ~loc); schema_of place t ]
    in
    eapply ~loc (runtime ~loc [ "tuple" ]) [ elist ~loc (List.mapi element types) ]
  | Ptyp_constr ({ txt; _ }, arguments) ->
    (match txt with
     | Lident name when place.is_recursive && List.mem name place.group ->
       List.iter check_regular arguments
     | _ -> ());
    let arity = List.length arguments in
    let name = Ppx_ancient_names.schema_of ~loc txt arity in
    let schema = call ~loc name (List.map (schema_of place) arguments) in
    (match maker txt arity with
     | Some module_ when is_name module_ ->
       eapply ~loc (runtime ~loc [ "called" ]) [ estring ~loc module_; schema ]
     | _ -> schema)
  | Ptyp_variant (rows, Closed, None) ->
    let tags = List.concat_map (tags_of place) rows in
    eapply ~loc (runtime ~loc [ "polymorphic" ]) [ elist ~loc tags ]
  | Ptyp_variant _ -> refuse t.ptyp_loc "a polymorphic variant that is not closed"
  | Ptyp_arrow _ -> refuse t.ptyp_loc "functions cannot be shared"
  | Ptyp_object _ | Ptyp_class _ -> refuse t.ptyp_loc "objects cannot be shared"
  | Ptyp_package _ -> refuse t.ptyp_loc "modules cannot be shared"
  | Ptyp_any -> refuse t.ptyp_loc "expected a type, found _"
  | Ptyp_poly _ -> refuse t.ptyp_loc "polymorphic fields have no schema"
  | Ptyp_alias _ -> refuse t.ptyp_loc "types with `as' have no schema: give it a name"
  | _ -> refuse t.ptyp_loc "a type that has no schema"

and tags_of place row =
  let loc = ghost row.prf_loc in
  match row.prf_desc with
  | Rtag ({ txt; loc = at }, true, []) ->
    check_name at txt;
    [ eapply ~loc (runtime ~loc [ "tag" ]) [ estring ~loc txt; pexp_variant ~loc txt None ] ]
  | Rtag ({ txt; loc = at }, false, [ t ]) ->
    check_name at txt;
    let make =
      fun_ ~loc (pvar ~loc "ancient_x") (pexp_variant ~loc txt (Some (value ~loc)))
    in
    let place = { place with declared = None } in
    [ eapply ~loc
        (runtime ~loc [ "tag_of" ])
        [ estring ~loc txt; make; schema_of place t ] ]
  | Rtag _ -> refuse row.prf_loc "a tag with several types"
  | Rinherit { ptyp_desc = Ptyp_variant (rows, Closed, None); _ } ->
    List.concat_map (tags_of place) rows
  | Rinherit ({ ptyp_desc = Ptyp_constr ({ txt = Lident name; _ }, _); _ } as t)
    when (not place.is_recursive) && List.mem name place.group ->
    [ inherited_from_before place loc t ]
  | Rinherit ({ ptyp_desc = Ptyp_constr (name, _); _ } as t) ->
    let pattern = ppat_alias ~loc (ppat_type ~loc name) { loc; txt = "ancient_x" } in
    [ eapply ~loc
        (runtime ~loc [ "inherited" ])
        [ fun_ ~loc pattern (value ~loc); schema_of place t ] ]
  | Rinherit t -> refuse t.ptyp_loc "inherits from what is no polymorphic variant"

(* type nonrec t = [ t | ... ]: the inherited type has lost its name, and is found through its
   schema.
   let schema = SCHEMA in included schema (fun () -> (witness schema :> the type declared)) *)
and inherited_from_before place loc t =
  match place.declared with
  | None ->
    refuse t.ptyp_loc
      "a type declared nonrec that inherits from another of its name: give one of the two another \
       name"
  | Some declared ->
    let name = "ancient_schema" in
    let witness = eapply ~loc (runtime ~loc [ "witness" ]) [ evar ~loc name ] in
    let coerce = eabstract ~loc [ punit ~loc ] (pexp_coerce ~loc witness None declared) in
    pexp_let ~loc Nonrecursive
      [ value_binding ~loc ~pat:(pvar ~loc name) ~expr:(schema_of place t) ]
      (eapply ~loc (runtime ~loc [ "included" ]) [ evar ~loc name; coerce ])
