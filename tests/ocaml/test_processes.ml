(* tests/ocaml: several processes share and read one file. *)

open Ancient

(* Processes take turns through pipes: a byte is a turn. *)
type turn = { r : Unix.file_descr; w : Unix.file_descr }

let turn () = let r, w = Unix.pipe () in { r; w }

let give { w; _ } =
  if Unix.write_substring w "." 0 1 <> 1 then Check.failf "the pipe is full"

let take { r; _ } =
  if Unix.read r (Bytes.create 1) 0 1 <> 1 then Check.failf "the other process ended"

let another_commits () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share md 0 "first");
          let go = turn () and gone = turn () in
          let pid =
            Check.child (fun () ->
                Unix.close go.w;
                let md = Check.attach path in
                take go;
                ignore (share md 0 "second");
                ignore (share md 1 (List.init 10000 string_of_int));
                give gone)
          in
          Check.equal_string "before" "first" (follow (get md 0));
          give go;
          take gone;
          Check.equal_int "nothing is noticed yet" 2 (generation md);
          refresh md;
          Check.equal_int "refresh notices" 4 (generation md);
          Check.equal_string "after" "second" (follow (get md 0));
          let l : string list = follow (get md 1) in
          Check.is_true "the new range is ancient" (is_ancient l);
          Check.equal "and compares" (List.init 10000 string_of_int) l;
          Gc.compact ();
          Check.wait pid))

let get_refreshes () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share md 0 0);
          for i = 1 to 20 do
            Check.in_child (fun () ->
                Check.with_md path (fun md -> ignore (share md 0 [ i ])));
            Check.equal "get sees it" [ i ] (follow (get md 0))
          done))

let fork_workers () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          let table = Hashtbl.create 10 in
          for i = 1 to 10000 do Hashtbl.replace table (string_of_int i) i done;
          let copy = follow (share md 0 table) in
          let workers =
            List.init 4 (fun n ->
                Check.child (fun () ->
                    Gc.compact ();
                    for i = 1 to 10000 do
                      Check.equal_int "found" i (Hashtbl.find copy (string_of_int i))
                    done;
                    (* Its mark of progress does not reach the others. *)
                    Hashtbl.iter (fun _ _ -> ()) copy;
                    (* A child may share through the handle it inherits. *)
                    ignore (share md (n + 1) (n, "from a child"));
                    Gc.compact ()))
          in
          List.iter Check.wait workers;
          for n = 0 to 3 do
            Check.equal "what the children shared" (n, "from a child")
              (follow (get md (n + 1)))
          done))

let writers_race () =
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md 0 ()));
      let writers = 4 and each = 25 in
      let pids =
        List.init writers (fun n ->
            Check.child (fun () ->
                Check.with_md path (fun md ->
                    for i = 0 to each - 1 do
                      let key = (n * each) + i in
                      ignore (share_with ~sync:(i mod 5 = 0) md key [| key; n |])
                    done)))
      in
      List.iter Check.wait pids;
      Check.with_md path (fun md ->
          Check.equal_int "every commit counts" (2 + (writers * each)) (generation md);
          for key = 0 to (writers * each) - 1 do
            Check.equal "and none is lost" [| key; key / each |] (follow (get md key))
          done;
          verify md))

(* A reader that goes through everything while a writer commits. *)
let reader_while_writing () =
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md 0 [| 0 |]));
      let writer =
        Check.child (fun () ->
            Check.with_md path (fun md ->
                for i = 1 to 300 do
                  ignore (share_with ~sync:false md 0 (Array.make (i * 10) i))
                done))
      in
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          let rec watch last =
            let a : int array = follow (get md 0) in
            let n = a.(0) in
            Check.is_true "whole" (Array.for_all (fun x -> x = n) a);
            Check.is_true "never back" (n >= last);
            if n < 300 then watch n
          in
          watch 0);
      Check.wait writer)

(* Runs [f md path] while a child holds the file's lock, until [release ()]; alarms
   come all the time and call [handler release]. *)
let with_locked_file handler f =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share md 0 "before");
          let locked = turn () and unlock = turn () in
          let pid =
            Check.child (fun () ->
                (* So that it ends with its parent. *)
                Unix.close unlock.w;
                let fd = Unix.openfile path [ Unix.O_RDWR ] 0 in
                Unix.lockf fd Unix.F_LOCK 0;
                give locked;
                take unlock)
          in
          let release () = give unlock in
          take locked;
          let alarms interval =
            ignore
              (Unix.setitimer Unix.ITIMER_REAL
                 { Unix.it_value = interval; it_interval = interval })
          in
          let previous =
            Sys.signal Sys.sigalrm (Sys.Signal_handle (fun _ -> handler release))
          in
          alarms 0.01;
          Fun.protect
            ~finally:(fun () ->
                alarms 0.;
                Sys.set_signal Sys.sigalrm previous)
            (fun () -> f md path);
          Check.wait pid;
          ignore (share md 1 "after");
          Check.equal_string "and it goes on" "after" (follow (get md 1))))

