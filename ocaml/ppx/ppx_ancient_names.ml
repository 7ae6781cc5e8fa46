(* ocaml/ppx: finds the schema of a type by its name, for Ppx_ancient.

   What a name means is known to the compiler alone.  So the expression for M.name takes the
   NAME_schema of M where M has one, and otherwise what the name usually means; Ppx_ancient makes
   code in which the compiler compares the result with the type.  A plain name is NAME_schema,
   over a prelude of the usual ones that is opened around the file.

   Where there is nothing, the expression is a value with an alert that is an error, so that the
   compiler gives a sentence in place of an unbound name. *)

open Ppxlib
open Ast_builder.Default
open Ppx_ancient_file

let refuse loc format =
  Location.raise_errorf ~loc ("[@@@@deriving ancient]: " ^^ format)

let runtime_module = Lident "Ancient_ppx_runtime"

let inside names =
  List.fold_left (fun path name -> Ldot (path, name)) runtime_module names

let runtime ~loc names = pexp_ident ~loc { loc; txt = inside names }

let call ~loc f arguments =
  match arguments with
  | [] -> f
  | _ -> eapply ~loc f arguments

let schema_name = function "t" -> "schema" | name -> name ^ "_schema"

(* ---- What names usually mean ---- *)

let prelude name = [ "Prelude"; name ^ "_schema" ]
let standard modules = ("Standard" :: modules) @ [ "schema" ]
let elements =
  [ "float16"; "float32"; "float64"; "int8_signed"; "int8_unsigned"; "int16_signed";
    "int16_unsigned"; "int32"; "int64"; "int"; "nativeint"; "complex32"; "complex64" ]

(* A name may lack the modules that a program opened. *)
let in_bigarray =
  List.map (fun e -> (("Bigarray." ^ e ^ "_elt", 0), [ "Kinds"; e ^ "_elt_schema" ])) elements
  @ List.map
    (fun l -> (("Bigarray." ^ l, 0), [ "Kinds"; l ^ "_schema" ]))
    [ "c_layout"; "fortran_layout" ]
  @ List.concat_map
    (fun a ->
       let usual = standard [ "Bigarray"; a ] in
       [ (("Bigarray." ^ a ^ ".t", 3), usual); ((a ^ ".t", 3), usual) ])
    [ "Genarray"; "Array0"; "Array1"; "Array2"; "Array3" ]

let in_library =
  List.map
    (fun (module_, arity) -> ((module_ ^ ".t", arity), standard [ module_ ]))
    [ ("Either", 2); ("Uchar", 0); ("Complex", 0); ("Digest", 0); ("Buffer", 0); ("Atomic", 1);
      ("Queue", 1); ("Stack", 1) ]
  @ List.map
    (fun (modules, name) ->
       ( (String.concat "." (modules @ [ name ]), 0),
         ("Standard" :: modules) @ [ name ^ "_schema" ] ))
    [ ([ "Lexing" ], "position"); ([ "Unix" ], "tm"); ([ "Unix" ], "file_kind");
      ([ "Unix" ], "stats"); ([ "Unix"; "LargeFile" ], "stats") ]
  @
  if Scanf.sscanf Sys.ocaml_version "%d.%d" (fun major minor -> (major, minor) >= (5, 2)) then
    [ (("Dynarray.t", 1), standard [ "Dynarray" ]) ]
  else []

(* By name and number of arguments. *)
let usual =
  List.map
    (fun (name, base) -> ((name, 0), prelude base))
    [ ("Unit.t", "unit"); ("Bool.t", "bool"); ("Int.t", "int"); ("Char.t", "char");
      ("String.t", "string"); ("Bytes.t", "bytes"); ("Float.t", "float");
      ("Int32.t", "int32"); ("Int64.t", "int64"); ("Nativeint.t", "nativeint");
      ("Float.Array.t", "floatarray"); ("Array.t", "floatarray") ]
  @ List.map
    (fun (name, base) -> ((name, 1), prelude base))
    [ ("List.t", "list"); ("Array.t", "array"); ("Option.t", "option"); ("Lazy.t", "lazy_t");
      ("ref", "ref") ]
  @ [ (("Result.t", 2), prelude "result"); (("result", 2), prelude "result");
      (("Hashtbl.t", 2), standard [ "Hashtbl" ]) ]
  @ in_library
  @ in_bigarray

let of_the_collector = "what is in them depends on the collector; share a Hashtbl of the values"
let one_process = "they belong to one process"

