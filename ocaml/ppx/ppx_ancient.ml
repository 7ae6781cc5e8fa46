(* ocaml/ppx: the deriver [@@deriving ancient] and the extension [%ancient: t].

   For a type t it makes `schema : t Ancient.Schema.t`, for any other NAME
   `NAME_schema`, with a schema as argument for each parameter of the type.  The
   expansion calls Ancient.Schema.Derived; each schema of a field is annotated with the
   type as it is written, so that a name that does not mean what it usually means is a
   type error and not a wrong schema. *)

open Ppxlib
open Ast_builder.Default

let refuse loc format =
  Location.raise_errorf ~loc ("[@@@@deriving ancient]: " ^^ format)

let schema_module = Ldot (Lident "Ancient", "Schema")

let schema_value ~loc name = pexp_ident ~loc { loc; txt = Ldot (schema_module, name) }

let derived ~loc name =
  pexp_ident ~loc { loc; txt = Ldot (Ldot (schema_module, "Derived"), name) }

let call ~loc f arguments =
  match arguments with
  | [] -> f
  | _ -> eapply ~loc f arguments

let schema_name = function "t" -> "schema" | name -> name ^ "_schema"

(* What the grammar of schemas allows as a name (spec/FORMAT.md, 12.2). *)
let check_name loc name =
  let is_ascii = function
    | 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' | '_' | '\'' -> true
    | _ -> false
  in
  let starts = match name.[0] with 'a' .. 'z' | 'A' .. 'Z' | '_' -> true | _ -> false in
  if not (starts && String.for_all is_ascii name && String.length name <= 255) then
    refuse loc "%s is no name for a schema" name

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
  parameters : string list;  (** of the declaration around *)
  group : (string * int) list;  (** types declared together, with their arity *)
  annotated : bool;
}

let declaration_name name = "__ancient_" ^ name

let schema_type ~loc t = ptyp_constr ~loc { loc; txt = Ldot (schema_module, "t") } [ t ]

let base_types =
  [ ("unit", "unit"); ("bool", "bool"); ("int", "int"); ("char", "char");
    ("string", "string"); ("bytes", "bytes"); ("float", "float"); ("int32", "int32");
    ("int64", "int64"); ("nativeint", "nativeint"); ("floatarray", "floatarray");
    ("Unit.t", "unit"); ("Bool.t", "bool"); ("Int.t", "int"); ("Char.t", "char");
    ("String.t", "string"); ("Bytes.t", "bytes"); ("Float.t", "float");
    ("Int32.t", "int32"); ("Int64.t", "int64"); ("Nativeint.t", "nativeint");
    ("Float.Array.t", "floatarray"); ("list", "list"); ("array", "array");
    ("option", "option"); ("ref", "ref"); ("result", "result"); ("lazy_t", "lazy_");
    ("List.t", "list"); ("Array.t", "array"); ("Option.t", "option");
    ("Result.t", "result"); ("Lazy.t", "lazy_"); ("Hashtbl.t", "hashtbl") ]

let bigarrays =
  [ ("Bigarray.Genarray.t", "genarray"); ("Bigarray.Array0.t", "array0");
    ("Bigarray.Array1.t", "array1"); ("Bigarray.Array2.t", "array2");
    ("Bigarray.Array3.t", "array3") ]

let refused_types =
  [ "exn"; "in_channel"; "out_channel"; "format"; "format4"; "format6"; "Seq.t"; "Obj.t";
    "Stream.t"; "Weak.t"; "Mutex.t"; "Thread.t"; "Domain.t"; "Atomic.t" ]

(* "Hashtbl.t" of Hashtbl.t and Stdlib.Hashtbl.t; "" of F(X).t *)
let full_name = function
  | Lapply _ -> ""
  | txt -> (
      match Longident.flatten_exn txt with
      | exception Invalid_argument _ -> ""
      | "Stdlib" :: (_ :: _ as names) | names -> String.concat "." names)

let last_name t =
  match t.ptyp_desc with
  | Ptyp_constr ({ txt; _ }, []) -> Longident.last_exn txt
  | _ -> refuse t.ptyp_loc "expected a type of Bigarray's"

let bigarray_kind ~loc element kind =
  let name =
    match (last_name element, last_name kind) with
    | "char", "int8_unsigned_elt" -> "char"
    | _, name -> (
        match String.rindex_opt name '_' with
        | Some i when String.equal (String.sub name i (String.length name - i)) "_elt" ->
          String.sub name 0 i
        | _ -> refuse kind.ptyp_loc "expected a kind of Bigarray's")
  in
  pexp_ident ~loc { loc; txt = Ldot (Lident "Bigarray", name) }

