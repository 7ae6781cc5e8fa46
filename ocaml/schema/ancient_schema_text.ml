(* ocaml/schema: prints a schema as the text that files carry (spec/FORMAT.md, 12.2): the
   declarations that the root needs, each in its module, in an order that OCaml accepts.

   Names only inform people, so a name is changed where it would mean another type: where two
   types have the same one, or where one type would hide another.  Types and modules that refer
   to each other are wrapped in a module, because OCaml has recursive types and recursive
   modules but no recursion between the two. *)

open Ancient_schema_type
open Ancient_schema_same

(* ---- What is declared ---- *)

type entry = {
  mutable label : string;
  kind : kind;
  mutable inside : entry option;  (** the module around it *)
}

and kind = Type of decl | Made of container | Module of entry list ref

type printing = {
  mutable top : entry list;
  representatives : (int, decl) Stdlib.Hashtbl.t;
  mutable decls : (decl * entry) list;  (** representatives, last met first *)
  mutable containers : (container * entry) list;
  by_id : (int, entry) Stdlib.Hashtbl.t;  (** types *)
  by_path : (string, decl list) Stdlib.Hashtbl.t;
  mutable renamed : int;
  layouts : (int, layout option) Stdlib.Hashtbl.t;  (** by the id of a declaration *)
}

(* ---- The same declaration, made twice ---- *)

let layout_of printing (decl : decl) =
  Option.join (Stdlib.Hashtbl.find_opt printing.layouts decl.id)

let same printing a b = same (layout_of printing) a b

let representative printing decl =
  match Stdlib.Hashtbl.find_opt printing.representatives decl.id with
  | Some decl -> decl
  | None ->
    let path = path decl in
    let known =
      Option.value ~default:[] (Stdlib.Hashtbl.find_opt printing.by_path path)
    in
    let found =
      match List.find_opt (same printing decl) known with
      | Some known -> known
      | None ->
        Stdlib.Hashtbl.replace printing.by_path path (decl :: known);
        decl
    in
    Stdlib.Hashtbl.replace printing.representatives decl.id found;
    found

let same_container printing c d =
  c == d
  || c.functor_kind = d.functor_kind
     && c.standard = d.standard
     && String.equal c.container_name d.container_name
     && c.container_modules = d.container_modules
     && (c.key == d.key
         || match (no_hole c.key, no_hole d.key) with
         | ((Base _) as a), ((Base _) as b) -> a = b
         | Named (a, []), Named (b, []) -> same printing a b
         | _ -> false)

let entry_of_container printing container =
  snd (List.find (fun (c, _) -> same_container printing container c) printing.containers)

(* ---- Collecting, what is needed first ---- *)

let level_of printing = function
  | None -> printing.top
  | Some { kind = Module entries; _ } -> !entries
  | Some { kind = Type _ | Made _; _ } -> []

let add_to printing inside entry =
  entry.inside <- inside;
  match inside with
  | Some { kind = Module entries; _ } -> entries := !entries @ [ entry ]
  | _ -> printing.top <- printing.top @ [ entry ]

let is_type entry = match entry.kind with Type _ -> true | _ -> false

let rec module_at printing inside = function
  | [] -> inside
  | name :: names ->
    let is_it entry =
      match entry.kind with
      | Module _ -> String.equal entry.label name
      | Type _ | Made _ -> false
    in
    let found =
      match List.find_opt is_it (level_of printing inside) with
      | Some entry -> entry
      | None ->
        let entry = { label = name; kind = Module (ref []); inside = None } in
        add_to printing inside entry;
        entry
    in
    module_at printing (Some found) names

let place printing modules label kind =
  let entry = { label; kind; inside = None } in
  add_to printing (module_at printing None modules) entry;
  entry

(* A declaration is placed after all that it needs; [Enter] and [Leave]
   stand on an explicit stack, for chains of types can be long. *)
type step = Enter of ty | Leave of (unit -> unit)