(* What cannot be shared, and what to do. *)
let refused =
  [ ("Seq.t", "a sequence is a function; share a list or an array");
    ("Stream.t", "a stream is a function; share a list or an array");
    ("Obj.t", "say what they are"); ("Weak.t", "share an array of options");
    ("Ephemeron.K1.t", of_the_collector); ("Ephemeron.K2.t", of_the_collector);
    ("Ephemeron.Kn.t", of_the_collector); ("Lexing.lexbuf", "a lexbuf is a function; share its text");
    ("Printexc.t", "share the exception's text");
    ("Mutex.t", one_process); ("Condition.t", one_process); ("Semaphore.Counting.t", one_process);
    ("Semaphore.Binary.t", one_process); ("Thread.t", one_process); ("Domain.t", one_process);
    ("Event.channel", one_process); ("In_channel.t", one_process ^ "; share the file's name");
    ("Out_channel.t", one_process ^ "; share the file's name");
    ("Unix.file_descr", one_process ^ "; share the file's name");
    ("Unix.dir_handle", one_process ^ "; share the folder's name");
    ("Format.formatter", "a formatter is a set of functions; share its text");
    ("Scanf.Scanning.in_channel", one_process); 
    ("Random.State.t", "versions of OCaml differ in them; share the seed");
    ("Base.Map.t", "a map of Base has functions in it; share Map.to_alist of it");
    ("Base.Set.t", "a set of Base has functions in it; share Set.to_list of it");
    ("Base.Hashtbl.t", "a table of Base has functions in it; share Hashtbl.to_alist of it") ]

(* ---- Paths ---- *)

let rec names = function
  | Lident name -> Some [ name ]
  | Ldot (path, name) -> Option.map (fun names -> names @ [ name ]) (names path)
  | Lapply _ -> None

(* "Hashtbl.t" of Hashtbl.t, Stdlib.Hashtbl.t, HashtblLabels.t and of H.t after module H = Hashtbl.
   It need not be right: the compiler looks at what is made of it. *)
let usual_name path =
  let rec real steps = function
    | head :: rest when steps > 0 -> (
        match Option.bind (List.assoc_opt head file.aliases) names with
        | Some path -> real (steps - 1) (path @ rest)
        | None -> head :: rest)
    | names -> names
  in
  let rec short = function
    | ("Stdlib" | "StdLabels" | "MoreLabels") :: (_ :: _ as names) -> short names
    | head :: rest when Filename.check_suffix head "Labels" ->
      Filename.chop_suffix head "Labels" :: rest
    | names -> names
  in
  match names path with
  | None -> ""
  | Some names -> String.concat "." (short (real 8 names))

let path_text = Longident.name

let made_by_functor =
  "; where a functor made it, write module M = struct include Map.Make (String) let schema v = \
   Ancient.Schema.(map_of singleton string v) end (map_of ~standard:true where OCaml's compare \
   orders it, so that Python and C find keys and ranges), or set_of, or table_of create find"

let missing_words path value text =
  let hint = List.assoc_opt (usual_name path) refused in
  match hint with
  | Some words -> Printf.sprintf "values of type %s cannot be shared: %s" text words
  | None ->
    Printf.sprintf
      "type %s has no schema here: add [@@deriving ancient] where it is declared, or define %s, of \
       type %s Ancient.Schema.t, in its module%s"
      text value text
      (if String.equal value "schema" then made_by_functor else "")

let place ~loc =
  Printf.sprintf "%s, line %d: " loc.loc_start.pos_fname loc.loc_start.pos_lnum

(* struct let VALUE v = missing "..." v end, with an alert. *)
let missing_module ~loc value words =
  let name = { loc; txt = value } in
  let variable name = ptyp_var ~loc name in
  let binding =
    value_binding ~loc ~pat:(pvar ~loc value)
      ~expr:
        (pexp_fun ~loc Nolabel None (pvar ~loc "v")
           (eapply ~loc
              (runtime ~loc [ "missing" ])
              [ estring ~loc (place ~loc ^ words); evar ~loc "v" ]))
  in
  let payload =
    [ pstr_eval ~loc (eapply ~loc (evar ~loc "ancient") [ estring ~loc words ]) [] ]
  in
  let alert =
    attribute ~loc ~name:{ loc; txt = "ocaml.alert" } ~payload:(PStr payload)
  in
  let type_ = ptyp_arrow ~loc Nolabel (variable "a") (variable "b") in
  let description = value_description ~loc ~name ~type_ ~prim:[] in
  pmod_constraint ~loc
    (pmod_structure ~loc [ pstr_value ~loc Nonrecursive [ binding ] ])
    (pmty_signature ~loc
       [ psig_value ~loc { description with pval_attributes = [ alert ] } ])

let open_in ~loc module_ body =
  pexp_open ~loc (open_infos ~loc ~override:Override ~expr:module_) body

(* Module expressions cannot be paths through an application: F(X).M is found by naming F(X). *)
let rec with_module ~loc path body =
  match path with
  | Lident _ -> body path
  | Ldot (path, name) -> with_module ~loc path (fun path -> body (Ldot (path, name)))
  | Lapply (f, x) ->
    let ident txt = pmod_ident ~loc { loc; txt } in
    with_module ~loc f (fun f ->
        with_module ~loc x (fun x ->
            let applied = pmod_apply ~loc (ident f) (ident x) in
            pexp_letmodule ~loc { loc; txt = Some "Ancient_applied" } applied
              (body (Lident "Ancient_applied"))))