let bigarray_layout ~loc layout =
  match last_name layout with
  | ("c_layout" | "fortran_layout") as name ->
    pexp_ident ~loc { loc; txt = Ldot (Lident "Bigarray", name) }
  | _ -> refuse layout.ptyp_loc "expected Bigarray.c_layout or Bigarray.fortran_layout"

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

let rec position name = function
  | [] -> None
  | first :: rest ->
    if String.equal first name then Some 0
    else Option.map (fun i -> i + 1) (position name rest)

(* An expression of type t Ancient.Schema.t. *)
let rec schema_of place t =
  let loc = { t.ptyp_loc with loc_ghost = true } in
  let plain = unmarked_schema_of place loc t in
  if has bytes_type t then call ~loc (schema_value ~loc "as_bytes") [ plain ] else plain

and unmarked_schema_of place loc t =
  match t.ptyp_desc with
  | Ptyp_var name -> (
      match position name place.parameters with
      | Some i -> call ~loc (derived ~loc "parameter") [ eint ~loc i ]
      | None -> refuse t.ptyp_loc "the type variable '%s is no parameter" name)
  | Ptyp_tuple types ->
    call ~loc (derived ~loc "tuple") [ elist ~loc (List.map (any place) types) ]
  | Ptyp_constr ({ txt = Lident name; _ }, arguments) when List.mem_assoc name place.group ->
    List.iter check_regular arguments;
    call ~loc (derived ~loc "named")
      [ evar ~loc (declaration_name name);
        elist ~loc (List.map (any place) arguments) ]
  | Ptyp_constr ({ txt; _ }, arguments) -> named place loc t.ptyp_loc txt arguments
  | Ptyp_variant (rows, Closed, None) -> polymorphic place loc rows
  | Ptyp_variant _ -> refuse t.ptyp_loc "a polymorphic variant that is not closed"
  | Ptyp_arrow _ -> refuse t.ptyp_loc "functions cannot be shared"
  | Ptyp_object _ | Ptyp_class _ -> refuse t.ptyp_loc "objects cannot be shared"
  | Ptyp_package _ -> refuse t.ptyp_loc "modules cannot be shared"
  | Ptyp_any -> refuse t.ptyp_loc "expected a type, found _"
  | Ptyp_poly _ -> refuse t.ptyp_loc "polymorphic fields have no schema"
  | Ptyp_alias _ -> refuse t.ptyp_loc "types with `as' have no schema: give it a name"
  | _ -> refuse t.ptyp_loc "a type that has no schema"

and named place loc at txt arguments =
  let name = full_name txt in
  let schemas () = List.map (schema_of place) arguments in
  match
    (List.assoc_opt name base_types, List.assoc_opt name bigarrays, txt, arguments)
  with
  | Some base, _, _, _ -> call ~loc (schema_value ~loc base) (schemas ())
  | _, Some array, _, [ element; kind; layout ] ->
    call ~loc (schema_value ~loc array)
      [ bigarray_kind ~loc element kind; bigarray_layout ~loc layout ]
  | _, _, _, _ when List.mem name refused_types ->
    refuse at "values of type %s cannot be shared" name
  | _, _, Ldot (Lident "Z", "t"), [] -> zarith ~loc
  | _, _, Lident name, _ ->
    call ~loc (evar ~loc (schema_name name)) (schemas ())
  | _, _, Ldot (modules, name), _ ->
    let txt = Ldot (modules, schema_name name) in
    call ~loc (pexp_ident ~loc { loc; txt }) (schemas ())
  | _, _, Lapply _, _ -> refuse at "give the functor's result a name"

and zarith ~loc =
  let txt name = { loc; txt = name } in
  let functor_ = pmod_ident ~loc (txt (Ldot (schema_module, "For_zarith"))) in
  let applied = pmod_apply ~loc functor_ (pmod_ident ~loc (txt (Lident "Z"))) in
  pexp_letmodule ~loc
    (txt (Some "Zarith_schema"))
    applied
    (pexp_ident ~loc (txt (Ldot (Lident "Zarith_schema", "schema"))))

and polymorphic place loc rows =
  let tag row =
    match row.prf_desc with
    | Rtag ({ txt; loc = at }, _, (([] | [ _ ]) as types)) ->
      check_name at txt;
      let argument = elist ~loc (List.map (any place) types) in
      Some (call ~loc (derived ~loc "tag") [ estring ~loc txt; argument ])
    | Rtag _ -> refuse row.prf_loc "a tag with several types"
    | Rinherit _ -> None
  in
  let parent row =
    match row.prf_desc with
    | Rinherit t -> Some (any place t)
    | Rtag _ -> None
  in
  call ~loc (derived ~loc "polymorphic")
    [ elist ~loc (List.filter_map tag rows);
      elist ~loc (List.filter_map parent rows) ]

