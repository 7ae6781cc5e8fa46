(* tests/ocaml: what a program is told of everyday mistakes: a key that is missing or given twice, a
   folder that is not there, a change of a value in a file. *)
open Ancient

let no_key what parts f =
  match f () with
  | _ -> Check.failf "%s: found" what
  | exception Error { code = No_key; message; _ } ->
    List.iter
      (fun part ->
         if not (Check.contains message part) then Check.failf "%s: %S lacks %S" what message part)
      parts
  | exception e -> Check.failf "%s: %s" what (Printexc.to_string e)

let a_missing_key_says_which_there_are () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          no_key "no keys" [ Filename.basename path; "no name \"x\""; "it has no keys" ] (fun () ->
              get_named md "x");
          ignore (share_many md [ bind 1 "one"; bind ~name:"two" 2 "two"; bind 7 "seven" ]);
          let keys = "its keys are 1, 2 \"two\", 7" in
          no_key "by name" [ "no name \"tow\""; keys ] (fun () -> get_named md "tow");
          no_key "typed" [ "no key 3"; keys ] (fun () -> Typed.get md 3 Schema.string);
          no_key "typed, by name" [ "no name \"1\""; keys ] (fun () ->
              Typed.get_named md "1" Schema.string);
          no_key "removed" [ "no key 3"; keys ] (fun () -> remove md 3);
          Check.raises "the seed's" (fun e -> e = Not_found) (fun () -> get md 3));
      no_key "the whole file" [ "no key 0"; "1, 2 \"two\", 7" ] (fun () ->
          Typed.load path Schema.string);
      Check.with_md path (fun md ->
          ignore (share_many md (List.init 1000 (fun i -> bind (10 + i) i)));
          no_key "of many" [ "7, 10"; ", ..." ] (fun () -> get_named md "x")))

let a_key_given_twice_is_refused () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          let many = bind 5 () :: List.init 1_000_000 (fun key -> bind key ()) in
          Check.raises_invalid "among a million" "Ancient.share_many: key 5 is given twice" (fun () ->
              share_many md many);
          Check.raises_invalid "by share_many" "Ancient.share_many: key 5 is given twice" (fun () ->
              share_many md [ bind 5 1; bind 6 2; bind ~name:"n" 5 3 ]);
          Check.raises "nothing is published" (fun e -> e = Not_found) (fun () -> get md 6));
      Check.raises_invalid "by publish_many" "Ancient.publish_many: key 5 is given twice" (fun () ->
          publish_many (path ^ ".new") [ bind 5 1; bind 5 2 ]);
      Check.is_true "no file" (not (Sys.file_exists (path ^ ".new"))))

let a_missing_folder_is_named_as_it_was_given () =
  let named folder path =
    Check.raises folder
      (function
        | Unix.Unix_error ((Unix.ENOENT | Unix.ENOTDIR), _, name) -> String.equal name folder
        | _ -> false)
      (fun () -> publish path 1)
  in
  named "no/such folder" "no/such folder/index";
  named "./no/../folder" "./no/../folder/index";
  named "/dev/null" "/dev/null/index"

let input_all channel =
  let text = Buffer.create 100 in
  (try
     while true do
       Buffer.add_channel text channel 1
     done
   with End_of_file -> ());
  Buffer.contents text

(* The child's last words, by a pipe. *)
let a_change_says_what_it_was () =
  Check.with_path (fun path ->
      publish_many path [ bind 0 (ref 1); bind 1 (Bytes.make 10 'a') ];
      let told protect change =
        let read, write = Unix.pipe ~cloexec:true () in
        let fate =
          Check.fate_of_child (fun () ->
              Unix.dup2 write Unix.stderr;
              if protect then Unix.putenv "ANCIENT_PROTECT" "1";
              Check.with_md path (fun md ->
                  (* what is mapped later is protected too *)
                  ignore (share md 2 (ref 3));
                  change md))
        in
        Unix.close write;
        let channel = Unix.in_channel_of_descr read in
        let said = input_all channel in
        close_in channel;
        (fate, said)
      in
      let told_of what change =
        let fate, said = told true change in
        Check.is_true (what ^ ": a signal") (fate = Unix.WSIGNALED Sys.sigsegv);
        List.iter
          (fun part ->
             if not (Check.contains said part) then Check.failf "%s: %S lacks %S" what said part)
          [ path; "was changed"; "work on a copy" ]
      in
      told_of "a field" (fun md -> (follow (get md 0) : int ref) := 2);
      told_of "a byte" (fun md -> Bytes.set (follow (get md 1)) 3 'b');
      told_of "of the last commit" (fun md -> (follow (get md 2) : int ref) := 4);
      let fate, said = told false (fun md -> (follow (get md 0) : int ref) := 2) in
      Check.is_true "without it, nothing is told" (fate = Unix.WEXITED 0 && said = "");
      (* The runtime's own handler swallows the first that is sent. *)
      let fate, said =
        told true (fun md ->
            ignore (follow (get md 0) : int ref);
            for _ = 1 to 2 do Unix.kill (Unix.getpid ()) Sys.sigsegv done)
      in
      (* qemu says of every fatal signal that there was one. *)
      Check.is_true "another's is as before"
        (fate = Unix.WSIGNALED Sys.sigsegv && not (Check.contains said path)))

let () =
  Check.run
    [ ("a missing key says which there are", a_missing_key_says_which_there_are);
      ("a key given twice is refused", a_key_given_twice_is_refused);
      ("a missing folder is named as it was given", a_missing_folder_is_named_as_it_was_given);
      ("a change says what it was", a_change_says_what_it_was) ]
