(* tests/ocaml: removal of keys, the log, older generations and their return. *)

open Ancient

let not_found = function Not_found | Error { code = No_key; _ } -> true | _ -> false

let show_keys keys =
  String.concat ","
    (List.map (fun (key, name) -> Printf.sprintf "%d%s" key (Option.value name ~default:"")) keys)

let same_keys what expected md = Check.equal_string what expected (show_keys (Ancient.keys md))

(* [f] with [path] attached at a generation. *)
let at generation path f =
  let md =
    Check.with_fd ~flags:[ Unix.O_RDONLY ] path (fun fd -> attach_with ~generation fd)
  in
  Fun.protect ~finally:(fun () -> detach md) (fun () -> f md)

(* ---- Removal ---- *)

let removed_keys () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share_many md [ bind 1 [ "one" ]; bind ~name:"two" 2 [ "two" ]; bind 3 3 ]);
          let two : string list = follow (get_named md "two") in
          remove md 2;
          Check.equal_int "a generation of its own" 3 (generation md);
          Check.raises "by key" not_found (fun () -> get md 2);
          Check.raises "by name" not_found (fun () -> get_named md "two");
          same_keys "the others are there" "1,3" md;
          Check.equal "who holds the value keeps it" [ "two" ] two;
          Check.raises "twice" not_found (fun () -> remove md 2);
          Check.raises "never there" not_found (fun () -> remove md max_int);
          Check.raises_invalid "negative" "Ancient.remove: negative key -1" (fun () ->
              remove md (-1));
          Check.equal_int "nothing is no generation" 3 (generation md);
          verify md;
          Check.in_child (fun () ->
              Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
                  Check.raises "elsewhere" not_found (fun () -> get md 2)));
          ignore (share_with ~name:"two" md 4 "the name is free");
          ignore (share_with ~name:"again" md 2 "and the key");
          same_keys "both are there" "1,2again,3,4two" md;
          List.iter (remove md) [ 1; 2; 3; 4 ];
          same_keys "none" "" md;
          verify md);
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          same_keys "none for readers" "" md;
          verify md;
          Check.raises_code "for reading" Read_only (fun () -> remove md 1)))

let many_removed_keys () =
  Check.with_new_md (fun md ->
      set_sync md false;
      let state = Random.State.make [| 12 |] in
      let all = List.sort_uniq compare (List.init 3000 (fun _ -> Random.State.bits state)) in
      let name key = if key mod 3 = 0 then Some (Printf.sprintf "name %d" key) else None in
      ignore (share_many md (List.map (fun key -> bind ?name:(name key) key key) all));
      let gone, left = List.partition (fun _ -> Random.State.bool state) all in
      List.iter (remove md) gone;
      Check.equal "what is left" (List.map (fun key -> (key, name key)) left) (Ancient.keys md);
      List.iter (fun key -> Check.raises "gone" not_found (fun () -> get md key)) gone;
      List.iter (fun key -> Check.equal_int "left" key (follow (get md key))) left;
      verify md)

let removed_typed_keys () =
  Check.with_new_md (fun md ->
      let schema = Schema.(list string) in
      ignore (Typed.share md ~name:"words" 5 schema [ "a" ]);
      remove md 5;
      Check.raises "by key" not_found (fun () -> Typed.get md 5 schema);
      Check.raises "by name" not_found (fun () -> Typed.get_named md "words" schema);
      ignore (Typed.share md ~name:"words" 5 schema [ "b" ]);
      Check.equal "again" [ "b" ] (follow (Typed.get_named ~verify:true md "words" schema)))

(* ---- The log ---- *)

