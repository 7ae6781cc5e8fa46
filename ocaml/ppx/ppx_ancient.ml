(* ocaml/ppx: the deriver [@@deriving ancient] and the extension [%ancient: t].

   For a type t it makes `schema : t Ancient.Schema.t`, for any other NAME
   `NAME_schema`, with a schema as argument for each parameter of the type.  The
   expansion calls Ancient_ppx_runtime.  Each schema of a field or an argument comes with a
   function that takes it out of a value, and that of an alias with the name of the type: the
   compiler compares the two, so that a name that does not mean what it usually means is a type
   error and not a wrong schema. *)

open Ppxlib
open Ast_builder.Default
open Ppx_ancient_file
open Ppx_ancient_names
open Ppx_ancient_types

(* ---- Declarations ---- *)

let type_name ~loc declaration arguments =
  ptyp_constr ~loc { loc; txt = Lident declaration.ptype_name.txt } arguments

let is_constrained declaration = List.compare_length_with declaration.ptype_cstrs 0 > 0

(* Parameters are types of their own, so that none can be taken for another; but one that is
   constrained to a type has to be equal to it. *)
let parameter_inside ~loc declaration i =
  if is_constrained declaration then ptyp_var ~loc (parameter_type i)
  else ptyp_constr ~loc { loc; txt = Lident (parameter_type i) } []

let type_inside ~loc declaration =
  let parameter i _ = parameter_inside ~loc declaration i in
  type_name ~loc declaration (List.mapi parameter declaration.ptype_params)

(* (ancient_x : the type) *)
let whole ~loc declaration =
  ppat_constraint ~loc (pvar ~loc "ancient_x") (type_inside ~loc declaration)

(* Strings of the type are bytes where an attribute around it says so. *)
let marked_schema place marked t =
  let schema = schema_of place t in
  if marked then as_bytes ~loc:(ghost t.ptyp_loc) schema else schema

let label_name ~loc label = { loc; txt = Lident label.pld_name.txt }
let get ~loc label = pexp_field ~loc (value ~loc) (label_name ~loc label)

let is_mutable label =
  match label.pld_mutable with Mutable -> true | Immutable -> false

(* { a = x.a; b = x.b }, after x.b <- x.b where b is mutable. *)
let copied_record ~loc wrap labels =
  let set label after =
    if is_mutable label then
      pexp_sequence ~loc
        (pexp_setfield ~loc (value ~loc) (label_name ~loc label) (get ~loc label))
        after
    else after
  in
  let fields = List.map (fun l -> (label_name ~loc l, get ~loc l)) labels in
  List.fold_right set labels (wrap (pexp_record ~loc fields None))

let is_private declaration =
  match declaration.ptype_private with Private -> true | Public -> false

let member place declaration marked label =
  let loc = ghost label.pld_loc in
  check_name label.pld_loc label.pld_name.txt;
  eapply ~loc
    (runtime ~loc [ "member" ])
    [ ebool ~loc (is_mutable label); estring ~loc label.pld_name.txt;
      fun_ ~loc (whole ~loc declaration) (get ~loc label);
      marked_schema place (marked || has bytes_field label) label.pld_type ]

let record place declaration marked labels =
  let loc = ghost declaration.ptype_loc in
  let copied =
    if is_private declaration then value ~loc
    else
      copied_record ~loc
        (fun record -> pexp_constraint ~loc record (type_inside ~loc declaration))
        labels
  in
  eapply ~loc
    (runtime ~loc [ "record" ])
    [ ebool ~loc (is_unboxed declaration);
      elist ~loc (List.map (member place declaration marked) labels);
      fun_ ~loc (whole ~loc declaration) copied ]

let constructor_pattern ~loc c argument =
  ppat_construct ~loc { loc; txt = Lident c.pcd_name.txt } argument

let construct ~loc c argument =
  pexp_construct ~loc { loc; txt = Lident c.pcd_name.txt } argument

(* fun (x : the type) -> match x with C PATTERN -> found RESULT | _ -> other *)
let matcher ~loc declaration c pattern result =
  let found = eapply ~loc (runtime ~loc [ "found" ]) [ result ] in
  let other = runtime ~loc [ "other" ] in
  fun_ ~loc (whole ~loc declaration)
    (pexp_match ~loc (value ~loc)
       [ case ~lhs:(constructor_pattern ~loc c (Some pattern)) ~guard:None ~rhs:found;
         case ~lhs:(ppat_any ~loc) ~guard:None ~rhs:other ])