let collect printing root =
  let seen = Stdlib.Hashtbl.create 64 in
  let steps = Stack.create () in
  let enter_all types = List.iter (fun t -> Stack.push (Enter t) steps) (List.rev types) in
  let enter_decl decl =
    if not (Stdlib.Hashtbl.mem seen decl.id) then begin
      if Stdlib.Hashtbl.length seen >= max_types then
        refuse "more than %d types" max_types;
      Stdlib.Hashtbl.add seen decl.id ();
      Stack.push
        (Leave
           (fun () ->
              let entry = place printing decl.modules decl.name (Type decl) in
              Stdlib.Hashtbl.add printing.by_id decl.id entry;
              printing.decls <- (decl, entry) :: printing.decls))
        steps;
      enter_all (types_of_body (body decl))
    end
  in
  let leave_container c () =
    if not (List.exists (fun (d, _) -> same_container printing c d) printing.containers) then
      let entry = place printing c.container_modules c.container_name (Made c) in
      printing.containers <- (c, entry) :: printing.containers
  in
  let enter ty =
    match ty with
    | Container (c, value) ->
      (* its own key is visited once, even where it leads back here *)
      if not (List.memq c (List.map fst printing.containers)) then begin
        Stack.push (Leave (leave_container c)) steps;
        Stack.push (Enter c.key) steps
      end;
      enter_all (Option.to_list value)
    | Named (decl, arguments) ->
      enter_all arguments;
      enter_decl (representative printing decl)
    | ty -> enter_all (children ty)
  in
  Stack.push (Enter root) steps;
  while not (Stack.is_empty steps) do
    match Stack.pop steps with
    | Enter ty -> enter ty
    | Leave f -> f ()
  done

(* ---- What refers to what ---- *)

let iter_targets printing f ty =
  let rec visit ty =
    (match ty with
     | Named (decl, _) ->
       f (Stdlib.Hashtbl.find printing.by_id (representative printing decl).id)
     | Container (c, _) -> f (entry_of_container printing c)
     | _ -> ());
    match ty with
    | Container (_, value) -> Option.iter visit value
    | ty -> List.iter visit (children ty)
  in
  visit ty

let own_types = function
  | Type decl -> types_of_body (body decl)
  | Made container -> [ container.key ]
  | Module _ -> []

let rec chain entry =
  entry :: (match entry.inside with None -> [] | Some around -> chain around)

(* The entry of [level] (that of the module [inside]) that is or holds [entry]. *)
let in_level inside entry =
  List.find_opt
    (fun e ->
       match (e.inside, inside) with
       | None, None -> true
       | Some a, Some b -> a == b
       | _ -> false)
    (chain entry)

let rec iter_leaves f entry =
  match entry.kind with
  | Module entries -> List.iter (iter_leaves f) !entries
  | Type _ | Made _ -> f entry

(* Tarjan's algorithm over one level: groups in the order in which they can be declared.
   Within a group, the order in which they were met. *)
let groups printing inside =
  let entries = Array.of_list (level_of printing inside) in
  let n = Array.length entries in
  let index_of entry =
    let rec find i = if entries.(i) == entry then i else find (i + 1) in
    find 0
  in
  let needs i =
    let found = ref [] in
    let target e =
      match in_level inside e with
      | Some e ->
        let j = index_of e in
        if not (List.mem j !found) then found := j :: !found
      | None -> ()
    in
    iter_leaves
      (fun leaf -> List.iter (iter_targets printing target) (own_types leaf.kind))
      entries.(i);
    List.sort compare !found
  in
  let number = Array.make n (-1) and low = Array.make n 0 in
  let waiting = Array.make n false in
  let stack = Stack.create () and count = ref 0 and result = ref [] in
  let rec pop_to i group =
    let j = Stack.pop stack in
    waiting.(j) <- false;
    if i = j then j :: group else pop_to i (j :: group)
  in
  let rec visit i =
    number.(i) <- !count;
    low.(i) <- !count;
    incr count;
    Stack.push i stack;
    waiting.(i) <- true;
    List.iter
      (fun j ->
         if number.(j) < 0 then begin
           visit j;
           low.(i) <- min low.(i) low.(j)
         end
         else if waiting.(j) then low.(i) <- min low.(i) number.(j))
      (needs i);
    if low.(i) = number.(i) then
      result := List.map (Array.get entries) (List.sort compare (pop_to i [])) :: !result
  in
  for i = 0 to n - 1 do
    if number.(i) < 0 then visit i
  done;
  List.rev !result

let set_level printing inside entries =
  match inside with
  | Some { kind = Module level; _ } -> level := entries
  | _ -> printing.top <- entries

(* Types that stand in one group with modules go into a module of their own. *)
let rec arrange printing inside =
  let groups_now = groups printing inside in
  let mixed group = List.exists is_type group && not (List.for_all is_type group) in
  match List.find_opt mixed groups_now with
  | Some group ->
    let types = List.filter is_type group in
    let level = level_of printing inside in
    let around = { label = "Types"; kind = Module (ref types); inside } in
    List.iter (fun e -> e.inside <- Some around) types;
    set_level printing inside
      (List.filter (fun e -> not (List.memq e types)) level @ [ around ]);
    arrange printing inside
  | None ->
    set_level printing inside (List.concat groups_now);
    List.iter
      (fun e -> match e.kind with Module _ -> arrange printing (Some e) | _ -> ())
      (level_of printing inside)

