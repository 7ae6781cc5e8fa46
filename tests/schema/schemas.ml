(* tests/schema: schemas made by combinators, each with a value of its type: what
   tests/interop/schemas.txt has the texts and fingerprints of, and what test_typed.ml
   tries against each other. *)

open Ancient.Schema

type sample = Sample : { name : string; schema : 'a t; value : 'a } -> sample

type dep = { name : string; alternatives : string list }

let dep : dep t =
  record "Index.dep"
    [ field "name" string (fun d -> d.name);
      field "alternatives" (list string) (fun d -> d.alternatives) ]

type package = { version : string; size : int; depends : dep list }

let package_of size_name size_type size : package t =
  record "Index.Package.t"
    [ field "version" string (fun p -> p.version);
      field size_name size_type size;
      field "depends" (list dep) (fun p -> p.depends) ]

let package = package_of "size" int (fun p -> p.size)
let package_length = package_of "length" int (fun p -> p.size)

type package_text = { t_version : string; t_size : string; t_depends : dep list }

let package_text : package_text t =
  record "Index.Package.t"
    [ field "version" string (fun p -> p.t_version);
      field "size" string (fun p -> p.t_size);
      field "depends" (list dep) (fun p -> p.t_depends) ]

let vim =
  { version = "9.0"; size = 3506; depends = [ { name = "libc6"; alternatives = [] } ] }

type longer = { l_version : string; l_size : int; l_depends : dep list; l_section : string }

let longer : longer t =
  record "Index.Package.t"
    [ field "version" string (fun p -> p.l_version);
      field "size" int (fun p -> p.l_size);
      field "depends" (list dep) (fun p -> p.l_depends);
      field "section" string (fun p -> p.l_section) ]

type tree =
  | Leaf
  | Node of tree * int * tree
  | Grove of { mutable owner : string; trees : tree array }
  | Nothing

let tree_named node_name : tree t =
  fix (fun tree ->
      let part f = arg tree (function Node (l, _, r) -> Some (f l r) | _ -> None) in
      variant "tree"
        [ constant "Leaf" Leaf;
          case node_name
            [ part (fun l _ -> l);
              arg int (function Node (_, i, _) -> Some i | _ -> None);
              part (fun _ r -> r) ];
          case_record "Grove"
            [ inline ~mutable_:true "owner" string
                (function Grove g -> Some g.owner | _ -> None);
              inline "trees" (array tree)
                (function Grove g -> Some g.trees | _ -> None) ];
          constant "Nothing" Nothing ])

let tree = tree_named "Node"

let some_tree =
  Grove { owner = "x"; trees = [| Leaf; Node (Leaf, 1, Nothing); Nothing |] }

type point = { x : float; y : float }

let point : point t =
  record "point" [ field "x" float (fun p -> p.x); field "y" float (fun p -> p.y) ]

type one = Of_pair of (int * int)
type two = Of_two of int * int

let one : one t =
  variant "pair" [ case "P" [ arg (tuple2 int int) (function Of_pair p -> Some p) ] ]

let two : two t =
  variant "pair"
    [ case "P"
        [ arg int (function Of_two (a, _) -> Some a);
          arg int (function Of_two (_, b) -> Some b) ] ]

type wrapped = Wrapped of string [@@unboxed]

let wrapped : wrapped t =
  variant ~unboxed:true "wrapped"
    [ case "Wrapped" [ arg (as_bytes string) (function Wrapped s -> Some s) ] ]

type boxed = Boxed of string

let boxed : boxed t =
  variant "wrapped" [ case "Wrapped" [ arg string (function Boxed s -> Some s) ] ]

type colour = [ `Red | `green | `Grey of int * string ]

let colour : colour t =
  polymorphic
    [ tag "Red" `Red;
      tag_of "Grey" (tuple2 int (as_bytes string)) (fun p -> `Grey p) (0, "");
      tag "green" `green ]

type json = [ `Null | `List of json list | `String of string ]

let json : json t =
  fix (fun json ->
      alias "json"
        (polymorphic
           [ tag "Null" `Null;
             tag_of "List" (list json) (fun l -> `List l) [];
             tag_of "String" string (fun s -> `String s) "" ]))

