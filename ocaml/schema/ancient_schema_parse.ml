(* ocaml/schema: resolves the names in a schema's text (spec/FORMAT.md, 12.2) to declarations, by
   OCaml's rules of scope; the result is the same syntax tree that combinators build, so that the
   file's schema can be compared with the program's. *)

open Ancient_schema_type
open Ancient_schema_syntax

module Names = Stdlib.Map.Make (String)

(* What one level of modules declares so far: a name can be used after its declaration only. *)
type level = { types : decl Names.t; modules : inner Names.t }
and inner = Level of level | Maker of container

type scope = level list (* innermost first, never empty *)

let no_level = { types = Names.empty; modules = Names.empty }

let known_base =
  List.map
    (fun base -> (Ancient_schema_graph.base_name base, base))
    [ Unit; Bool; Int; Char; String; Bytes; Float; Int32; Int64; Nativeint; Floatarray; Z ]
  @ [ ("Float.Array.t", Floatarray) ]

let known_applied =
  List.map
    (fun (applied, arity) -> (Ancient_schema_graph.applied_name applied, (applied, arity)))
    [ (List, 1); (Array, 1); (Option, 1); (Result, 2); (Ref, 1); (Lazy, 1); (Hashtbl, 2);
      (Queue, 1); (Stack, 1); (Dynarray, 1) ]
  @ [ ("Lazy.t", (Lazy, 1)); ("Atomic.t", (Ref, 1)) ]

let kinds =
  [ ("float16", "float", "float16"); ("float32", "float", "float32");
    ("float64", "float", "float64"); ("int8_signed", "int", "int8");
    ("int8_unsigned", "int", "uint8"); ("int8_unsigned", "char", "char");
    ("int16_signed", "int", "int16"); ("int16_unsigned", "int", "uint16");
    ("int32", "int32", "int32"); ("int64", "int64", "int64"); ("int", "int", "int");
    ("nativeint", "nativeint", "nativeint"); ("complex32", "Complex.t", "complex32");
    ("complex64", "Complex.t", "complex64") ]

let dotted = function
  | T_name { modules; name; arguments = [] } -> display modules name
  | _ -> ""

let bigarray modules arguments =
  let dims =
    match modules with
    | [ "Bigarray"; "Genarray" ] -> Some None
    | [ "Bigarray"; ("Array0" | "Array1" | "Array2" | "Array3" as array) ] ->
      Some (Some (Char.code array.[5] - Char.code '0'))
    | _ -> None
  in
  match (dims, List.map dotted arguments) with
  | Some dims, [ element; kind; layout ] ->
    let is_kind (word, e, _) =
      String.equal kind ("Bigarray." ^ word ^ "_elt") && String.equal element e
    in
    let layout =
      match layout with
      | "Bigarray.c_layout" -> "c"
      | "Bigarray.fortran_layout" -> "fortran"
      | _ -> refuse "unknown layout of a bigarray"
    in
    (match List.find_opt is_kind kinds with
     | Some (_, _, kind) -> Some (Bigarray { kind; layout; dims })
     | None -> refuse "unknown kind of a bigarray")
  | Some _, _ -> refuse "a bigarray has 3 parameters"
  | None, _ -> None

let wrong_count name found expected =
  refuse "type %s: %d arguments, expected %d" name found expected

let known modules name arguments =
  let full = display modules name in
  match
    (List.assoc_opt full known_base, List.assoc_opt full known_applied, arguments)
  with
  | Some base, _, [] -> Base base
  | Some _, _, _ -> wrong_count full (List.length arguments) 0
  | _, Some (applied, arity), _ ->
    if List.length arguments <> arity then
      wrong_count full (List.length arguments) arity;
    Applied (applied, arguments)
  | None, None, _ -> refuse "unknown type %s" full

let rec down level = function
  | [] -> Some (Level level)
  | name :: names -> (
      match (Names.find_opt name level.modules, names) with
      | Some (Level level), _ -> down level names
      | Some (Maker container), [] -> Some (Maker container)
      | Some (Maker _), _ :: _ | None, _ -> None)

