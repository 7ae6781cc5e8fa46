(* tests/ocaml: files in which nothing was published yet, as programs written for ocaml-ancient use
   them: a reader attaches and looks until something is there; and files that have lost their name. *)

open Ancient

let not_found = function Not_found -> true | _ -> false
let no_key = function Not_found | Error { code = No_key; _ } -> true | _ -> false
let reading = [ Unix.O_RDONLY ]
let size path = (Unix.stat path).Unix.st_size

let nothing_is_there what md =
  Check.raises (what ^ ": get") not_found (fun () -> get md 0);
  Check.raises (what ^ ": get_named") no_key (fun () -> get_named md "x");
  Check.raises (what ^ ": Typed.get") no_key (fun () -> Typed.get md 0 Schema.int);
  Check.raises (what ^ ": verified") no_key (fun () ->
      Typed.get ~verify:true md 0 Schema.int);
  Check.equal (what ^ ": keys") [] (keys md);
  Check.equal (what ^ ": commits") [] (commits md);
  Check.equal (what ^ ": time") None (generation_time md);
  refresh md;
  Check.raises_code (what ^ ": verify") Empty (fun () -> verify md);
  Check.equal_int (what ^ ": generation") 1 (generation md)

let attach_writes_nothing () =
  Check.with_path (fun path ->
      Check.write_bytes path "";
      List.iter
        (fun flags ->
           let md = Check.attach ~flags path in
           nothing_is_there "attached" md;
           Check.equal_int "no byte" 0 (size path);
           if flags = reading then begin
             Check.raises_code "share" Read_only (fun () -> share md 0 1);
             detach md;
             Check.equal_int "no byte by a reader" 0 (size path)
           end
           else begin
             (* nothing was shared: a file without keys *)
             detach md;
             Check.with_md ~flags:reading path (fun md ->
                 Check.equal "no keys" [] (keys md);
                 Check.equal_int "a generation" 2 (generation md);
                 Check.raises "no key" not_found (fun () -> get md 0))
           end)
        [ reading; [ Unix.O_RDWR ] ])

let a_program_may_end_without_detach () =
  Check.with_path (fun path ->
      Check.write_bytes path "";
      Check.in_child (fun () -> ignore (Check.attach path));
      Check.equal_int "no byte" 0 (size path);
      Check.with_md path (fun md -> ignore (share md 0 "first"));
      Check.with_md ~flags:reading path (fun md ->
          Check.equal_string "shared" "first" (follow (get md 0))))

(* Readers that poll, attached before the first share. *)
let readers_poll () =
  Check.with_path (fun path ->
      Check.write_bytes path "";
      let attached, say = Unix.pipe () in
      let readers =
        List.init 3 (fun _ ->
            Check.child (fun () ->
                ignore (Unix.alarm 60);
                let md = Check.attach ~flags:reading path in
                Check.raises "not yet" not_found (fun () -> get md 3);
                ignore (Unix.write_substring say "." 0 1);
                let rec poll key =
                  match follow (get md key : (int * string) ancient) with
                  | n, text ->
                    Check.equal_int "number" key n;
                    Check.equal_string "text" (String.make 1000 'x') text
                  | exception Not_found -> poll key
                in
                List.iter poll [ 0; 1; 2; 3 ];
                Gc.full_major ();
                verify md;
                detach md))
      in
      List.iter (fun _ -> ignore (Unix.read attached (Bytes.create 1) 0 1)) readers;
      Check.with_md path (fun md ->
          for key = 0 to 3 do
            ignore (share md key (key, String.make 1000 'x'))
          done);
      List.iter Check.wait readers;
      List.iter Unix.close [ attached; say ])

(* Handles of one process share what they find. *)
let a_reader_and_a_writer_in_one_process () =
  Check.with_path (fun path ->
      Check.write_bytes path "";
      let reader = Check.attach ~flags:reading path in
      let writer = Check.attach path in
      nothing_is_there "reader" reader;
      let proxy = share writer 0 [ 1.5; 2.5 ] in
      let found : float list ancient = get reader 0 in
      Check.equal "the same" true (follow proxy == follow found);
      Check.equal "ancient" true (is_ancient (follow found));
      detach writer;
      Gc.full_major ();
      Check.equal "still there" [ 1.5; 2.5 ] (follow found);
      detach reader;
      Check.raises_invalid "detached" "detached" (fun () -> follow found))

let cut_to_nothing () =
  Check.with_path (fun path ->
      let md = Check.attach path in
      ignore (share md 0 "seen");
      Unix.truncate path 0;
      Check.raises_code "get" Torn_away (fun () -> get md 0);
      Check.raises_code "share" Torn_away (fun () -> share md 0 "lost");
      detach md;
      Check.equal_int "not begun anew" 0 (size path))

let removed_and_nobody_has_its_name () =
  Check.with_path (fun path ->
      let md = Check.attach path in
      Sys.remove path;
      ignore (share md 1 [ 1; 2; 3 ]);
      Check.in_child (fun () -> ignore (share md 2 "child's"));
      Check.equal "own" [ 1; 2; 3 ] (follow (get md 1));
      Check.equal_string "child's" "child's" (follow (get md 2));
      publish path "another's";
      Check.raises_code "taken" Superseded (fun () -> share md 3 "lost");
      Check.equal "reading goes on" [ 1; 2; 3 ] (follow (get md 1));
      let again = reattach md path in
      detach md;
      ignore (share again 3 "found");
      detach again;
      Check.with_md ~flags:reading path (fun md ->
          Check.equal_string "found" "found" (follow (get md 3))))

let replaced_between_open_and_attach () =
  Check.with_path (fun path ->
      publish path "one";
      Check.with_fd path (fun fd ->
          publish path "two";
          let md = attach fd 0n in
          Check.raises_code "share" Superseded (fun () -> share md 5 "lost");
          Check.equal_string "it is read" "one" (follow (get md 0));
          detach md);
      Check.with_md path (fun md ->
          ignore (share md 5 "kept");
          Check.equal_string "two" "two" (follow (get md 0))))

let () =
  Check.run
    [ ("attach of an empty file writes nothing", attach_writes_nothing);
      ("a program may end without detach", a_program_may_end_without_detach);
      ("readers that were first look until something is there", readers_poll);
      ("a reader and a writer in one process", a_reader_and_a_writer_in_one_process);
      ("who has seen a generation does not begin anew", cut_to_nothing);
      ("a removed file is shared into until its name is taken",
       removed_and_nobody_has_its_name);
      ("a file replaced between open and attach", replaced_between_open_and_attach) ]