type person = { full_name : string; home : house option }
and house = { street : string; people : person list }

let person : person t =
  fst
    (fix2 (fun person house ->
         ( record "Person.t"
             [ field "full_name" string (fun p -> p.full_name);
               field "home" (option house) (fun p -> p.home) ],
           record "House.t"
             [ field "street" string (fun h -> h.street);
               field "people" (list person) (fun h -> h.people) ] )))

module Strings_map = Map.Make (String)
module Back = struct
  type t = string

  let compare a b = String.compare b a
  let schema = string
end
module Back_map = Map.Make (Back)
module Ints_set = Set.Make (Int)
module Strings_table = Hashtbl.Make (struct include String let hash = Hashtbl.hash end)
module Strings_schema = For_map_standard (Strings_map) (Back)
module Back_schema = For_map (Back_map) (Back)
module Ints_schema = For_set_standard (Ints_set) (struct type t = int let schema = int end)
module Table_schema = For_hashtbl (Strings_table) (Back)

(* A Dynarray of OCaml 5.3, as one that comes from a file. *)
module Like_dynarray = struct
  type 'a t = { mutable length : int; mutable elements : Obj.t array; dummy : unit Stdlib.ref }

  let create () = { length = 0; elements = [||]; dummy = Stdlib.ref () }

  (* The array is never flat. *)
  let add_last d x =
    let larger = Array.make (d.length + 1) (Obj.repr 0) in
    Array.blit d.elements 0 larger 0 d.length;
    larger.(d.length) <- Obj.repr x;
    d.elements <- larger;
    d.length <- d.length + 1
end

module Dynarray_schema = For_dynarray (Like_dynarray)

let queue_of items =
  let queue = Queue.create () in
  List.iter (fun item -> Queue.add item queue) items;
  queue

let stack_of items =
  let stack = Stack.create () in
  List.iter (fun item -> Stack.push item stack) items;
  stack

let dynarray_of items =
  let dynarray = Like_dynarray.create () in
  List.iter (Like_dynarray.add_last dynarray) items;
  dynarray

let library : ((int, string) Either.t list * Uchar.t * Complex.t * Digest.t * int Atomic.t) t =
  tuple5 (list (either int string)) uchar complex digest (atomic int)

let a_position = { Lexing.pos_fname = "a.ml"; pos_lnum = 3; pos_bol = 20; pos_cnum = 25 }
let a_time = Unix.gmtime 0.
let some_stats = { (Unix.stat "/") with st_atime = 1.5; st_ctime = 2.5; st_mtime = 3.5 }

(* Names that would hide others if they were printed as they are. *)
type list_ = Own of int list

let hiding : (list_ * int list) t =
  tuple2
    (variant "M.list" [ case "Own" [ arg (list int) (function Own l -> Some l) ] ])
    (alias "M.N.t" (list int))

let table : (string, package) Hashtbl.t =
  let table = Hashtbl.create 4 in
  Hashtbl.add table "vim" vim;
  table

let numbers = Bigarray.Array1.of_array Bigarray.float64 Bigarray.c_layout [| 1.; 2. |]

let grid =
  let grid = Bigarray.Array2.create Bigarray.int16_signed Bigarray.fortran_layout 2 3 in
  Bigarray.Array2.fill grid 7;
  grid

