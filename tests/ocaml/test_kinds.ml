(* tests/ocaml: every kind of value, in memory and in a file, is equal to the original,
   hashes and marshals like it, and is wholly ancient. *)

let same name original copy =
  if compare original copy <> 0 then Check.failf "%s: the copy differs" name;
  if compare copy original <> 0 then
    Check.failf "%s: compare is not symmetric" name;
  if Hashtbl.hash original <> Hashtbl.hash copy then
    Check.failf "%s: the hash differs" name

let marshals name original copy =
  let flags = [] in
  let bytes v = Marshal.to_string (v : Obj.t) flags in
  let back s : Obj.t = Marshal.from_string s 0 in
  if compare (back (bytes copy)) original <> 0 then
    Check.failf "%s: Marshal of the copy differs" name

let ancient_through name v =
  if Obj.is_block v && not (Ancient.is_ancient v) then
    Check.failf "%s: is not ancient" name

(* Neither compare nor hash with all depths ends on these. *)
let cyclic = List.map (fun (name, _, _) -> name) Values.cyclic

let is_cyclic name = List.exists (fun part -> Check.contains name part) cyclic

let check_copy name original copy =
  ancient_through name copy;
  if not (is_cyclic name) then begin
    same name original copy;
    marshals name original copy
  end

let in_memory () =
  List.iter
    (fun (name, value, _) ->
       let p = Ancient.mark value in
       check_copy name value (Ancient.follow p);
       Ancient.delete p)
    Values.fixed

let in_a_file order () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          List.iteri
            (fun key (name, value, _) ->
               let p, _ = Ancient.share_with ~order ~sync:false md key value in
               check_copy name value (Ancient.follow p))
            Values.fixed);
      Check.in_child (fun () ->
          Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
              Ancient.verify md;
              List.iteri
                (fun key (name, value, _) ->
                   check_copy name value (Ancient.follow (Ancient.get md key)))
                Values.fixed)))

let cycles () =
  Check.with_new_md (fun md ->
      let rec ones = 1 :: 2 :: ones in
      let copy = Ancient.follow (Ancient.share md 0 ones) in
      Check.is_true "the list comes back to itself"
        (copy == List.tl (List.tl copy));
      let p = Ancient.mark ones in
      let copy = Ancient.follow p in
      Check.is_true "in memory too" (copy == List.tl (List.tl copy));
      Ancient.delete p)

let sharing () =
  Check.with_new_md (fun md ->
      let part = Array.init 1000 string_of_int in
      let copy = Ancient.follow (Ancient.share md 0 (part, part, [ part ])) in
      let a, b, c = copy in
      Check.is_true "one block" (a == b && b == List.hd c);
      let text = String.make 100 'x' in
      let x, y = Ancient.follow (Ancient.share md 1 (text, text)) in
      Check.is_true "strings too" (x == y))

(* Nothing is copied of what the file holds already. *)
let increments () =
  Check.with_new_md (fun md ->
      let big, first = Ancient.share_info md 0 (Array.init 10000 string_of_int) in
      let big = Ancient.follow big in
      let both, second = Ancient.share_info md 1 (big, "more") in
      Check.is_true "the first is large" (first.i_size > 100000);
      Check.equal_int "the second is a pair and a string" 40 second.i_size;
      Check.is_true "it refers to the first" (fst (Ancient.follow both) == big))

let between_files () =
  Check.with_new_md (fun first ->
      let here = Ancient.follow (Ancient.share first 0 [ 1.5, "x", 7L ]) in
      Check.with_new_md (fun second ->
          let there = Ancient.follow (Ancient.share second 0 here) in
          Check.is_true "copied" (there != here);
          Check.equal "equal" here there;
          let p = Ancient.mark there in
          Check.equal "back in memory" here (Ancient.follow p);
          Ancient.delete p))

let random ~seed count () =
  Check.with_new_md (fun md ->
      let state = Random.State.make [| seed |] in
      for i = 1 to count do
        let shape = Values.random_description state in
        let value = Values.build shape in
        let order =
          match i mod 3 with
          | 0 -> Ancient.Depth_first
          | 1 -> Ancient.Breadth_first
          | _ -> Ancient.Elements_first
        in
        let p, _ = Ancient.share_with ~order ~sync:false md i value in
        let q, _ = Ancient.mark_with ~order value in
        Check.is_true (Printf.sprintf "value %d as described" i)
          (Values.matches shape value);
        Check.is_true (Printf.sprintf "value %d in the file" i)
          (Values.matches shape (Ancient.follow p));
        Check.is_true (Printf.sprintf "value %d in memory" i)
          (Values.matches shape (Ancient.follow q));
        Ancient.delete q
      done;
      Ancient.verify md)

let immediate_roots () =
  Check.with_new_md (fun md ->
      Check.equal_int "an integer" 42 (Ancient.follow (Ancient.share md 0 42));
      Check.equal_int "the smallest" min_int
        (Ancient.follow (Ancient.share md 1 min_int));
      Check.is_true "unit" (Ancient.follow (Ancient.share md 2 ()) = ());
      let p, info = Ancient.mark_info None in
      Check.equal_int "nothing is copied" 0 info.i_size;
      Check.is_true "None" (Ancient.follow p = (None : int option));
      Ancient.delete p;
      Check.raises_invalid "deleted" "deleted" (fun () -> Ancient.follow p))

(* Constants of the executable must be copied: other executables lack them. *)
let static = [ ("one", [| 1; 2 |]); ("two", [||]) ]

let static_data () =
  Check.with_new_md (fun md ->
      let copy = Ancient.follow (Ancient.share md 0 static) in
      Check.equal "equal" static copy;
      List.iter
        (fun (name, numbers) ->
           Check.is_true "the string is ancient" (Ancient.is_ancient name);
           Check.is_true "the array is ancient" (Ancient.is_ancient numbers))
        copy;
      Check.is_true "the constant is not" (not (Ancient.is_ancient static)))

let () =
  Check.run
    [ ("every kind in memory", in_memory);
      ("every kind in a file, depth first", in_a_file Ancient.Depth_first);
      ("every kind in a file, breadth first", in_a_file Ancient.Breadth_first);
      ("every kind in a file, elements first", in_a_file Ancient.Elements_first);
      ("cycles come back to themselves", cycles);
      ("what is shared stays shared", sharing);
      ("parts that are in the file are referred to", increments);
      ("values of one file can be shared into another", between_files);
      ("random graphs", random ~seed:20261123 2000);
      ("values that are no blocks", immediate_roots);
      ("static data are copied", static_data) ]