let one_or_tuple make = function
  | [ one ] -> one
  | several -> make several

let constructor place declaration marked c =
  let loc = ghost c.pcd_loc in
  if Option.is_some c.pcd_res then refuse c.pcd_loc "GADTs cannot be shared";
  check_name c.pcd_loc c.pcd_name.txt;
  let marked = marked || has bytes_constructor c in
  let name = estring ~loc c.pcd_name.txt in
  let called what arguments = eapply ~loc (runtime ~loc [ what ]) arguments in
  match c.pcd_args with
  | Pcstr_tuple [] -> called "constant" [ name ]
  | Pcstr_tuple types ->
    let count = List.length types in
    let argument i t =
      let loc = ghost t.ptyp_loc in
      let pattern = if count = 1 then pvar ~loc "ancient_x" else nth_of ~loc count i in
      called "argument"
        [ matcher ~loc declaration c pattern (value ~loc); marked_schema place marked t ]
    in
    called "constructor" [ name; elist ~loc (List.mapi argument types) ]
  | Pcstr_record labels ->
    let field label =
      let loc = ghost label.pld_loc in
      check_name label.pld_loc label.pld_name.txt;
      called "field"
        [ ebool ~loc (is_mutable label); estring ~loc label.pld_name.txt;
          matcher ~loc declaration c (pvar ~loc "ancient_x") (get ~loc label);
          marked_schema place (marked || has bytes_field label) label.pld_type ]
    in
    called "inline" [ name; elist ~loc (List.map field labels) ]

(* C (a, b) -> C (a, b), for each constructor. *)
let copied_constructor ~private_ c =
  let loc = ghost c.pcd_loc in
  let pattern, made =
    match c.pcd_args with
    | Pcstr_tuple [] -> (None, construct ~loc c None)
    | Pcstr_tuple types ->
      let names = List.mapi (fun i _ -> Printf.sprintf "ancient_x%d" i) types in
      ( Some (one_or_tuple (ppat_tuple ~loc) (List.map (pvar ~loc) names)),
        construct ~loc c
          (Some (one_or_tuple (pexp_tuple ~loc) (List.map (evar ~loc) names))) )
    | Pcstr_record labels ->
      ( Some (pvar ~loc "ancient_x"),
        copied_record ~loc (fun record -> construct ~loc c (Some record)) labels )
  in
  case
    ~lhs:(constructor_pattern ~loc c pattern)
    ~guard:None
    ~rhs:(if private_ then evar ~loc "ancient_whole" else made)

let variant place declaration marked constructors =
  let loc = ghost declaration.ptype_loc in
  let private_ = is_private declaration in
  let type_ = type_inside ~loc declaration in
  let cases = List.map (copied_constructor ~private_) constructors in
  let copy =
    fun_ ~loc
      (ppat_constraint ~loc (pvar ~loc "ancient_whole") type_)
      (pexp_constraint ~loc (pexp_match ~loc (evar ~loc "ancient_whole") cases) type_)
  in
  eapply ~loc
    (runtime ~loc [ "variant" ])
    [ ebool ~loc (is_unboxed declaration);
      elist ~loc (List.map (constructor place declaration marked) constructors);
      copy ]

let mentions names =
  object
    inherit [bool] Ast_traverse.fold as super

    method! core_type t found =
      match t.ptyp_desc with
      | Ptyp_constr ({ txt = Lident name; _ }, _) when List.mem name names -> true
      | _ -> super#core_type t found
  end

