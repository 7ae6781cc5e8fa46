(* tests/schema: texts, fingerprints and differences of schemas. *)

module Schema = Ancient.Schema

(* ---- The table that every implementation shares ---- *)

type case = { name : string; text : string; encoding : string; fingerprint : string }

let table =
  lazy
    (let channel = open_in_bin (Sys.getenv "ANCIENT_SCHEMAS") in
     let content = really_input_string channel (in_channel_length channel) in
     close_in channel;
     let after_mark line = String.sub line 2 (String.length line - 2) in
     let starts mark line = String.length line >= 2 && String.sub line 0 2 = mark in
     let case lines =
       let lines = List.filter (fun l -> not (starts "% " l) && l <> "%") lines in
       match lines with
       | name :: rest when starts "# " name ->
         let text, marks = List.partition (fun l -> not (starts "= " l)) rest in
         (match List.map after_mark marks with
          | [ encoding; fingerprint ] ->
            Some
              { name = after_mark name; text = String.concat "\n" text ^ "\n"; encoding;
                fingerprint }
          | _ -> Check.failf "table: %s" name)
       | _ -> None
     in
     let rec cases current found = function
       | "" :: lines -> cases [] (List.rev current :: found) lines
       | line :: lines -> cases (line :: current) found lines
       | [] -> List.rev (List.rev current :: found)
     in
     List.filter_map case (cases [] [] (String.split_on_char '\n' content)))

let hex text =
  String.concat ""
    (List.map
       (fun c -> Printf.sprintf "%02x" (Char.code c))
       (List.of_seq (String.to_seq text)))

let samples_are_as_in_the_table () =
  let find name = List.find_opt (fun c -> c.name = name) (Lazy.force table) in
  List.iter
    (fun (Schemas.Sample { name; schema; _ }) ->
       match find name with
       | None -> Check.failf "%s: not in the table" name
       | Some case ->
         Check.equal_string (name ^ ": text") case.text (Schema.text schema);
         Check.equal_string (name ^ ": fingerprint") case.fingerprint
           (hex (Schema.fingerprint schema)))
    Schemas.all

let texts_are_read_back () =
  List.iter
    (fun case ->
       let graph = Ancient_schema_core.graph_of_text case.text in
       Check.equal_string (case.name ^ ": encoding") case.encoding
         (Ancient_schema_compare.encoding graph))
    (Lazy.force table)

let texts_are_interfaces_to_ocaml () =
  let path = Filename.concat (Lazy.force Check.folder) "cases.mli" in
  let channel = open_out path in
  (* since OCaml 5.2 *)
  if Sys.ocaml_version < "5.2" then
    output_string channel "module Dynarray : sig type 'a t end\n";
  List.iteri
    (fun i case -> Printf.fprintf channel "module Case_%d : sig\n%send\n" i case.text)
    (Lazy.force table);
  close_out channel;
  let command = Filename.quote_command "ocamlfind" [ "ocamlc"; "-c"; path ] in
  Check.equal_int "status of ocamlc" 0 (Sys.command command)

(* ---- Combinators ---- *)

type pair = { left : int; right : string }

let left = Schema.field "left" Schema.int (fun p -> p.left)
let right = Schema.field "right" Schema.string (fun p -> p.right)

let names_are_checked () =
  Check.raises_invalid "a keyword" "\"end\"" (fun () ->
      Schema.field "end" Schema.int (fun p -> p.left));
  Check.raises_invalid "a capital" "\"Pair\"" (fun () -> Schema.record "Pair" [ left ]);
  Check.raises_invalid "a module" "\"m\"" (fun () -> Schema.record "m.pair" [ left ]);
  Check.raises_invalid "two fields" "\"left\" twice" (fun () ->
      Schema.text (Schema.record "pair" [ left; left ]));
  Check.raises_invalid "no field" "no fields" (fun () ->
      Schema.text (Schema.record "pair" []));
  Check.raises_invalid "unboxed" "unboxed" (fun () ->
      Schema.text (Schema.record ~unboxed:true "pair" [ left; right ]))