let made_name container modules name =
  match (name, container.functor_kind) with
  | "t", _ -> `Maker container
  | "key", (Map | Hashtable) | "elt", Set -> `Key container.key
  | _ -> refuse "unknown type %s" (display modules name)

(* From the innermost level outwards: the first that declares the head of the path decides. *)
let rec find scope modules name =
  match (scope, modules) with
  | [], _ -> None
  | level :: outwards, [] -> (
      match Names.find_opt name level.types with
      | Some decl -> Some (`Decl decl)
      | None -> find outwards [] name)
  | level :: outwards, head :: _ ->
    if not (Names.mem head level.modules) then find outwards modules name
    else (
      match down level modules with
      | Some (Level level) -> (
          match Names.find_opt name level.types with
          | Some decl -> Some (`Decl decl)
          | None -> refuse "unknown type %s" (display modules name))
      | Some (Maker container) -> Some (made_name container modules name)
      | None -> refuse "unknown type %s" (display modules name))

let rec type_of scope parameters tree =
  let type_of = type_of scope parameters in
  match tree with
  | T_parameter name -> (
      match List.assoc_opt name parameters with
      | Some i -> Parameter i
      | None -> refuse "unknown parameter '%s" name)
  | T_tuple types -> Tuple (List.map type_of types)
  | T_bytes t -> As_bytes (type_of t)
  | T_polymorphic tags ->
    check_tags (List.map fst tags);
    Polymorphic (List.map (fun (name, t) -> (name, Option.map type_of t)) tags)
  | T_name { modules; name; arguments } -> (
      match find scope modules name with
      | Some (`Decl decl) ->
        if List.length arguments <> decl.arity then
          wrong_count name (List.length arguments) decl.arity;
        Named (decl, List.map type_of arguments)
      | Some (`Key key) ->
        if arguments <> [] then wrong_count name (List.length arguments) 0;
        key
      | Some (`Maker container) -> made_type container (List.map type_of arguments)
      | None -> (
          match bigarray modules arguments with
          | Some t -> t
          | None -> known modules name (List.map type_of arguments)))

and made_type container arguments =
  match (container.functor_kind, arguments) with
  | Set, [] -> Container (container, None)
  | (Map | Hashtable), [ value ] -> Container (container, Some value)
  | kind, _ ->
    wrong_count
      (display [ container.container_name ] "t")
      (List.length arguments)
      (match kind with Set -> 0 | Map | Hashtable -> 1)

type reading = { mutable declared : int; mutable members : int }

let count_members reading n =
  reading.members <- reading.members + n;
  if reading.members > max_members then
    refuse "more than %d fields and constructors" max_members

let field_of reading scope parameters { t_mutable; t_label; t_type } =
  count_members reading 1;
  { label = t_label; mutable_ = t_mutable; read = None;
    field_type = type_of scope parameters t_type }

let body_of reading scope tree =
  let parameters = List.mapi (fun i name -> (name, i)) tree.t_parameters in
  let fields = List.map (field_of reading scope parameters) in
  match tree.t_right with
  | T_alias t ->
    if tree.t_unboxed then refuse "type %s: unboxed, but an alias" tree.t_name;
    Alias (type_of scope parameters t)
  | T_record f ->
    let layout () = tree.t_layout in
    Record { fields = fields f; unboxed = tree.t_unboxed; layout }
  | T_variant constrs ->
    let argument t =
      count_members reading 1;
      { label = ""; mutable_ = false; read = None;
        field_type = type_of scope parameters t }
    in
    let constr (constr_name, args) =
      count_members reading 1;
      let args =
        match args with
        | T_none -> Constant
        | T_args args -> Args (List.map argument args)
        | T_inline f -> Inline (fields f)
      in
      { constr_name; args }
    in
    Variant { constrs = List.map constr constrs; unboxed = tree.t_unboxed }

let declare_tree reading modules tree =
  reading.declared <- reading.declared + 1;
  if reading.declared > max_types then refuse "more than %d types" max_types;
  check_distinct "parameter" tree.t_name tree.t_parameters;
  declare modules tree.t_name (List.length tree.t_parameters)

let add_type level (decl : decl) =
  if Names.mem decl.name level.types then refuse "type %s declared twice" decl.name;
  { level with types = Names.add decl.name decl level.types }

let add_module level name inner =
  if Names.mem name level.modules then refuse "module %s declared twice" name;
  { level with modules = Names.add name inner level.modules }

(* [known] gives the declarations of recursive modules, which exist before their bodies. *)
let rec read_items reading modules outside known level = function
  | [] -> level
  | T_types trees :: items ->
    let decl_of tree =
      match Names.find_opt tree.t_name known.types with
      | Some decl -> decl
      | None -> declare_tree reading modules tree
    in
    let decls = List.map decl_of trees in
    let level = List.fold_left add_type level decls in
    List.iter2
      (fun (decl : decl) tree ->
         let body = body_of reading (level :: outside) tree in
         check_body (path decl) body;
         decl.body <- Some body)
      decls trees;
    read_items reading modules outside known level items
  | T_modules { recursive = false; modules = named } :: items ->
    let read (name, tree) =
      (name, read_module reading modules (level :: outside) known name tree)
    in
    let level =
      List.fold_left
        (fun level (name, inner) -> add_module level name inner)
        level (List.map read named)
    in
    read_items reading modules outside known level items
  | T_modules { recursive = true; modules = named } :: items ->
    let skeleton = skeleton reading modules known named in
    let level =
      List.fold_left
        (fun level (name, _) -> add_module level name (Names.find name skeleton.modules))
        level named
    in
    let read level (name, tree) =
      let inner = read_module reading modules (level :: outside) skeleton name tree in
      { level with modules = Names.add name inner level.modules }
    in
    read_items reading modules outside known (List.fold_left read level named) items

and read_module reading modules scope known name tree =
  match tree with
  | T_signature items ->
    let known =
      match Names.find_opt name known.modules with
      | Some (Level level) -> level
      | Some (Maker _) | None -> no_level
    in
    Level (read_items reading (modules @ [ name ]) scope known no_level items)
  | T_made (functor_kind, key, standard) -> (
      let key = type_of scope [] key in
      match Names.find_opt name known.modules with
      | Some (Maker ({ key = Hole hole; _ } as container)) ->
        hole := Some key;
        Maker container
      | _ ->
        Maker
          { functor_kind; container_modules = modules; container_name = name; is_called = true;
            key; standard })

(* Declarations without bodies, for modules that refer to each other. *)
and skeleton reading modules known named =
  let rec level_of modules known items =
    List.fold_left
      (fun level item ->
         match item with
         | T_types trees ->
           List.fold_left
             (fun level tree ->
                match Names.find_opt tree.t_name known.types with
                | Some decl -> add_type level decl
                | None -> add_type level (declare_tree reading modules tree))
             level trees
         | T_modules { modules = named; _ } ->
           let inner = modules_of modules known named in
           { level with
             modules = Names.union (fun _ _ b -> Some b) level.modules inner.modules })
      no_level items
  and modules_of modules known named =
    List.fold_left
      (fun level (name, tree) ->
         match (Names.find_opt name known.modules, tree) with
         | Some inner, _ -> add_module level name inner
         | None, T_signature items ->
           add_module level name (Level (level_of (modules @ [ name ]) no_level items))
         | None, T_made (functor_kind, _, standard) ->
           add_module level name
             (Maker
                { functor_kind; container_modules = modules; container_name = name;
                  is_called = true; key = Hole (ref None); standard }))
      no_level named
  in
  modules_of modules known named

(* The type of the root.  @raise Refused *)
let parse text =
  let { items; root } = syntax text in
  let level =
    read_items { declared = 0; members = 0 } [] [] no_level no_level items
  in
  type_of [ level ] [] root
