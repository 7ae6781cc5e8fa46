(* tests/conformance: OCaml itself uses the values of spec/conformance/good/typed.ancient, in place,
   by the types that their schemas say.

   Usage: typed_values FILE

   Silent where all is as the typed dump of the file has it. *)

module Strings = Map.Make (String)
module Ints = Set.Make (Int)

module Own = Hashtbl.Make (struct
    type t = string

    let equal = String.equal
    let hash = Hashtbl.hash
  end)

type flat = { x : float; y : float }
type unboxed = { v : string } [@@unboxed]
type id = Id of string [@@unboxed]
type variant = A | B of int | C of int * string | D | E of (int * int) | F of { a : int; b : variant }
type colour = [ `Red | `Grey of int * bytes ]
type link = { name : string; next : link option }
type tree = Leaf of int | Node of tree list

let md = ref None

(* The value of a name, of the type that is asked for. *)
let get name = Ancient.follow (Ancient.get_named (Option.get !md) name)

let check name holds =
  if not holds then begin
    prerr_endline ("not as the dump has it: " ^ name);
    exit 1
  end

let scalars () =
  check "true" (get "true" : bool);
  check "int"
    ((get "int" : int list)
     = [ 0; -1; 1 lsl 53; (1 lsl 53) + 1; -(1 lsl 53) - 1; max_int; min_int ]);
  check "char" ((get "char" : char array) = [| '\000'; '"'; 'A'; '\127'; '\128'; '\255' |]);
  check "boxed integers" ((get "boxed integers" : int32 * int64 * nativeint)
                          = (-1l, 9007199254740993L, -7n));
  check "option of what may be null"
    (let a, b, c, _ =
       (get "option of what may be null"
        : int option option list * unit option * int option ref option * unit Lazy.t option)
     in
     (a, b, c) = ([ None; Some None; Some (Some 3) ], Some (), Some (ref None)));
  check "lazy"
    (let a, b, c = (get "lazy" : float Lazy.t * int lazy_t * int Lazy.t Lazy.t) in
     (Lazy.force a, Lazy.force b, Lazy.force (Lazy.force c)) = (1.5, 7, 8))

let declared () =
  check "flat record" ((get "flat record" : flat) = { x = 1.0; y = infinity });
  check "unboxed record" ((get "unboxed record" : unboxed list) = [ { v = "a" } ]);
  check "unboxed variant" ((get "unboxed variant" : id array) = [| Id "a"; Id "b" |]);
  check "variant"
    ((get "variant" : variant list)
     = [ A; D; B 5; C (1, "x"); E (1, 2); F { a = 4; b = A } ]);
  check "polymorphic variant"
    ((get "polymorphic variant" : colour list) = [ `Red; `Grey (1, Bytes.of_string "a") ]);
  let link : link = get "a record of itself" in
  check "a record of itself" (link.name = "a" && Option.get link.next == link);
  check "a tree of itself"
    (match (get "a tree of itself" : tree) with
     | Node [ Leaf 1; again ] as all -> again == all
     | _ -> false)

let containers () =
  let seeded : (string, int) Hashtbl.t = get "table with a seed" in
  check "table with a seed"
    (List.map (Hashtbl.find_opt seeded) [ "a"; "b"; "c"; "d" ]
     = [ Some 1; Some 2; Some 3; None ]);
  let strings : (string, int) Hashtbl.t = get "table of strings" in
  check "table of strings" (Hashtbl.find_all strings "a" = [ 3; 1 ]);
  let pairs : (int * string, int) Hashtbl.t = get "table of pairs" in
  check "table of pairs" (Hashtbl.find pairs (1, "a") = 2);
  let own : int Own.t = get "Hashtbl.S" in
  check "Hashtbl.S" (Own.find own "a" = 3 && Own.find own "b" = 2 && not (Own.mem own "c"));
  let map : int Strings.t = get "Map.S" in
  check "Map.S" (Strings.bindings map = [ ("a", 1); ("b", 2); ("c", 3) ]);
  check "Map.S, a key" (Strings.find "c" map = 3 && not (Strings.mem "d" map));
  let set, element = (get "Set.S" : Ints.t * int) in
  check "Set.S" (Ints.elements set = [ -1; 1; 3 ] && Ints.mem 3 set && element = 7);
  let numbers, words = (get "queues" : int Queue.t * string Queue.t) in
  check "queues"
    (Queue.peek numbers = 1 && Queue.length numbers = 3 && Queue.fold ( + ) 0 numbers = 6
     && Queue.is_empty words);
  let numbers, words = (get "stacks" : int Stack.t * string Stack.t) in
  check "stacks"
    (Stack.top numbers = 3 && List.of_seq (Stack.to_seq numbers) = [ 3; 2; 1 ]
     && Stack.is_empty words);
  check "atomic" (Atomic.get (get "atomic" : int Atomic.t) = 5);
  let floats, bytes =
    (get "bigarrays"
     : (float, Bigarray.float32_elt, Bigarray.c_layout) Bigarray.Array2.t
       * (int, Bigarray.int8_unsigned_elt, Bigarray.fortran_layout) Bigarray.Genarray.t)
  in
  check "bigarrays"
    (Bigarray.Array2.get floats 0 1 = 1.5 && Bigarray.Genarray.get bytes [| 2 |] = 8)

let () =
  let file = Unix.openfile Sys.argv.(1) [ Unix.O_RDONLY ] 0 in
  let attached = Ancient.attach_with ~read_only:true ~verify:true file in
  md := Some attached;
  scalars ();
  declared ();
  containers ();
  Ancient.detach attached