(* ---- Names that mean what they should ---- *)

let rename printing entry =
  printing.renamed <- printing.renamed + 1;
  let suffix = Printf.sprintf "_%d" (printing.renamed + 1) in
  let keep = min (String.length entry.label) (max_name - String.length suffix) in
  entry.label <- String.sub entry.label 0 keep ^ suffix

let rec levels_outwards inside =
  inside :: (match inside with None -> [] | Some entry -> levels_outwards entry.inside)

let rec labels_down inside target acc =
  let acc = target.label :: acc in
  match (target.inside, inside) with
  | None, None -> acc
  | Some a, Some b when a == b -> acc
  | Some around, _ -> labels_down inside around acc
  | None, Some _ -> assert false (* [inside] is around the target *)

exception Hidden_by of entry

let hides printing level ~as_type label =
  List.find_opt
    (fun e -> is_type e = as_type && String.equal e.label label)
    (level_of printing level)

(* How [target] is called from a place inside [inside]. *)
let name_from printing inside target =
  let rec look = function
    | [] -> assert false (* everything is inside the top *)
    | level :: outwards -> (
        match in_level level target with
        | None ->
          let labels = lazy (look outwards) in
          let head = List.hd (Lazy.force labels) in
          let as_type = List.compare_length_with (Lazy.force labels) 1 = 0 && is_type target in
          Option.iter
            (fun e -> raise (Hidden_by e))
            (hides printing level ~as_type head);
          Lazy.force labels
        | Some _ -> labels_down level target [])
  in
  String.concat "." (look (levels_outwards inside))

(* The same for a name of 12.3. *)
let known_name printing inside name =
  let head, as_type =
    match String.index_opt name '.' with
    | None -> (name, true)
    | Some i -> (String.sub name 0 i, false)
  in
  List.iter
    (fun level ->
       Option.iter (fun e -> raise (Hidden_by e)) (hides printing level ~as_type head))
    (levels_outwards inside);
  name

let rec make_distinct printing inside =
  let rec pass seen = function
    | [] -> ()
    | e :: rest ->
      if List.exists (fun f -> is_type e = is_type f && String.equal e.label f.label) seen
      then rename printing e;
      pass (e :: seen) rest
  in
  let level = level_of printing inside in
  pass [] level;
  List.iter
    (fun e -> match e.kind with Module _ -> make_distinct printing (Some e) | _ -> ())
    level

(* ---- The text ---- *)

let parameter i = Printf.sprintf "'%c" (Char.chr (Char.code 'a' + i))
let bytes_word = " [@ancient.bytes]"

let rec type_text printing inside ty =
  match no_hole ty with
  | Tuple types -> String.concat " * " (List.map (argument_text printing inside) types)
  | _ -> argument_text printing inside ty

(* A type where a tuple needs parentheses. *)
and argument_text printing inside ty =
  let known = known_name printing inside in
  let applied arguments name =
    match arguments with
    | [] -> name
    | [ t ] -> argument_text printing inside t ^ " " ^ name
    | types ->
      let types = List.map (type_text printing inside) types in
      Printf.sprintf "(%s) %s" (String.concat ", " types) name
  in
  match ty with
  | Hole { contents = Some t } -> argument_text printing inside t
  | Hole { contents = None } -> refuse "a recursive schema used while it is made"
  | As_bytes t -> Printf.sprintf "(%s%s)" (type_text printing inside t) bytes_word
  | Tuple _ -> "(" ^ type_text printing inside ty ^ ")"
  | Base base -> known (Ancient_schema_graph.base_name base)
  | Parameter i -> parameter i
  | Applied (constructor, types) ->
    applied types (known (Ancient_schema_graph.applied_name constructor))
  | Bigarray b ->
    ignore (known "Bigarray.t");
    let name = Ancient_schema_graph.bigarray_name b in
    let element = String.sub name 1 (String.index name ',' - 1) in
    ignore (known element);
    name
  | Container (c, value) ->
    applied (Option.to_list value)
      (name_from printing inside (entry_of_container printing c) ^ ".t")
  | Named (decl, types) ->
    let decl = representative printing decl in
    applied types (name_from printing inside (Stdlib.Hashtbl.find printing.by_id decl.id))
  | Polymorphic [] -> refuse "a polymorphic variant without a tag"
  | Polymorphic tags ->
    let tag (name, argument) =
      match argument with
      | None -> "`" ^ name
      | Some t -> Printf.sprintf "`%s of %s" name (argument_text printing inside t)
    in
    "[ " ^ String.concat " | " (List.map tag tags) ^ " ]"