(* Of a module that is called Z: Zarith's, where the compiler finds its function. *)
let zarith ~loc path =
  let function_ = "of_substring_base" in
  let ident txt = { loc; txt } in
  let value =
    pexp_let ~loc Nonrecursive
      [ value_binding ~loc ~pat:(pvar ~loc function_)
          ~expr:(runtime ~loc [ "Standard"; "not_zarith" ]) ]
      (open_in ~loc (pmod_ident ~loc (ident path)) (evar ~loc function_))
  in
  let type_ =
    type_declaration ~loc ~name:(ident "t") ~params:[] ~cstrs:[] ~kind:Ptype_abstract
      ~private_:Public
      ~manifest:(Some (ptyp_constr ~loc (ident (Ldot (path, "t"))) []))
  in
  let argument =
    pmod_structure ~loc
      [ pstr_type ~loc Recursive [ type_ ];
        pstr_value ~loc Nonrecursive
          [ value_binding ~loc ~pat:(pvar ~loc function_) ~expr:value ] ]
  in
  let functor_ = pmod_ident ~loc (ident (inside [ "Standard"; "Zarith" ])) in
  pexp_letmodule ~loc
    (ident (Some "Ancient_zarith"))
    (pmod_apply ~loc functor_ argument)
    (pexp_ident ~loc (ident (Ldot (Lident "Ancient_zarith", "schema"))))

(* The schema, or function from schemas to one, of the type [path] of so many arguments. *)
let schema_of ~loc path arity =
  match path with
  | Lident name ->
    file.wanted <- (name, loc) :: file.wanted;
    evar ~loc (schema_name name)
  | Lapply _ -> refuse loc "expected a type"
  | Ldot (around, name) ->
    let value = schema_name name in
    let plain = usual_name path in
    with_module ~loc around (fun around ->
        let own = open_in ~loc (pmod_ident ~loc { loc; txt = around }) (evar ~loc value) in
        let over usual =
          pexp_let ~loc Nonrecursive
            [ value_binding ~loc ~pat:(pvar ~loc value) ~expr:usual ]
            own
        in
        match (List.assoc_opt (plain, arity) usual, plain) with
        | Some names, _ -> over (runtime ~loc names)
        | None, "Z.t" when arity = 0 && not (List.mem "Z" file.modules) -> over (zarith ~loc around)
        | None, _ ->
          let words = missing_words path value (path_text path) in
          open_in ~loc (missing_module ~loc value words) own)

(* Of M.t, the M: the name of the module that a map, set or table is made by.  A name that says
   nothing of its own gives way to the one that is made of the key's. *)
let maker path arity =
  match path with
  | Ldot ((Lident name | Ldot (_, name)), "t") ->
    let says_nothing = [ "Map"; "Set"; "Hashtbl"; "Table"; "Tbl" ] in
    if List.mem_assoc (usual_name path, arity) usual || List.mem name says_nothing then None
    else Some name
  | _ -> None

(* ---- Around a file ---- *)

let quiet ~loc name text =
  attribute ~loc
    ~name:{ loc; txt = "ocaml." ^ name }
    ~payload:(PStr [ pstr_eval ~loc (estring ~loc text) [] ])

(* Generated code warns of nothing, but what is missing is an error. *)
let silence ~loc =
  [ quiet ~loc "warning" "-a"; quiet ~loc "alert" "--all"; quiet ~loc "alert" "++ancient" ]

let opened ~loc module_ =
  let infos = open_infos ~loc ~override:Override ~expr:module_ in
  pstr_open ~loc { infos with popen_attributes = [ quiet ~loc "warning" "-a" ] }

(* Types of the file that have no schema in it. *)
let missing_types () =
  List.sort_uniq
    (fun (a, _) (b, _) -> String.compare a b)
    (List.filter (fun (name, _) -> List.mem name file.declared) file.wanted)

let usual_module ~loc name = pmod_ident ~loc { loc; txt = inside [ name ] }

let prelude_items () =
  let loc = { Location.none with loc_ghost = true } in
  let missing (name, _) =
    let value = schema_name name in
    let words = missing_words (Lident name) value name in
    opened ~loc (missing_module ~loc value words)
  in
  List.map missing (missing_types ())
  @ [ opened ~loc (usual_module ~loc "Kinds"); opened ~loc (usual_module ~loc "Prelude") ]

let end_file items =
  if not file.derives then items
  else begin
    let attributes, rest =
      let is_attribute item =
        match item.pstr_desc with Pstr_attribute _ -> true | _ -> false
      in
      let rec split before = function
        | item :: items when is_attribute item -> split (item :: before) items
        | items -> (List.rev before, items)
      in
      split [] items
    in
    attributes @ prelude_items () @ rest
  end