let the_log () =
  Check.with_path (fun path ->
      let before = Unix.gettimeofday () in
      Check.with_md path (fun md ->
          Check.equal "of a new file" [] (commits md);
          Check.equal "its time" None (generation_time md);
          ignore (share_many md [ bind 1 (Array.make 1000 0); bind 2 "x" ]);
          ignore (share md 3 "y");
          remove md 1;
          let all = commits md in
          let figures c = (c.generation, c.published, c.removed, c.keys) in
          Check.equal "what was done" [ (4, 0, 1, 2); (3, 1, 0, 3); (2, 2, 0, 2) ]
            (List.map figures all);
          let times = List.map (fun c -> Option.get c.time) all in
          Check.equal "times rise" times (List.rev (List.sort compare times));
          List.iter
            (fun time ->
               Check.is_true "now" (time >= before -. 0.001 && time <= Unix.gettimeofday ()))
            times;
          Check.equal "the last is the file's" (Some (List.hd times)) (generation_time md);
          Check.equal_int "used" (Unix.stat path).Unix.st_size (List.hd all).used;
          let first = List.nth all 2 in
          Check.is_true "bytes" (first.bytes > 8000 && first.bytes < 12000);
          Check.equal_int "the first begins at 8192" first.used (8192 + first.bytes);
          Check.equal "as it was" (List.tl all) (at 3 path commits);
          Check.equal "its time" (List.nth all 1).time (at 3 path generation_time)))

let times_of_a_build () =
  Check.with_path (fun path ->
      let share_at text key =
        Check.in_child (fun () ->
            Unix.putenv "SOURCE_DATE_EPOCH" text;
            Check.with_md path (fun md -> ignore (share md key key)))
      in
      share_at "1700000000" 0;
      share_at "0" 1;
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          Check.equal "none, and the one given" [ None; Some 1.7e9 ]
            (List.map (fun c -> c.time) (commits md));
          Check.equal "none" None (generation_time md)))

(* ---- Older generations ---- *)

let older_generations () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share_with ~name:"first" md 0 [ "old" ]);
          ignore (share md 1 "kept");
          at 3 path (fun old ->
              let value : string list ancient = get old 0 in
              ignore (share_with ~name:"second" md 0 [ "new" ]);
              remove md 1;
              (* another process too, and more than was mapped *)
              Check.in_child (fun () ->
                  Check.with_md path (fun md ->
                      ignore (share md 2 (Array.make 300_000 "much"))));
              Check.equal "its values" [ "old" ] (follow value);
              Check.equal "by key" [ "old" ] (follow (get old 0));
              Check.equal "by name" [ "old" ] (follow (get_named old "first"));
              Check.equal_string "what is gone now" "kept" (follow (get old 1));
              Check.raises "what came later" not_found (fun () -> get old 2);
              Check.raises "a later name" not_found (fun () -> get_named old "second");
              same_keys "its keys" "0first,1" old;
              refresh old;
              Check.equal_int "its number" 3 (generation old);
              verify old;
              List.iter
                (fun (what, f) -> Check.raises_code what Read_only f)
                [ ("share", fun () -> ignore (share old 9 "x"));
                  ("share_many", fun () -> ignore (share_many old [ bind 9 "x" ]));
                  ("remove", fun () -> remove old 1);
                  ("restore", fun () -> restore old 2) ];
              Check.equal "the newest beside it" [ "new" ] (follow (get md 0));
              same_keys "its keys" "0second,2" md);
          (* the other handle did not take the file with it *)
          ignore (share md 3 "more");
          let newest = generation md in
          at newest path (fun md ->
              same_keys "the newest can be named too" "0second,2,3" md;
              Check.raises_code "for reading" Read_only (fun () -> remove md 0));
          List.iter
            (fun n -> Check.raises_code "no such" No_generation (fun () -> at n path ignore))
            [ 1; newest + 1; max_int ];
          List.iter
            (fun n -> Check.raises_invalid "no number" "generation" (fun () -> at n path ignore))
            [ 0; -1; min_int ]))

let older_typed_values () =
  Check.with_path (fun path ->
      let numbers = Schema.(list int) and words = Schema.(list string) in
      Check.with_md path (fun md ->
          ignore (Typed.share md ~name:"v" 0 numbers [ 1; 2 ]);
          ignore (Typed.share md ~name:"v" 0 words [ "a" ]));
      at 2 path (fun md ->
          Check.equal "as it was" [ 1; 2 ] (follow (Typed.get ~verify:true md 0 numbers));
          Check.equal "by name" [ 1; 2 ] (follow (Typed.get_named md "v" numbers));
          Check.raises "as it is now"
            (function Schema_mismatch _ -> true | _ -> false)
            (fun () -> Typed.get md 0 words)))