(* Type variables as Ancient's code calls them. *)
let inside_names place declaration =
  object
    inherit Ast_traverse.map as super

    method! core_type t =
      match t.ptyp_desc with
      | Ptyp_var name when List.mem_assoc name place.parameters ->
        parameter_inside ~loc:t.ptyp_loc declaration (List.assoc name place.parameters)
      | _ -> super#core_type t
  end

let alias place declaration marked t =
  let loc = ghost t.ptyp_loc in
  let place = { place with declared = Some (type_inside ~loc declaration) } in
  let schema = marked_schema place marked t in
  if not (is_private declaration) then
    eapply ~loc
      (runtime ~loc [ "alias" ])
      [ pexp_constraint ~loc schema (schema_type ~loc (type_inside ~loc declaration)) ]
  else if (not place.is_recursive) && (mentions place.group)#core_type t false then
    refuse t.ptyp_loc
      "a private type that is declared nonrec with the name of another: give one of the two \
       another name"
  else
    let shown = (inside_names place declaration)#core_type (without_attributes#core_type t) in
    let coerce =
      fun_ ~loc (whole ~loc declaration) (pexp_coerce ~loc (value ~loc) None shown)
    in
    eapply ~loc (runtime ~loc [ "private_alias" ]) [ coerce; schema ]

(* What stands right of the "=". *)
let right place declaration =
  let marked = has bytes_declaration declaration in
  let loc = ghost declaration.ptype_loc in
  match (declaration.ptype_kind, declaration.ptype_manifest) with
  | Ptype_record labels, _ -> record place declaration marked labels
  | Ptype_variant [], _ | Ptype_abstract, None -> runtime ~loc [ "abstract" ]
  | Ptype_variant constructors, _ -> variant place declaration marked constructors
  | Ptype_abstract, Some t -> alias place declaration marked t
  | Ptype_open, _ -> refuse declaration.ptype_loc "open types cannot be shared"

let check_declaration declaration =
  check_name declaration.ptype_loc declaration.ptype_name.txt;
  if List.compare_length_with declaration.ptype_params 16 > 0 then
    refuse declaration.ptype_loc "more than 16 parameters"

(* The parameters with a name each, as an interface shows them. *)
let parameter_names declaration =
  List.mapi
    (fun i (t, _) ->
       match t.ptyp_desc with
       | Ptyp_var name -> name
       | _ -> parameter_type i)
    declaration.ptype_params

(* 'a Ancient.Schema.t -> 'a NAME Ancient.Schema.t *)
let value_type ~loc declaration =
  let variables = List.map (ptyp_var ~loc) (parameter_names declaration) in
  List.fold_right
    (fun variable result -> ptyp_arrow ~loc Nolabel (schema_type ~loc variable) result)
    variables
    (schema_type ~loc (type_name ~loc declaration variables))

let value_of declaration =
  let loc = ghost declaration.ptype_loc in
  let name = { loc; txt = schema_name declaration.ptype_name.txt } in
  psig_value ~loc
    (value_description ~loc ~name ~type_:(value_type ~loc declaration) ~prim:[])

(* Modules in the name of a type are for people: what is none in OCaml is made one. *)
let module_names code_path =
  let clean name =
    let is_ok = function
      | 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' | '_' | '\'' -> true
      | _ -> false
    in
    let name = String.map (fun c -> if is_ok c then c else '_') name in
    let name = String.capitalize_ascii name in
    match name with
    | "" -> "M"
    | _ when (match name.[0] with 'A' .. 'Z' -> false | _ -> true) -> "M" ^ name
    | _ -> name
  in
  List.map clean
    (Code_path.main_module_name code_path :: Code_path.submodule_path code_path)

let let_ ~loc name expression =
  pstr_value ~loc Nonrecursive
    [ value_binding ~loc ~pat:(pvar ~loc name) ~expr:expression ]

let declaration_name declaration = "ancient_declared_" ^ declaration.ptype_name.txt
let parameters_of declaration = List.mapi (fun i _ -> i) declaration.ptype_params

let declare ~loc modules declaration =
  let_ ~loc (declaration_name declaration)
    (eapply ~loc
       (runtime ~loc [ "declare" ])
       [ elist ~loc (List.map (estring ~loc) modules);
         estring ~loc declaration.ptype_name.txt;
         eint ~loc (List.length declaration.ptype_params) ])

(* fun (type ancient_t0) (ancient_p0 : ancient_t0 Ancient.Schema.t) -> BODY, for each parameter *)
let with_parameters ~loc declaration body =
  let parameters = parameters_of declaration in
  let add_value i body =
    let type_ = schema_type ~loc (parameter_inside ~loc declaration i) in
    fun_ ~loc (ppat_constraint ~loc (pvar ~loc (parameter_value i)) type_) body
  in
  let add_type i body = pexp_newtype ~loc { loc; txt = parameter_type i } body in
  let body = List.fold_right add_value parameters body in
  if is_constrained declaration then body else List.fold_right add_type parameters body

(* Of the body, evaluated when the declaration is first used. *)
let define ~loc group is_recursive declaration =
  let parameters =
    List.mapi (fun i name -> (name, i)) (parameter_names declaration)
  in
  let place = { parameters; group; is_recursive; declared = None } in
  let parameter i = eapply ~loc (runtime ~loc [ "parameter" ]) [ eint ~loc i ] in
  let body =
    call ~loc
      (with_parameters ~loc declaration (right place declaration))
      (List.map parameter (parameters_of declaration))
  in
  let_ ~loc "ancient_defined"
    (eapply ~loc
       (runtime ~loc [ "define" ])
       [ evar ~loc (declaration_name declaration); eabstract ~loc [ punit ~loc ] body ])

let schema_binding ~loc declaration =
  let any i =
    eapply ~loc (runtime ~loc [ "any" ]) [ evar ~loc (parameter_value i) ]
  in
  let arguments = List.map any (parameters_of declaration) in
  let schema =
    eapply ~loc
      (runtime ~loc [ "named" ])
      [ evar ~loc (declaration_name declaration);
        eabstract ~loc [ punit ~loc ] (elist ~loc arguments) ]
  in
  let type_ = schema_type ~loc (type_inside ~loc declaration) in
  let_ ~loc
    (schema_name declaration.ptype_name.txt)
    (with_parameters ~loc declaration (pexp_constraint ~loc schema type_))

(* In a type declared nonrec, names mean what they meant before it. *)
let derive ~loc code_path (rec_flag, declarations) =
  file.derives <- true;
  List.iter check_declaration declarations;
  let modules = module_names code_path in
  let is_recursive = match rec_flag with Recursive -> true | Nonrecursive -> false in
  let group = List.map (fun d -> d.ptype_name.txt) declarations in
  let defines = List.map (define ~loc group is_recursive) declarations in
  let schemas = List.map (schema_binding ~loc) declarations in
  let items =
    List.map (pstr_attribute ~loc) (silence ~loc)
    @ List.map (declare ~loc modules) declarations
    @ if is_recursive then schemas @ defines else defines @ schemas
  in
  let values = List.map value_of declarations in
  let signature =
    pmty_signature ~loc (List.map (psig_attribute ~loc) (silence ~loc) @ values)
  in
  [ pstr_include ~loc
      (include_infos ~loc (pmod_constraint ~loc (pmod_structure ~loc items) signature)) ]

let structure ~ctxt types =
  let loc = ghost (Expansion_context.Deriver.derived_item_loc ctxt) in
  derive ~loc (Expansion_context.Deriver.code_path ctxt) types

let signature ~ctxt:_ (_, declarations) =
  List.iter check_declaration declarations;
  List.map value_of declarations

let extension ~loc ~path:_ t =
  file.derives <- true;
  let place = { parameters = []; group = []; is_recursive = false; declared = None } in
  let loc = ghost loc in
  let schema =
    pexp_constraint ~loc (schema_of place t)
      (schema_type ~loc (without_attributes#core_type t))
  in
  { schema with pexp_attributes = silence ~loc }

let attributes =
  [ Attribute.T bytes_type; Attribute.T bytes_field; Attribute.T bytes_constructor;
    Attribute.T bytes_declaration ]

let _deriver : Deriving.t =
  Deriving.add "ancient"
    ~str_type_decl:(Deriving.Generator.V2.make_noarg ~attributes structure)
    ~sig_type_decl:(Deriving.Generator.V2.make_noarg ~attributes signature)
    ~extension

(* As Deriving makes it: what is derived counts as used. *)
let nonrec_structure ~ctxt types =
  let loc = ghost (Expansion_context.Extension.extension_point_loc ctxt) in
  let use d =
    pstr_value ~loc Nonrecursive
      [ value_binding ~loc ~pat:(ppat_any ~loc)
          ~expr:(evar ~loc (schema_name d.ptype_name.txt)) ]
  in
  derive ~loc (Expansion_context.Extension.code_path ctxt) (Nonrecursive, types)
  @ List.map use types

let nonrec_in_structure =
  Extension.V3.declare_inline nonrec_extension Extension.Context.structure_item
    Ast_pattern.(pstr (pstr_type nonrecursive __ ^:: nil))
    nonrec_structure

let nonrec_in_signature =
  Extension.V3.declare_inline nonrec_extension Extension.Context.signature_item
    Ast_pattern.(psig (psig_type nonrecursive __ ^:: nil))
    (fun ~ctxt:_ types -> List.map value_of types)

(* ppxlib runs what is registered with an instrument, its [intf] too, before it derives anything.
   (A preprocess_impl would do the same, but a driver may have one only.) *)
let () =
  let before = Driver.Instrument.make begin_file ~position:Driver.Instrument.Before in
  Driver.register_transformation "ancient_before" ~instrument:before
    ~intf:nonrec_apart#signature;
  Driver.register_transformation "ancient" ~impl:end_file
    ~rules:
      [ Context_free.Rule.extension nonrec_in_structure;
        Context_free.Rule.extension nonrec_in_signature ]