let constants_are_checked () =
  Check.raises_invalid "order" "constant constructor number 0" (fun () ->
      Schema.(variant "b" [ constant "True" true; constant "False" false ]));
  Check.raises_invalid "tag" "not `B" (fun () -> Schema.tag "B" `A);
  Check.raises_invalid "tag of" "`B" (fun () ->
      Schema.(tag_of "B" int (fun i -> `A i) 0))

let endless_types_are_refused () =
  let refused what schema = Check.raises_invalid what "" (fun () -> Schema.text schema) in
  (* OCaml's own types have no such types either: [magic] makes them *)
  let magic : 'a 'b 'c. ('a Schema.t -> 'b Schema.t) -> 'c Schema.t -> 'c Schema.t =
    fun f -> Obj.magic f
  in
  refused "itself" (Schema.fix (fun t -> t));
  refused "lists of itself" (Schema.fix (magic Schema.list));
  refused "an alias of itself"
    (Schema.fix (fun t -> Schema.alias "t" (magic Schema.option t)));
  refused "unboxed"
    (Schema.fix (fun t ->
         Schema.(variant ~unboxed:true "t" [ case "T" [ arg t (fun _ -> None) ] ])))

let the_same_made_twice_is_one () =
  let pair a = Schema.(record "pair" [ left; right ] |> fun p -> tuple2 p a) in
  let once = Schema.record "pair" [ left; right ] in
  Check.is_true "equal"
    (Schema.equal
       (Schema.tuple2 (pair Schema.int) (pair Schema.int))
       Schema.(tuple2 (tuple2 once int) (tuple2 once int)))

let names_do_not_count () =
  let a = Schema.record "A.t" [ left; right ] and b = Schema.record "b" [ left; right ] in
  Check.is_true "equal" (Schema.equal a b);
  Check.is_true "no difference" (Schema.first_difference a b = None)

module rec Node : sig
  type t = { next : Nodes.t }

  val compare : t -> t -> int
end = struct
  type t = { next : Nodes.t }

  let compare a b = Nodes.compare a.next b.next
end

and Nodes : (Set.S with type elt = Node.t) = Set.Make (Node)

let recursion_through_functors () =
  let schema =
    Schema.fix (fun node ->
        let module Nodes_schema =
          Schema.For_set
            (Nodes)
            (struct
              type t = Node.t

              let schema = node
            end)
        in
        Schema.record "node"
          [ Schema.field "next" Nodes_schema.schema (fun n -> n.Node.next) ])
  in
  Check.equal_string "text"
    "module rec Node_set : Set.S with type elt = Types.node\n\
     and Types : sig\n\
    \  type node = { next : Node_set.t }\n\
     end\n\
     val root : Types.node\n"
    (Schema.text schema)

let modules_that_hold_types_and_modules () =
  (* outer -> M.inner -> outer: OCaml has no recursion of types with modules *)
  let outer, _ =
    Schema.fix2 (fun outer inner ->
        ( Schema.record "outer" [ Schema.field "inner" (Schema.list inner) (fun _ -> []) ],
          Schema.record "M.inner" [ Schema.field "outer" (Schema.list outer) (fun _ -> []) ]
        ))
  in
  Check.equal_string "text"
    "module rec M : sig\n\
    \  type inner = { outer : Types.outer list }\n\
     end\n\
     and Types : sig\n\
    \  type outer = { inner : M.inner list }\n\
     end\n\
     val root : Types.outer\n"
    (Schema.text outer)

let containers_must_be_the_standard_librarys () =
  let module Strange = struct
    include Map.Make (String)

    let singleton key value = add key value (singleton "x" value)
  end in
  Check.raises_invalid "a map of other nodes" "not represented as one of the standard library's"
    (fun () ->
       let module S = Schema.For_map (Strange) (Schemas.Back) in
       S.schema Schema.int)

(* ---- Differences ---- *)

let differences_say_where () =
  let difference what expected a b =
    Check.equal ~show:(Option.value ~default:"none") what (Some expected)
      (Schema.first_difference a b)
  in
  difference "field's type"
    "field \"size\" of type Index.Package.t: expected int, the file has string"
    Schemas.package Schemas.package_text;
  difference "field's name"
    "type Index.Package.t: expected field \"size\", the file has field \"length\""
    Schemas.package Schemas.package_length;
  difference "field added"
    "type Index.Package.t: expected no more fields, the file has field \"section\""
    Schemas.package Schemas.longer;
  difference "field gone"
    "type Index.Package.t: expected field \"section\", the file has no more fields"
    Schemas.longer Schemas.package;
  difference "constructor"
    "type tree: expected constructor Node, the file has Branch" Schemas.tree
    (Schemas.tree_named "Branch");
  difference "arguments"
    "constructor P of type pair: expected 1 argument, the file has 2 arguments"
    Schemas.one Schemas.two;
  difference "unboxed" "type wrapped: expected it unboxed, in the file it is not unboxed"
    Schemas.wrapped Schemas.boxed;
  let three part = Schema.(tuple3 bool (option part) (list (array part))) in
  let inside what place a b =
    difference what (place ^ ": expected int, the file has string") a b
  in
  Schema.(
    inside "list" "element of the list" (list int) (list string);
    inside "array" "element of the array" (array int) (array string);
    inside "option" "what the option holds" (option int) (option string);
    inside "ref" "what the ref holds" (ref int) (ref string);
    inside "lazy" "what the lazy holds" (lazy_ int) (lazy_ string);
    inside "error" "Error of the result" (result unit int) (result unit string);
    inside "key" "key of the table" (hashtbl int unit) (hashtbl string unit);
    inside "value" "value of the table" (hashtbl unit int) (hashtbl unit string);
    inside "tuple" "element 2 of the tuple" (tuple2 unit int) (tuple2 unit string));
  inside "map" "value of the map"
    (Schemas.Strings_schema.schema Schema.int) (Schemas.Strings_schema.schema Schema.string);
  difference "deep"
    "element of the list in element of the array in value of the table: expected int, the file has \
     string (at [_][_][_])"
    Schema.(hashtbl string (array (list int)))
    Schema.(hashtbl string (array (list string)));
  difference "tag" "argument of `A: expected int, the file has string"
    (Schema.polymorphic [ Schema.tag_of "A" Schema.int (fun x -> `A x) 0 ])
    (Schema.polymorphic [ Schema.tag_of "A" Schema.string (fun x -> `A x) "" ]);
  difference "field below"
    "field \"size\" of type Index.Package.t: expected int, the file has string (at [1].Some.size)"
    (three Schemas.package) (three Schemas.package_text);
  difference "order"
    "the value: expected int Map of string with the standard order, the file has one with \
     an order of its own"
    (Schemas.Strings_schema.schema Schema.int)
    (Schemas.Back_schema.schema Schema.int)

(* What the other version of OCaml has is declared here. *)
let versions_of_ocaml_differ_in_types () =
  let says what part a b =
    match Schema.first_difference a b with
    | None -> Check.failf "%s: no difference" what
    | Some text -> if not (Check.contains text part) then Check.failf "%s: %S" what text
  in
  let other name = Schema.(record name [ field "length" int (fun _ -> 0) ]) in
  says "buffer" "(OCaml 5.0 changed Buffer.t; " Schema.buffer (other "Buffer.t");
  says "buffer, seen from the other side" "(OCaml 5.0 changed Buffer.t; " (other "Buffer.t")
    Schema.buffer;
  says "dynarray" "(OCaml 5.3 changed Dynarray.t; " Schemas.(Dynarray_schema.schema package)
    (other "Dynarray.t");
  says "element of a dynarray" "expected int, the file has string"
    (Schemas.Dynarray_schema.schema Schema.int)
    (Schemas.Dynarray_schema.schema Schema.string)

(* A table of MakeSeeded and maps with labels are what their like are; others are refused. *)
module Seeded = Hashtbl.MakeSeeded (struct
    type t = string

    let equal = String.equal
    (* its name until 4.14, and from 5.0 on *)
    let hash = Hashtbl.seeded_hash
    let seeded_hash = Hashtbl.seeded_hash
    let _ = (hash, seeded_hash)
  end)

module Labelled = MoreLabels.Map.Make (String)
module Labelled_set = MoreLabels.Set.Make (String)

let containers_are_made_by_functions_of_their_module () =
  let same what a b = Check.is_true what (Schema.equal a b) in
  let open Schema in
  same "Map.Make" (Schemas.Strings_schema.schema int)
    (map_of ~standard:true Schemas.Strings_map.singleton string int);
  same "Set.Make" Schemas.Ints_schema.schema
    (set_of ~standard:true Schemas.Ints_set.singleton int);
  same "Hashtbl.Make" (Schemas.Table_schema.schema int)
    (table_of Schemas.Strings_table.create Schemas.Strings_table.find string int);
  same "MakeSeeded" (Schemas.Table_schema.schema int)
    (table_of (fun n -> Seeded.create n) Seeded.find string int);
  same "MoreLabels.Map" (Schemas.Back_schema.schema int)
    (map_of Labelled.singleton string int);
  let module By_functor = For_hashtbl (Seeded) (Schemas.Back) in
  same "For_hashtbl of MakeSeeded" (Schemas.Table_schema.schema int) (By_functor.schema int);
  let module By_functor = For_map (Labelled) (Schemas.Back) in
  same "For_map of MoreLabels" (Schemas.Back_schema.schema int) (By_functor.schema int);
  let module By_functor = For_set (Labelled_set) (Schemas.Back) in
  same "For_set of MoreLabels" (set_of Labelled_set.singleton string) By_functor.schema;
  let refused what f =
    Check.raises_invalid what "not represented as one of the standard library's" f
  in
  refused "pairs as a map" (fun () -> map_of (fun k v -> (k, v)) string int);
  refused "a list as a set" (fun () -> set_of (fun k -> [ k ]) string);
  refused "a list as a table" (fun () ->
      table_of (fun _ -> Stdlib.ref []) (fun table key -> List.assoc key !table) string int);
  refused "a function that raises" (fun () -> set_of (fun _ -> raise Exit) string)

let modules_of_other_libraries_are_looked_at () =
  let open Schema in
  let module I = For_int63 (struct type t = int let of_int i = i end) in
  Check.is_true "Int63" (equal I.schema int);
  Check.raises_invalid "Int64 as Int63" "is not made by its library" (fun () ->
      let module I = For_int63 (Int64) in
      I.schema);
  Check.raises_invalid "another dynarray" "not known here" (fun () ->
      let module D = For_dynarray (struct
          type 'a t = 'a list Stdlib.ref

          let create () = Stdlib.ref []
          let add_last d x = d := x :: !d
        end)
      in
      text (D.schema int))

(* ---- Texts of others ---- *)

let refused part text =
  match Ancient_schema_core.graph_of_text text with
  | _ -> Check.failf "not refused: %s" (String.sub text 0 (min 60 (String.length text)))
  | exception Ancient_schema_type.Refused what ->
    if not (Check.contains what part) then Check.failf "%S: %s" part what

let repeated n text = String.concat "" (List.init n (fun _ -> text))

let bad_texts_are_refused () =
  refused "expected val" "";
  refused "unknown type x" "val root : x";
  refused "1 arguments, expected 0" "val root : int int";
  refused "expected 2" "val root : int Hashtbl.t";
  refused "recursion" "type t = t val root : t";
  refused "twice" "type t = int type t = int val root : t";
  refused "twice" "type t = { a : int; a : int } val root : t";
  refused "twice" "type t = A | A val root : t";
  refused "parameter" "type t = 'a val root : t";
  refused "unboxed" "type t = { a : int; b : int } [@@unboxed] val root : t";
  refused "the end" "val root : int = "

(* Refused with little work: in proportion to the text, and for the 65,536 types that a short
   one may come to.  Counted in words allocated, which no clock disturbs. *)
let refused_soon what text =
  let before = Gc.minor_words () in
  refused what text;
  let words = Gc.minor_words () -. before in
  if words > 2e7 +. 100. *. float_of_int (String.length text) then
    Check.failf "%s: %.0f words allocated for %d bytes" what words (String.length text)

let hostile_texts_are_refused () =
  refused_soon "nested" ("val root : " ^ repeated 300 "(" ^ "int" ^ repeated 300 ")");
  refused_soon "nested" ("val root : int" ^ repeated 100_000 " list");
  refused_soon "nested" (repeated 300 "module M : sig " ^ repeated 300 "end " ^ "val root : int");
  refused_soon "nested" (repeated 300 "(*" ^ repeated 300 "*)" ^ "val root : int");
  refused_soon "longer" (repeated (1 lsl 20) " " ^ "val root : int");
  refused_soon "in a row" ("val root : int" ^ repeated 100_000 " * int");
  refused_soon "types"
    (String.concat ""
       (List.init 66_000 (fun i -> Printf.sprintf "type t%x=int " i)) ^ "val root : int");
  refused_soon "types"
    "type 'a t = N | C of ('a * 'a) t val root : int t";
  refused_soon "itself, through unboxed" "type t = T of t [@@unboxed] val root : t";
  refused_soon "recursion" "type t = [ `A of t ] list val root : t"

let random_texts_are_read_or_refused () =
  let words =
    [| "type "; "t "; "= "; "{ "; "} "; "a "; ": "; "; "; "int "; "list "; "A "; "of "; "* ";
       "( "; ") "; "[ "; "] "; "`B "; "| "; "'a "; ", "; "module "; "M "; "sig "; "end "; "and ";
       "rec "; "val "; "root "; "[@@unboxed] "; "[@ancient.bytes] "; ". "; "Map.S with type key = " |]
  in
  let state = Random.State.make [| 12 |] in
  for _ = 1 to 20_000 do
    let length = Random.State.int state 30 in
    let word _ = words.(Random.State.int state (Array.length words)) in
    let text =
      String.concat "" (List.init length word) ^ "val root : int"
    in
    match Ancient_schema_core.graph_of_text text with
    | _ | (exception Ancient_schema_type.Refused _) -> ()
  done

let () =
  Check.run
    [ ("samples are as in the table", samples_are_as_in_the_table);
      ("texts are read back", texts_are_read_back);
      ("texts are interfaces to OCaml", texts_are_interfaces_to_ocaml);
      ("names are checked", names_are_checked);
      ("constants are checked", constants_are_checked);
      ("endless types are refused", endless_types_are_refused);
      ("the same made twice is one", the_same_made_twice_is_one);
      ("names of types do not count", names_do_not_count);
      ("a type in its own set", recursion_through_functors);
      ("types that need modules that need them", modules_that_hold_types_and_modules);
      ("containers must be the standard library's", containers_must_be_the_standard_librarys);
      ("differences say where", differences_say_where);
      ("versions of OCaml differ in types", versions_of_ocaml_differ_in_types);
      ("containers are made by functions of their module",
       containers_are_made_by_functions_of_their_module);
      ("modules of other libraries are looked at", modules_of_other_libraries_are_looked_at);
      ("bad texts are refused", bad_texts_are_refused);
      ("hostile texts are refused", hostile_texts_are_refused);
      ("random texts are read or refused", random_texts_are_read_or_refused) ]
