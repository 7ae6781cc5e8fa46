(* tests/c-reader: publishes maps and sets beside what OCaml itself finds between two keys of them.

   Usage: ranges FILE

   Key 0: the texts of the schemas, an array.  Of schema i, three keys from 10 * (i + 1) on: the
   container, an array of bounds, each in a ref, and for each two bounds that follow one another the answers, an
   array of four arrays: with both bounds, without the first, without the second, without both.  An
   answer of a map is the values; of a set, the place of each element in the whole.  Of strings
   (schema 0) two keys more: prefixes, and the answers to them. *)

type shape = Point | Circle of int | Named of string * int | Nothing
type tag = [ `A | `Blue of int | `C of string ]
type place = { line : int; name : string }
type flat = { x : float; y : float }

let count = 600
let queries = 120

let random_string () =
  let length = if Random.int 50 = 0 then Random.int 200 else Random.int 6 in
  String.init length (fun _ ->
      match Random.int 5 with
      | 0 -> Char.chr (Random.int 256)
      | 1 -> '\000'
      | n -> Char.chr (95 + n))

let random_int () =
  match Random.int 8 with
  | 0 -> min_int + Random.int 4
  | 1 -> max_int - Random.int 4
  | _ -> Random.int 2000 - 1000

let floats = [| 0.; -0.; nan; infinity; neg_infinity; 1e-310; max_float |]

let random_float () =
  if Random.int 4 = 0 then floats.(Random.int (Array.length floats))
  else float_of_int (Random.int 1000 - 500) /. 4.

let random_shape () =
  match Random.int 5 with
  | 0 -> Point
  | 1 -> Nothing
  | 2 -> Circle (random_int ())
  | _ -> Named (random_string (), Random.int 5)

let random_tag () : tag =
  match Random.int 3 with
  | 0 -> `A
  | 1 -> `Blue (random_int ())
  | _ -> `C (random_string ())

let random_list () = List.init (Random.int 4) (fun _ -> Random.int 6)

(* By a filter: no search of OCaml's own goes into it. *)
let between bindings low high =
  let answer low_too high_too =
    List.filter
      (fun (key, _) ->
         let l = compare key low and h = compare key high in
         (if low_too then l >= 0 else l > 0) && if high_too then h <= 0 else h < 0)
      bindings
    |> List.map snd |> Array.of_list
  in
  [| answer true true; answer false true; answer true false; answer false false |]

(* And by OCaml's to_seq_from, which must agree. *)
let check_from to_seq_from bindings low =
  let after = List.filter (fun (key, _) -> compare key low >= 0) bindings in
  assert (compare (List.of_seq (to_seq_from low)) after = 0)

(* Bounds are keys that are there, and keys that mostly are not. *)
let bounds_of keys random =
  Array.init (2 * queries) (fun _ ->
      if Random.bool () && Array.length keys > 0 then keys.(Random.int (Array.length keys))
      else random ())

let answers bindings to_seq_from random =
  let bounds = bounds_of (Array.of_list (List.map fst bindings)) random in
  Array.iter (check_from to_seq_from bindings) bounds;
  ( bounds,
    Array.init queries (fun i -> between bindings bounds.(2 * i) bounds.((2 * i) + 1)) )

let map (type key) ?(count = count) (random : unit -> key) =
  let module M = Map.Make (struct
      type t = key

      let compare = compare
    end)
  in
  let map = ref M.empty in
  for i = 0 to count - 1 do
    map := M.add (random ()) i !map
  done;
  let bounds, answers =
    answers (M.bindings !map) (fun low -> M.to_seq_from low !map) random
  in
  (Obj.repr !map, Obj.repr (Array.map ref bounds), answers)

let set (type elt) ?(count = count) (random : unit -> elt) =
  let module S = Set.Make (struct
      type t = elt

      let compare = compare
    end)
  in
  let set = S.of_list (List.init count (fun _ -> random ())) in
  let numbered = List.mapi (fun i element -> (element, i)) (S.elements set) in
  let from low = Seq.map (fun e -> (e, List.assoc e numbered)) (S.to_seq_from low set) in
  (* assoc compares with compare, as everything here does *)
  let bounds, answers = answers numbered from random in
  (Obj.repr set, Obj.repr (Array.map ref bounds), answers)

let standard kind key =
  Printf.sprintf "module M : %s.S with type %s = %s [@@ancient.order standard] val root : %s" kind
    (if kind = "Map" then "key" else "elt")
    key
    (if kind = "Map" then "int M.t" else "M.t")

let groups () =
  [ (standard "Map" "string", map random_string);
    (standard "Map" "int", map random_int);
    (standard "Map" "float", map random_float);
    (standard "Map" "(string * int)", map (fun () -> (random_string (), Random.int 3)));
    ( "type shape = Point | Circle of int | Named of string * int | Nothing "
      ^ standard "Map" "shape",
      map random_shape );
    ("type place = { line : int; name : string } " ^ standard "Map" "place",
     map (fun () -> { line = Random.int 9; name = random_string () }));
    (standard "Set" "string", set random_string);
    (standard "Set" "int64", set (fun () -> Int64.of_int (random_int ())));
    (standard "Set" "[ `A | `Blue of int | `C of string ]", set random_tag);
    (standard "Set" "int option",
     set (fun () -> if Random.int 20 = 0 then None else Some (random_int ())));
    (standard "Set" "int list", set random_list);
    ("type flat = { x : float; y : float } " ^ standard "Set" "flat",
     set (fun () -> { x = random_float (); y = random_float () }));
    (standard "Map" "int", map ~count:0 random_int);
    (standard "Set" "char", set ~count:1 (fun () -> Char.chr (Random.int 256)));
    (standard "Map" "string", map ~count:3 random_string) ]

let prefixes map =
  let module M = Map.Make (String) in
  let bindings = M.bindings (Obj.obj map : int M.t) in
  let asked =
    Array.init queries (fun i ->
        let text = random_string () in
        if i land 1 = 0 then text else String.sub text 0 (min 1 (String.length text)))
  in
  let begins prefix text =
    String.length text >= String.length prefix
    && String.sub text 0 (String.length prefix) = prefix
  in
  ( asked,
    Array.map
      (fun prefix ->
         List.filter (fun (key, _) -> begins prefix key) bindings
         |> List.map snd |> Array.of_list)
      asked )

let () =
  let path = Sys.argv.(1) in
  Random.init 20261130;
  let file = Unix.openfile path [ Unix.O_RDWR; Unix.O_CREAT; Unix.O_TRUNC ] 0o600 in
  let md = Ancient.attach file 0n in
  let share key value = ignore (Ancient.share md key value) in
  let groups = groups () in
  share 0 (Obj.repr (Array.of_list (List.map fst groups)));
  List.iteri
    (fun i (_, (container, bounds, answers)) ->
       let at = 10 * (i + 1) in
       share at container;
       share (at + 1) bounds;
       share (at + 2) (Obj.repr answers);
       if i = 0 then begin
         let asked, found = prefixes container in
         share (at + 3) (Obj.repr asked);
         share (at + 4) (Obj.repr found)
       end)
    groups;
  Ancient.detach md;
  Unix.close file