(* A type, and the attribute that follows the whole it stands in. *)
let marked_text attribute print ty =
  let rec unmark marked = function
    | Hole { contents = Some t } -> unmark marked t
    | As_bytes t -> unmark true t
    | t -> (marked, t)
  in
  let marked, t = unmark false ty in
  print t ^ if marked then attribute else ""

let field_text printing inside f =
  Printf.sprintf "%s%s : %s"
    (if f.mutable_ then "mutable " else "")
    f.label
    (marked_text bytes_word (type_text printing inside) f.field_type)

let fields_text printing inside fields =
  "{ " ^ String.concat "; " (List.map (field_text printing inside) fields) ^ " }"

let constr_text printing inside c =
  match c.args with
  | Constant -> c.constr_name
  | Inline fields -> c.constr_name ^ " of " ^ fields_text printing inside fields
  | Args args ->
    let arg a = argument_text printing inside a.field_type in
    c.constr_name ^ " of " ^ String.concat " * " (List.map arg args)

let unboxed_word unboxed = if unboxed then " [@@unboxed]" else ""

let layout_text printing decl =
  match layout_of printing decl with
  | Some layout -> Printf.sprintf " [@@ancient.floats %s]" (Ancient_schema_layout.word layout)
  | None -> ""

let decl_text printing inside label decl =
  let parameters =
    match List.init decl.arity parameter with
    | [] -> ""
    | [ p ] -> p ^ " "
    | ps -> "(" ^ String.concat ", " ps ^ ") "
  in
  let right =
    match body decl with
    | Abstract -> known_name printing inside (Ancient_schema_graph.base_name Unit)
    | Alias t -> marked_text " [@@ancient.bytes]" (type_text printing inside) t
    | Record { fields; unboxed; _ } ->
      fields_text printing inside fields
      ^ unboxed_word unboxed
      ^ layout_text printing decl
    | Variant { constrs; unboxed } ->
      String.concat " | " (List.map (constr_text printing inside) constrs)
      ^ unboxed_word unboxed
  in
  parameters ^ label ^ " = " ^ right

let container_text printing inside c =
  let made, key, standard =
    match c.functor_kind with
    | Map -> ("Map.S", "key", " [@@ancient.order standard]")
    | Set -> ("Set.S", "elt", " [@@ancient.order standard]")
    | Hashtable -> ("Hashtbl.S", "key", " [@@ancient.hash standard]")
  in
  ignore (known_name printing inside made);
  Printf.sprintf "%s with type %s = %s%s" made key
    (type_text printing inside c.key)
    (if c.standard then standard else "")

let rec level_text printing indent inside out =
  let line text =
    if Buffer.length out + String.length text > max_text then
      refuse "the text is longer than %d bytes" max_text;
    Buffer.add_string out (indent ^ text ^ "\n")
  in
  let entry keyword e =
    match e.kind with
    | Type decl -> line (keyword ^ decl_text printing inside e.label decl)
    | Made c ->
      line (Printf.sprintf "%s%s : %s" keyword e.label (container_text printing inside c))
    | Module _ ->
      line (Printf.sprintf "%s%s : sig" keyword e.label);
      level_text printing (indent ^ "  ") (Some e) out;
      line "end"
  in
  List.iter
    (fun group ->
       let first = List.hd group in
       let keyword =
         if is_type first then "type "
         else if List.compare_length_with group 1 > 0 then "module rec "
         else "module "
       in
       entry keyword first;
       List.iter (entry "and ") (List.tl group))
    (groups printing inside)

let rec text_of printing root =
  let out = Buffer.create 1024 in
  match
    level_text printing "" None out;
    marked_text bytes_word (type_text printing None) root
  with
  | root -> Buffer.contents out ^ "val root : " ^ root ^ "\n"
  | exception Hidden_by entry ->
    rename printing entry;
    text_of printing root

(* The text, and how to find the declaration that stands for all of the same name and
   structure. *)
let print layouts root =
  let printing =
    { top = []; representatives = Stdlib.Hashtbl.create 64; decls = []; containers = [];
      by_id = Stdlib.Hashtbl.create 64; by_path = Stdlib.Hashtbl.create 64; renamed = 0;
      layouts = Stdlib.Hashtbl.create 16 }
  in
  List.iter
    (fun ((decl : decl), layout) -> Stdlib.Hashtbl.replace printing.layouts decl.id layout)
    layouts;
  collect printing root;
  arrange printing None;
  make_distinct printing None;
  let text = text_of printing root in
  if String.length text > max_text then
    refuse "the text is longer than %d bytes" max_text;
  (text, representative printing)