exception Alarm

(* What waits for the lock, and the generation that it leaves. *)
let waiting =
  [ ("share", 3, fun md _ -> ignore (share md 2 "waited"));
    ("remove", 3, fun md _ -> remove md 0);
    ("restore", 3, fun md _ -> restore md 2);
    ("recover", 2, fun _ path -> ignore (recover path)) ]

let exception_ends_the_wait () =
  List.iter
    (fun (what, _, wait) ->
       let armed = ref false in
       with_locked_file
         (fun release ->
            if !armed then begin
              armed := false;
              release ();
              raise Alarm
            end)
         (fun md path ->
            Check.raises what (fun e -> e = Alarm) (fun () ->
                armed := true;
                wait md path);
            Check.equal_int "nothing was done" 2 (generation md);
            Check.equal_string "nothing is gone" "before" (follow (get md 0))))
    waiting

let signals_do_not_end_the_wait () =
  List.iter
    (fun (what, generation_after, wait) ->
       let calls = ref 0 in
       with_locked_file
         (fun release -> incr calls; if !calls = 5 then release ())
         (fun md path ->
            wait md path;
            Check.is_true (what ^ " waited for the lock") (!calls >= 5);
            Check.equal_int "and was done" generation_after (generation md)))
    waiting

let killed_writer () =
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md 0 [ 0 ]));
      for _ = 1 to 5 do
        let started = turn () in
        let pid =
          Check.child (fun () ->
              let md = Check.attach path in
              give started;
              let rec forever i =
                ignore (share_with ~sync:false md 0 [ i ]);
                forever (i + 1)
              in
              forever 1)
        in
        take started;
        Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
            let rec wait_for n = if generation md < n then (refresh md; wait_for n) in
            wait_for (generation md + 20));
        Unix.kill pid Sys.sigkill;
        ignore (Unix.waitpid [] pid);
        Check.with_md path (fun md ->
            verify md;
            let last : int list = follow (get md 0) in
            Check.equal_int "a whole list" 1 (List.length last);
            ignore (share md 0 [ 0 ]))
      done)

(* The values are mapped so that storing into them ends the process. *)
let protection () =
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md 0 (ref 1)));
      let store protect () =
        Check.with_fd path (fun fd ->
            let md = attach_with ?protect fd in
            let r : int ref = follow (get md 0) in
            Check.equal_int "read" 1 !r;
            r := 2)
      in
      let stops what fate =
        Check.is_true what
          (match fate with Unix.WSIGNALED n -> n = Sys.sigsegv | _ -> false)
      in
      stops "with ~protect:true" (Check.fate_of_child (store (Some true)));
      stops "with ANCIENT_PROTECT=1"
        (Check.fate_of_child (fun () ->
             Unix.putenv "ANCIENT_PROTECT" "1";
             store None ()));
      Check.is_true "without, the process sees it alone"
        (Check.fate_of_child (store None) = Unix.WEXITED 0);
      Check.with_md path (fun md ->
          Check.equal_int "the file is as it was" 1 !(follow (get md 0))))

(* The same executable with its address space taken: the file is mapped elsewhere. *)
let relocated () =
  Check.with_path (fun path ->
      let value =
        ( List.init 1000 (fun i -> (string_of_int i, float_of_int i)),
          Bigarray.(Array1.init float64 c_layout 100 float_of_int),
          [ 1L; 2L ] )
      in
      let base = 0x100000000000n in
      Check.in_child (fun () ->
          Check.with_fd path (fun fd ->
              let md = attach fd base in
              ignore (share md 0 value);
              detach md));
      Check.in_child (fun () ->
          (* Another file takes the place. *)
          Check.with_path (fun other ->
              Check.with_fd other (fun fd ->
                  let there = attach fd base in
                  ignore (share there 0 (Array.make 1000 "other"));
                  Check.with_md path (fun md ->
                      let copy = follow (get md 0) in
                      Check.is_true "ancient" (is_ancient copy);
                      Check.equal "equal" value copy;
                      Gc.compact ();
                      Check.raises_code "cannot be written" Relocated (fun () ->
                          share md 0 1));
                  Gc.compact ();
                  detach there))))

let () =
  Check.run
    [ ("refresh and get see another process's commits", another_commits);
      ("get sees each commit of others", get_refreshes);
      ("forked workers read and share", fork_workers);
      ("writers wait for each other and none is lost", writers_race);
      ("a reader sees whole values while a writer commits", reader_while_writing);
      ("a signal handler's exception ends the wait for the lock", exception_ends_the_wait);
      ("a signal handler that returns does not", signals_do_not_end_the_wait);
      ("a killed writer leaves a whole file", killed_writer);
      ("stores into a protected file stop the process", protection);
      ("a file whose base is taken is mapped elsewhere", relocated) ]
