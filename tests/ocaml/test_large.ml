(* tests/ocaml: deep and wide values, with the stack the machine gives (the test's runner
   makes it small). *)

let ten_million = 10_000_000

let rec is_descending n = function
  | [] -> n = 0
  | x :: rest -> x = n && is_descending (n - 1) rest

let make_list count =
  let rec add n acc = if n > count then acc else add (n + 1) (n :: acc) in
  add 1 []

let list_in_a_file () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          let copy, info = Ancient.share_with ~sync:false md 0 (make_list ten_million) in
          Check.equal_int "three words each" (ten_million * 24) info.i_size;
          Check.is_true "in this process"
            (is_descending ten_million (Ancient.follow copy)));
      Gc.compact ();
      let size = (Unix.stat path).Unix.st_size in
      Check.is_true (Printf.sprintf "at most 1.01 of the heap's size: %d" size)
        (float_of_int size <= 1.01 *. float_of_int (ten_million * 24));
      Check.in_child (fun () ->
          Check.with_md path (fun md ->
              Check.is_true "in another process"
                (is_descending ten_million (Ancient.follow (Ancient.get md 0))))))

let list_in_memory () =
  let p = Ancient.mark (make_list ten_million) in
  Gc.compact ();
  Check.is_true "as it was" (is_descending ten_million (Ancient.follow p));
  Ancient.delete p

type tree = Leaf | Node of tree * int * tree

(* Leaning to the left, which no walk along the last field gets through. *)
let left_leaning () =
  let rec grow n t = if n = 0 then t else grow (n - 1) (Node (t, n, Leaf)) in
  let rec depth n = function Leaf -> n | Node (left, _, _) -> depth (n + 1) left in
  List.iter
    (fun order ->
       let p, _ = Ancient.mark_with ~order (grow 2_000_000 Leaf) in
       Check.equal_int "depth" 2_000_000 (depth 0 (Ancient.follow p));
       Ancient.delete p)
    [ Ancient.Depth_first; Ancient.Breadth_first ]

let refusal_far_down () =
  let rec grow n v = if n = 0 then v else grow (n - 1) (Obj.repr (0, v)) in
  Check.raises_invalid "a closure a million fields deep" "functional value"
    (fun () -> Ancient.mark (grow 1_000_000 (Obj.repr make_list)))

let () =
  Check.run
    [ ("a list of ten million in a file", list_in_a_file);
      ("a list of ten million in memory", list_in_memory);
      ("a tree two million deep", left_leaning);
      ("a refusal a million fields down", refusal_far_down) ]