(* Where a file's addresses are taken it is mapped elsewhere, older generations too. *)
let older_and_relocated () =
  Check.with_path (fun path ->
      Check.with_path (fun other ->
          Check.with_md path (fun md ->
              ignore (share md 0 [ "old" ]);
              ignore (share md 0 [ "new" ]));
          Check.write_bytes other (Check.read_bytes path);
          Check.with_md path (fun md ->
              at 2 other (fun old ->
                  Check.equal "old" [ "old" ] (follow (get old 0));
                  Check.equal "new" [ "new" ] (follow (get md 0));
                  verify old))))

(* ---- Restoring ---- *)

let restored_generations () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share_many md [ bind ~name:"a" 0 [ "zero" ]; bind 1 "one" ]);
          ignore (share_with ~name:"b" md 0 [ "changed" ]);
          remove md 1;
          ignore (share md 2 "two");
          let zero : string list = at 2 path (fun md -> follow (get md 0)) in
          restore md 2;
          Check.equal_int "a new generation" 6 (generation md);
          same_keys "has its keys" "0a,1" md;
          Check.is_true "and its values" (follow (get md 0) == zero);
          Check.equal "the log goes on" [ 6; 5; 4; 3; 2 ]
            (List.map (fun (c : commit) -> c.generation) (commits md));
          verify md;
          restore md 5;
          same_keys "and back" "0b,2" md;
          restore md 7;
          Check.equal_int "the newest too" 8 (generation md);
          same_keys "the same" "0b,2" md;
          ignore (share md 3 "three");
          same_keys "and on" "0b,2,3" md;
          verify md;
          List.iter
            (fun n -> Check.raises_code "no such" No_generation (fun () -> restore md n))
            [ 1; 10; max_int ];
          Check.raises_invalid "no number" "Ancient.restore: generation 0" (fun () ->
              restore md 0);
          Check.equal_int "nothing happened" 9 (generation md));
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          Check.raises_code "for reading" Read_only (fun () -> restore md 2)))

(* ---- A file that has gone back ---- *)

let patch path at bytes =
  Check.with_fd ~flags:[ Unix.O_WRONLY ] path (fun fd ->
      ignore (Unix.lseek fd at Unix.SEEK_SET);
      Check.equal_int "written" (String.length bytes)
        (Unix.write_substring fd bytes 0 (String.length bytes)))

let gone_back () =
  let kept = ref [||] in
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share md 0 "first");
          let superblocks = String.sub (Check.read_bytes path) 0 8192 in
          ignore (share md 0 "second");
          ignore (share md 0 "third");
          let third = get md 0 in
          kept := [| follow third |];
          patch path 0 superblocks;
          Check.raises "refresh"
            (function
              | Error { code = Went_back; message; _ } ->
                Check.contains message path && Check.contains message "generation 4"
              | _ -> false)
            (fun () -> refresh md);
          Check.raises_code "get" Went_back (fun () -> get md 0);
          Check.raises_code "share" Went_back (fun () -> share md 0 "lost");
          Check.equal_int "it stays" 4 (generation md);
          Check.equal_string "what was taken out stays" "third" (follow third));
      Check.with_md path (fun md ->
          (* A pointer to what this process had there is still alive. *)
          Check.equal_string "attached anew, elsewhere" "first" (follow (get md 0));
          Check.raises_code "share" Relocated (fun () -> share md 0 "fourth");
          verify md);
      ignore (Sys.opaque_identity kept))

let () =
  Check.run
    [ ("removed keys are found no more", removed_keys);
      ("half of three thousand keys is removed", many_removed_keys);
      ("typed keys are removed with their types", removed_typed_keys);
      ("the log tells what commits did", the_log);
      ("SOURCE_DATE_EPOCH is the time of a commit", times_of_a_build);
      ("an older generation is read while newer ones come", older_generations);
      ("an older generation has the types of then", older_typed_values);
      ("an older generation is read where addresses are taken", older_and_relocated);
      ("an older generation is made the newest again", restored_generations);
      ("a file that has gone back is noticed", gone_back) ]