(* With its type as it is written.  In a type declared nonrec the names mean others. *)
and checked place t =
  let loc = { t.ptyp_loc with loc_ghost = true } in
  let schema = schema_of place t in
  if place.annotated then
    pexp_constraint ~loc schema (schema_type ~loc (without_attributes#core_type t))
  else schema

and any place t =
  let loc = { t.ptyp_loc with loc_ghost = true } in
  call ~loc (derived ~loc "any") [ checked place t ]

(* ---- Declarations ---- *)

(* Strings of the type are bytes where an attribute around it says so. *)
let any_marked place marked t =
  let loc = { t.ptyp_loc with loc_ghost = true } in
  if marked then
    call ~loc (derived ~loc "any")
      [ call ~loc (schema_value ~loc "as_bytes") [ checked place t ] ]
  else any place t

let member place marked label =
  let loc = { label.pld_loc with loc_ghost = true } in
  check_name label.pld_loc label.pld_name.txt;
  let is_mutable = match label.pld_mutable with Mutable -> true | Immutable -> false in
  call ~loc (derived ~loc "member")
    [ ebool ~loc is_mutable; estring ~loc label.pld_name.txt;
      any_marked place (marked || has bytes_field label) label.pld_type ]

let constructor place marked c =
  let loc = { c.pcd_loc with loc_ghost = true } in
  if Option.is_some c.pcd_res then refuse c.pcd_loc "GADTs cannot be shared";
  check_name c.pcd_loc c.pcd_name.txt;
  let marked = marked || has bytes_constructor c in
  let name = estring ~loc c.pcd_name.txt in
  match c.pcd_args with
  | Pcstr_tuple [] -> call ~loc (derived ~loc "constant") [ name ]
  | Pcstr_tuple types ->
    call ~loc (derived ~loc "constructor")
      [ name; elist ~loc (List.map (any_marked place marked) types) ]
  | Pcstr_record labels ->
    call ~loc (derived ~loc "inline")
      [ name; elist ~loc (List.map (member place marked) labels) ]

(* fun ({ x; _ } : (_, _) t) -> x, by which a program finds out how it stores the record. *)
let first_field declaration labels =
  let loc = { declaration.ptype_loc with loc_ghost = true } in
  let label = (List.hd labels).pld_name.txt in
  let name = { loc; txt = Lident declaration.ptype_name.txt } in
  let holes = List.map (fun _ -> ptyp_any ~loc) declaration.ptype_params in
  let fields = ppat_record ~loc [ ({ loc; txt = Lident label }, pvar ~loc "first") ] Open in
  let record = ppat_constraint ~loc fields (ptyp_constr ~loc name holes) in
  pexp_fun ~loc Nolabel None record (evar ~loc "first")

(* What stands right of the "=". *)
let right place declaration =
  let at = declaration.ptype_loc in
  let loc = { at with loc_ghost = true } in
  let marked = has bytes_declaration declaration in
  let unboxed = ebool ~loc (is_unboxed declaration) in
  match (declaration.ptype_kind, declaration.ptype_manifest) with
  | Ptype_record labels, _ ->
    call ~loc (derived ~loc "record")
      [ unboxed; elist ~loc (List.map (member place marked) labels);
        first_field declaration labels ]
  | Ptype_variant [], _ -> refuse at "a type without values"
  | Ptype_variant constructors, _ ->
    call ~loc (derived ~loc "variant")
      [ unboxed; elist ~loc (List.map (constructor place marked) constructors) ]
  | Ptype_abstract, Some t ->
    call ~loc (derived ~loc "alias") [ any_marked place marked t ]
  | Ptype_abstract, None ->
    refuse at "type %s is abstract: what it is must be seen here" declaration.ptype_name.txt
  | Ptype_open, _ -> refuse at "open types cannot be shared"

let parameter_name (t, _) =
  match t.ptyp_desc with
  | Ptyp_var name -> name
  | _ -> "_"

(* The parameters with a name each. *)
let parameter_names declaration =
  List.mapi
    (fun i parameter ->
       match parameter_name parameter with
       | "_" -> Printf.sprintf "p%d" i
       | name -> name)
    declaration.ptype_params

let check_declaration declaration =
  check_name declaration.ptype_loc declaration.ptype_name.txt;
  if List.compare_length_with declaration.ptype_params 16 > 0 then
    refuse declaration.ptype_loc "more than 16 parameters";
  match declaration.ptype_cstrs with
  | [] -> ()
  | (_, _, loc) :: _ -> refuse loc "types with constraints have no schema"

let declared_type ~loc declaration =
  let variables = List.map (ptyp_var ~loc) (parameter_names declaration) in
  ptyp_constr ~loc { loc; txt = Lident declaration.ptype_name.txt } variables

(* val NAME_schema : 'a Ancient.Schema.t -> 'a NAME Ancient.Schema.t *)
let value_of declaration =
  let loc = { declaration.ptype_loc with loc_ghost = true } in
  let name = schema_name declaration.ptype_name.txt in
  let result = schema_type ~loc (declared_type ~loc declaration) in
  let type_ =
    List.fold_right
      (fun parameter result ->
         ptyp_arrow ~loc Nolabel (schema_type ~loc (ptyp_var ~loc parameter)) result)
      (parameter_names declaration)
      result
  in
  psig_value ~loc
    (value_description ~loc ~name:{ loc; txt = name } ~type_ ~prim:[])

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

let let_ ~loc pattern expression =
  pstr_value ~loc Nonrecursive [ value_binding ~loc ~pat:pattern ~expr:expression ]

let declare ~loc modules declaration =
  let name = declaration.ptype_name.txt in
  let_ ~loc
    (pvar ~loc (declaration_name name))
    (call ~loc (derived ~loc "declare")
       [ elist ~loc (List.map (estring ~loc) modules); estring ~loc name;
         eint ~loc (List.length declaration.ptype_params) ])

let define ~loc group annotated declaration =
  let place = { parameters = parameter_names declaration; group; annotated } in
  let body = eabstract ~loc [ punit ~loc ] (right place declaration) in
  let_ ~loc (punit ~loc)
    (call ~loc (derived ~loc "define")
       [ evar ~loc (declaration_name declaration.ptype_name.txt); body ])

let schema_binding ~loc declaration =
  let name = declaration.ptype_name.txt in
  let parameters = List.mapi (fun i _ -> Printf.sprintf "p%d" i) declaration.ptype_params in
  let arguments =
    List.map (fun p -> call ~loc (derived ~loc "any") [ evar ~loc p ]) parameters
  in
  let schema =
    call ~loc (derived ~loc "named")
      [ evar ~loc (declaration_name name); elist ~loc arguments ]
  in
  let schema =
    match parameters with
    | [] -> schema
    | _ ->
      let delayed = eabstract ~loc [ punit ~loc ] schema in
      eabstract ~loc
        (List.map (pvar ~loc) parameters)
        (call ~loc (derived ~loc "delay") [ delayed ])
  in
  let_ ~loc (pvar ~loc (schema_name name)) schema

let structure ~ctxt (rec_flag, declarations) =
  let loc =
    { (Expansion_context.Deriver.derived_item_loc ctxt) with loc_ghost = true }
  in
  List.iter check_declaration declarations;
  let modules = module_names (Expansion_context.Deriver.code_path ctxt) in
  let recursive = match rec_flag with Recursive -> true | Nonrecursive -> false in
  let group =
    if recursive then
      List.map (fun d -> (d.ptype_name.txt, List.length d.ptype_params)) declarations
    else []
  in
  let items =
    List.map (declare ~loc modules) declarations
    @ List.map (define ~loc group recursive) declarations
    @ List.map (schema_binding ~loc) declarations
  in
  let signature = pmty_signature ~loc (List.map value_of declarations) in
  [ pstr_include ~loc
      (include_infos ~loc (pmod_constraint ~loc (pmod_structure ~loc items) signature)) ]

let signature ~ctxt:_ (_, declarations) =
  List.iter check_declaration declarations;
  List.map value_of declarations

let extension ~loc ~path:_ t =
  let place = { parameters = []; group = []; annotated = true } in
  let loc = { loc with loc_ghost = true } in
  pexp_constraint ~loc (schema_of place t)
    (schema_type ~loc (without_attributes#core_type t))

let attributes =
  [ Attribute.T bytes_type; Attribute.T bytes_field; Attribute.T bytes_constructor;
    Attribute.T bytes_declaration ]

let _deriver : Deriving.t =
  Deriving.add "ancient"
    ~str_type_decl:(Deriving.Generator.V2.make_noarg ~attributes structure)
    ~sig_type_decl:(Deriving.Generator.V2.make_noarg ~attributes signature)
    ~extension