let all =
  [ Sample { name = "unit"; schema = unit; value = () };
    Sample { name = "bool"; schema = bool; value = true };
    Sample { name = "int"; schema = int; value = -5 };
    Sample { name = "char"; schema = char; value = 'x' };
    Sample { name = "string"; schema = string; value = "text" };
    Sample { name = "string as bytes"; schema = as_bytes string; value = "\xff" };
    Sample { name = "bytes"; schema = bytes; value = Bytes.of_string "b" };
    Sample { name = "float"; schema = float; value = 1.5 };
    Sample { name = "int32"; schema = int32; value = 32l };
    Sample { name = "int64"; schema = int64; value = 64L };
    Sample { name = "nativeint"; schema = nativeint; value = 7n };
    Sample
      { name = "floatarray"; schema = floatarray; value = Float.Array.make 2 0.5 };
    Sample
      { name = "containers of one";
        schema = tuple5 (list int) (array float) (option string) (ref bool) (lazy_ char);
        value = ([ 1; 2 ], [| 1. |], Some "s", Stdlib.ref true, Lazy.from_val 'c') };
    Sample { name = "result"; schema = result int string; value = Error "no" };
    Sample
      { name = "tuples in tuples"; schema = tuple2 (tuple2 int string) (list (tuple2 int int));
        value = ((1, "a"), [ (1, 2) ]) };
    Sample { name = "array of strings"; schema = array string; value = [| "a"; "b" |] };
    Sample { name = "bigarray of one dimension";
             schema = array1 Bigarray.float64 Bigarray.c_layout; value = numbers };
    Sample { name = "bigarray of two dimensions";
             schema = array2 Bigarray.int16_signed Bigarray.fortran_layout; value = grid };
    Sample { name = "table of packages"; schema = hashtbl string package; value = table };
    Sample { name = "package"; schema = package; value = vim };
    Sample { name = "package with another field name"; schema = package_length; value = vim };
    Sample { name = "package with another field type"; schema = package_text;
             value = { t_version = "9.0"; t_size = "3506"; t_depends = [] } };
    Sample { name = "package with one field more"; schema = longer;
             value = { l_version = "9.0"; l_size = 1; l_depends = []; l_section = "editors" } };
    Sample { name = "recursive variant"; schema = tree; value = some_tree };
    Sample { name = "recursive variant with another constructor";
             schema = tree_named "Branch"; value = some_tree };
    Sample { name = "record of floats"; schema = point; value = { x = 1.; y = 2. } };
    Sample { name = "constructor of a tuple"; schema = one; value = Of_pair (1, 2) };
    Sample { name = "constructor of two arguments"; schema = two; value = Of_two (1, 2) };
    Sample { name = "unboxed"; schema = wrapped; value = Wrapped "w" };
    Sample { name = "boxed"; schema = boxed; value = Boxed "b" };
    Sample { name = "polymorphic variant"; schema = colour; value = `Grey (1, "g") };
    Sample { name = "recursive polymorphic variant"; schema = json;
             value = `List [ `Null; `String "s" ] };
    Sample { name = "types that need each other"; schema = person;
             value = { full_name = "p"; home = Some { street = "s"; people = [] } } };
    Sample { name = "map of standard order"; schema = Strings_schema.schema int;
             value = Strings_map.(add "b" 2 (add "a" 1 empty)) };
    Sample { name = "map of its own order"; schema = Back_schema.schema int;
             value = Back_map.(add "b" 2 (add "a" 1 empty)) };
    Sample { name = "set"; schema = Ints_schema.schema; value = Ints_set.of_list [ 3; 1 ] };
    Sample { name = "table made by a functor"; schema = Table_schema.schema package;
             value = Strings_table.create 2 };
    Sample { name = "queue"; schema = queue string; value = queue_of [ "a"; "b" ] };
    Sample { name = "stack"; schema = stack int; value = stack_of [ 1; 2; 3 ] };
    Sample { name = "dynarray of floats"; schema = Dynarray_schema.schema float;
             value = dynarray_of [ 0.5; 1.5 ] };
    Sample { name = "dynarray of packages"; schema = Dynarray_schema.schema package;
             value = dynarray_of [ vim ] };
    Sample { name = "types of the library"; schema = library;
             value =
               ( [ Left 1; Right "r" ], Uchar.of_int 0x1F42B, Complex.i, Digest.string "x",
                 Atomic.make 7 ) };
    Sample { name = "records of the library"; schema = tuple3 position tm stats;
             value = (a_position, a_time, some_stats) };
    Sample { name = "names that hide others"; schema = hiding; value = (Own [ 1 ], [ 2 ]) } ]
