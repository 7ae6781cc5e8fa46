(* ocaml: a schema, and what is computed of it once: graph, text, fingerprint. *)

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

(* A function, so that schemas are values that recursive modules may hold. *)
type 'a t = unit -> 'a repr

let ty schema = (schema ()).ty

(* Computed at first use.  Two threads that come here at once compute the same twice,
   which does no harm. *)
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
  (* has the type an end?  The text is not made of one that has none. *)
  let graph = Ancient_schema_graph.build ~representative:Fun.id ty in
  let layouts =
    List.map (fun decl -> (decl, Ancient_schema_layout.of_decl decl))
      (Ancient_schema_layout.records graph)
  in
  let text, representative = Ancient_schema_text.print layouts ty in
  (* readers have limits that only the text shows, of nesting for one *)
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

(* What the text of a file says otherwise than [compiled]; or None, and whether it says how
   records of floats are stored. *)
let difference_from_text compiled text =
  match graph_of_text text with
  | graph -> (
      match Ancient_schema_compare.first_difference compiled.graph graph with
      | Some _ as difference -> (difference, false)
      | None ->
        let says decl = Option.is_some (Ancient_schema_layout.of_decl decl) in
        (None, List.for_all says (Ancient_schema_layout.records graph)))
  | exception Refused what -> (Some ("the schema in the file cannot be read: " ^ what), false)
