(* ocaml/schema: the representation of 'a Ancient.Schema.t, and its compilation: the graph, the text
   and the fingerprint that are computed once for each schema. *)

open Ancient_schema_type

type compiled = {
  graph : Ancient_schema_graph.node;
  text : string;
  fingerprint : string;  (** 16 bytes *)
  has_layouts : bool;  (** the text says more than the fingerprint: {!Ancient_schema_layout} *)
}

type 'a repr = {
  ty : ty;
  mutable compiled : compiled option;
}

(* A function, because recursive modules may hold functions before they are initialised. *)
type 'a t = unit -> 'a repr

let ty schema = (schema ()).ty

(* Computed at first use.  Two threads may compute the same schema at the same time, which does no
   harm. *)
let delay f : 'a t =
  let made = ref None in
  fun () ->
    match !made with
    | Some repr -> repr
    | None ->
      let repr = { ty = f (); compiled = None } in
      made := Some repr;
      repr

let of_ty ty : 'a t =
  let repr = { ty; compiled = None } in
  fun () -> repr

let graph_of_text text =
  Ancient_schema_graph.build ~representative:Fun.id (Ancient_schema_parse.parse text)

let compile_type ty =
  (* refuses a type whose expansion has no end, before its text is made *)
  let graph = Ancient_schema_graph.build ~check:true ~representative:Fun.id ty in
  let layouts =
    List.map (fun decl -> (decl, Ancient_schema_layout.of_decl decl))
      (Ancient_schema_layout.records graph)
  in
  let text, representative = Ancient_schema_text.print layouts ty in
  (* refuses what readers would refuse: some limits, such as nesting, show only in the text *)
  ignore (Ancient_schema_parse.parse text : ty);
  let graph = Ancient_schema_graph.build ~representative ty in
  let fingerprint =
    Ancient_schema_compare.(hash128 (encoding graph))
  in
  { graph; text; fingerprint; has_layouts = layouts <> [] }

(* [where] names the function that the user called. *)
let compile where schema =
  match
    let repr = schema () in
    match repr.compiled with
    | Some compiled -> compiled
    | None ->
      let compiled = compile_type repr.ty in
      repr.compiled <- Some compiled;
      compiled
  with
  | compiled -> compiled
  | exception Refused text -> invalid_arg (where ^ ": " ^ text)

(* The first difference between the text of a file and [compiled], if any; and whether the text says
   how records of floats are stored. *)
let difference_from_text compiled text =
  match graph_of_text text with
  | graph -> (
      match Ancient_schema_differ.first_difference compiled.graph graph with
      | Some _ as difference -> (difference, false)
      | None ->
        let says decl = Option.is_some (Ancient_schema_layout.of_decl decl) in
        (None, List.for_all says (Ancient_schema_layout.records graph)))
  | exception Refused what -> (Some ("the schema in the file cannot be read: " ^ what), false)
