(* tests/ocaml: marks that share and mark leave in the headers of the values they copy.  They are
   left where they may be, none stays, and the file is the same as without them
   (ANCIENT_MARKS=no in the environment). *)

open Ancient

let collect () =
  Gc.minor ();
  Gc.full_major ();
  Gc.compact ()

(* Of the fixed kinds, of random graphs, and of what there is much of; old and young. *)
let values =
  let state = Random.State.make [| 7 |] in
  let random = List.init 200 (fun _ -> fst (Values.random state)) in
  let table = Hashtbl.create 100 in
  for i = 1 to 3000 do
    let name = string_of_int i in
    Hashtbl.replace table name (name, float_of_int i, [ name; "constant"; String.make (i mod 50) 'x' ])
  done;
  Array.of_list
    (List.map (fun (_, value, _) -> value) Values.fixed
     @ random
     @ [ Obj.repr table; Obj.repr (Array.make 1000 "shared"); Obj.repr (List.init 5000 Fun.id) ])

(* ---- Marks are left, and not where they must not be ---- *)

external watch : 'a -> unit = "marks_watch"
external seen : unit -> bool = "marks_seen"

(* Whether the header of [v], which holds custom blocks, is marked while it is shared, and while
   it is copied into memory. *)
let are_marked v =
  watch v;
  Fun.protect ~finally:(fun () -> watch 0) (fun () ->
      let shared =
        Check.with_new_md (fun md ->
            ignore (share_with ~sync:false md 0 v);
            seen ())
      in
      delete (mark v);
      (shared, seen ()))

let boxed () = Array.init 3 (fun i -> Int64.of_int (Sys.opaque_identity i))

let headers_are_marked () =
  let young = boxed () in
  Check.equal "a young value" (true, true) (are_marked young);
  Gc.full_major ();
  Check.equal "an old value" (true, true) (are_marked young)

let no_marks_on_request () =
  Check.in_child (fun () ->
      Unix.putenv "ANCIENT_MARKS" "no";
      Check.equal "marks" (false, false) (are_marked (boxed ())))

(* Constants of a program may lie in memory that cannot be written; in bytecode they lie in the
   heap. *)
let constants_are_not_marked () =
  if Sys.backend_type = Sys.Native then
    Check.equal "marks" (false, false) (are_marked (1L, 2L))

(* ---- Nothing else changes ---- *)

let first_extent = 8192

(* Blanks the UUID in commit records, and the checksums that cover it (FORMAT 4.2). *)
let without_identity bytes =
  let copy = Bytes.of_string bytes in
  for i = 0 to (String.length bytes / 8) - 2 do
    let at = 8 * i in
    if String.get_int64_le bytes at = 0x544E545845434E41L && bytes.[at + 8] = '\006' then
      List.iter
        (fun (field, length) -> Bytes.fill copy (at + field) length '\000')
        [ (48, 16); (64 + 40, 16); (64 + 248, 8) ]
  done;
  Bytes.to_string copy

(* What a process of its own writes at a base of its own, which no derived one meets, superblocks
   aside. *)
let bytes_written marks order =
  Check.with_path (fun path ->
      Check.in_child (fun () ->
          Unix.putenv "ANCIENT_MARKS" marks;
          Unix.putenv "SOURCE_DATE_EPOCH" "0";
          Check.with_fd path (fun fd ->
              let md = attach_with ~base:0x1800_0000_0000n ~sync:false fd in
              ignore (share_with ~order md 0 values);
              Array.iteri (fun i value -> if i mod 10 = 0 then ignore (share_with ~order md i value)) values;
              verify md));
      let bytes = Check.read_bytes path in
      without_identity (String.sub bytes first_extent (String.length bytes - first_extent)))

let same_bytes order () =
  Check.is_true "the same bytes" (bytes_written "no" order = bytes_written "" order)

(* Values are whole, and the collector finds nothing amiss in any phase of its cycle. *)
let in_any_phase () =
  Check.with_new_md (fun md ->
      let source = Array.init 20_000 (fun i -> (string_of_int i, [ i ], float_of_int i, ref i)) in
      let before = Marshal.to_string source [] in
      for i = 1 to 60 do
        ignore (Sys.opaque_identity (List.init 2000 string_of_int));
        ignore (Gc.major_slice (i * 200));
        let copy, _ = share_with ~sync:false md (i mod 3) source in
        Check.is_true "the copy" (follow copy = source);
        if i mod 10 = 0 then begin
          let copy = mark source in
          Check.is_true "the copy in memory" (follow copy = source);
          delete copy
        end;
        if i mod 20 = 0 then collect ()
      done;
      collect ();
      Check.is_true "the source" (String.equal before (Marshal.to_string source [])))

let after_a_refusal () =
  Check.with_new_md (fun md ->
      let source = Array.init 5000 (fun i -> (string_of_int i, Some (float_of_int i))) in
      let before = Marshal.to_string source [] in
      for _ = 1 to 5 do
        Check.raises_invalid "a function" "functional value at root.(2)" (fun () ->
            share md 0 (source, 1, fun x -> x + Array.length source));
        Check.raises_invalid "a function" "functional value at root.(2)" (fun () ->
            mark (source, 1, fun x -> x + Array.length source));
        collect ();
        Check.is_true "the source" (String.equal before (Marshal.to_string source []))
      done)

(* A name is read while the string is part of a value that is marked. *)
let names_that_are_shared () =
  Check.with_new_md (fun md ->
      let name i = String.concat "" [ "a name of its own, number "; string_of_int i ] in
      let names = Array.init 20 name in
      ignore (share_many md (List.init 20 (fun i -> bind ~name:names.(i) i names)));
      Array.iter
        (fun name ->
           Check.equal "names" (Array.init 20 (fun i -> names.(i))) (follow (get_named md name)))
        names;
      collect ())

let () =
  Check.run
    [ ("headers of heap values are marked during a copy", headers_are_marked);
      ("ANCIENT_MARKS=no copies without marks", no_marks_on_request);
      ("constants of the program are never marked", constants_are_not_marked);
      ("depth-first, the bytes are the same with marks and without", same_bytes Depth_first);
      ("breadth-first, the bytes are the same with marks and without", same_bytes Breadth_first);
      ("elements first, the bytes are the same with marks and without", same_bytes Elements_first);
      ("values are shared in any phase of the collector", in_any_phase);
      ("what is refused is left as it was", after_a_refusal);
      ("names may be part of the values", names_that_are_shared) ]
