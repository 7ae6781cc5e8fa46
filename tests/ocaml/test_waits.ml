(* tests/ocaml: waits for locks and turns end with signals, and nobody waits for himself.

   A deadlock breaks these by the time limit of the program. *)

open Ancient

exception Woken

(* A byte through a pipe is a turn. *)
type turn = { r : Unix.file_descr; w : Unix.file_descr }

let turn () = let r, w = Unix.pipe ~cloexec:true () in { r; w }

let rec again f = try f () with Unix.Unix_error (Unix.EINTR, _, _) -> again f

let give { w; _ } =
  if again (fun () -> Unix.write_substring w "." 0 1) <> 1 then Check.failf "the pipe is full"

let take { r; _ } =
  if again (fun () -> Unix.read r (Bytes.create 1) 0 1) <> 1 then
    Check.failf "the other side ended"

let close { r; w } = Unix.close r; Unix.close w

(* [f md path] while another process has the lock of the file, until [release] is called. *)
let while_locked f =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share md 0 "first");
          let locked = turn () and free = turn () in
          let released = ref false in
          let release () = if not !released then give free; released := true in
          let pid =
            Check.child (fun () ->
                let progress _ _ = give locked; take free; raise Exit in
                match compact ~progress path with
                | _ -> Check.failf "compacted"
                | exception Exit -> ())
          in
          take locked;
          Fun.protect
            ~finally:(fun () ->
                release (); Check.wait pid; close locked; close free)
            (fun () -> f md path release)))

(* [f ()] with a handler of a signal, which comes a hundredth of a second after the last handler has
   ended: handlers that take long leave time for [f]. *)
let with_alarm handler f =
  let set seconds =
    ignore (Unix.setitimer Unix.ITIMER_REAL { Unix.it_value = seconds; it_interval = 0. })
  in
  let ends = ref false in
  let handle _ = Fun.protect ~finally:(fun () -> if not !ends then set 0.01) handler in
  let before = Sys.signal Sys.sigalrm (Sys.Signal_handle handle) in
  Fun.protect
    ~finally:(fun () -> ends := true; set 0.; Sys.set_signal Sys.sigalrm before)
    (fun () -> set 0.01; f ())

(* [f ()] is ended by the first signal whose handler runs in this thread. *)
let woken what f =
  let me = Thread.id (Thread.self ()) and once = ref true in
  let handler () =
    if !once && Thread.id (Thread.self ()) = me then begin once := false; raise Woken end
  in
  match with_alarm handler f with
  | _ -> Check.failf "%s: ended by itself" what
  | exception Woken -> ()

let descriptors () = Array.length (Sys.readdir "/proc/self/fd")

(* What is given up ends when the other process lets go. *)
let rec settle before = if descriptors () > before then begin Thread.yield (); settle before end

let another_process () =
  while_locked (fun md path release ->
      let fds = descriptors () in
      for _ = 1 to 20 do
        woken "share" (fun () -> share md 1 "lost");
        woken "remove" (fun () -> remove md 0);
        woken "restore" (fun () -> restore md 2);
        woken "compact" (fun () -> compact path);
        woken "recover" (fun () -> recover path)
      done;
      Check.is_true "one application is left at most" (descriptors () <= fds + 1);
      Check.raises "nothing was shared" (( = ) Not_found) (fun () -> get md 1);
      (* What is given up is taken over. *)
      with_alarm release (fun () -> ignore (share md 1 "second"));
      Check.equal_string "shared" "second" (follow (get md 1));
      settle fds)

let handlers_that_return () =
  while_locked (fun md _ release ->
      let count = ref 0 in
      with_alarm
        (fun () -> incr count; if !count = 5 then release ())
        (fun () -> ignore (share md 1 !count));
      Check.is_true "handlers ran" (!count >= 5);
      Check.equal_int "the share went on" 0 (follow (get md 1)))

let behind_a_thread () =
  while_locked (fun md _ release ->
      let first = Thread.create (fun () -> ignore (share md 1 "thread")) () in
      woken "the second" (fun () -> share md 2 "main");
      release ();
      Thread.join first;
      Check.equal_string "the first went on" "thread" (follow (get md 1));
      ignore (share md 2 "main");
      Check.equal_string "so does the second" "main" (follow (get md 2)))

(* Signals are delivered to the main thread, which waits for the other one and handles none. *)
let another_thread () =
  while_locked (fun md _ _ ->
      let main = Thread.id (Thread.self ()) and ended = ref false in
      let handler () = if Thread.id (Thread.self ()) <> main && not !ended then raise Woken in
      with_alarm handler (fun () ->
          Thread.join
            (Thread.create
               (fun () -> try ignore (share md 1 "lost") with Woken -> ended := true)
               ()));
      Check.is_true "by the handler" !ended)

(* A compaction that stands still in a thread until [go], once [f] runs. *)
let while_compacting path f =
  let inside = turn () and go = turn () in
  let result = ref None in
  let first = ref true in
  let progress _ _ =
    if !first then begin first := false; give inside; take go end
  in
  let t = Thread.create (fun () -> result := Some (compact ~progress path)) () in
  take inside;
  let gone = ref false in
  let finish () = if not !gone then begin gone := true; give go; Thread.join t end in
  Fun.protect ~finally:(fun () -> finish (); close inside; close go) (fun () -> f finish);
  Check.is_true "compacted" (!result <> None)

let behind_a_compaction () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          Check.with_new_md (fun other ->
              ignore (share md 0 "first");
              while_compacting path (fun finish ->
                  woken "share" (fun () -> share md 1 "lost");
                  woken "compact" (fun () -> compact path);
                  Check.equal_string "readers go on" "first" (follow (get md 0));
                  ignore (share other 0 "goes on");
                  Check.with_md path (fun again ->
                      Check.equal_string "so does attach" "first" (follow (get again 0)));
                  finish ());
              Check.raises_code "share" Superseded (fun () -> share md 1 "late"))))

let within_a_compaction () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          Check.with_new_md (fun other ->
              ignore (share md 0 "first");
              let calls = ref 0 in
              let progress _ _ =
                incr calls;
                Check.raises_code "share" Deadlock (fun () -> share md 1 "lost");
                Check.raises_code "share_many" Deadlock (fun () -> share_many md [ bind 1 1 ]);
                Check.raises_code "remove" Deadlock (fun () -> remove md 0);
                Check.raises_code "compact" Deadlock (fun () -> compact path);
                Check.raises_code "recover" Deadlock (fun () -> recover path);
                Check.equal_string "get" "first" (follow (get md 0));
                Check.with_md path verify;
                ignore (share other 0 !calls);
                Check.with_path (fun path -> publish path 1)
              in
              ignore (compact ~progress path);
              Check.is_true "called" (!calls > 0);
              Check.equal_int "another file" !calls (follow (get other 0));
              Check.with_md path (fun now ->
                  Check.equal_string "compacted" "first" (follow (get now 0))))))

(* A handler that shares into the file which the interrupted thread compacts. *)
let within_a_handler () =
  Check.with_path (fun path ->
      let md = ref (Check.attach path) in
      for i = 0 to 20 do
        ignore (share_with ~sync:false !md i (Array.init 100_000 (fun j -> ref (i + j))))
      done;
      let refused = ref false in
      let handler () =
        match share_with ~sync:false !md 100 "handler" with
        | _ -> ()
        | exception Error { code = Deadlock; _ } -> refused := true
        | exception Error { code = Superseded; _ } -> ()
      in
      with_alarm handler (fun () ->
          while not !refused do
            ignore (compact path);
            let now = reattach !md path in
            detach !md;
            md := now
          done);
      verify !md;
      detach !md)

(* Two threads, each of which compacts a file and wants the other's. *)
let across () =
  Check.with_path (fun a ->
      Check.with_path (fun b ->
          Check.with_md a (fun of_a ->
              Check.with_md b (fun of_b ->
                  ignore (share of_a 0 "a");
                  ignore (share of_b 0 "b");
                  let inside_a = turn () and inside_b = turn () in
                  let refused = Atomic.make 0 in
                  let work path mine other wanted =
                    let first = ref true in
                    let progress _ _ =
                      if !first then begin
                        first := false;
                        give mine;
                        take other;
                        match share wanted 1 "late" with
                        | _ -> ()
                        | exception Error { code = Deadlock; _ } -> Atomic.incr refused
                        | exception Error { code = Superseded; _ } -> ()
                      end
                    in
                    ignore (compact ~progress path)
                  in
                  let t = Thread.create (fun () -> work a inside_a inside_b of_b) () in
                  work b inside_b inside_a of_a;
                  Thread.join t;
                  close inside_a;
                  close inside_b;
                  Check.equal_int "one of them was refused" 1 (Atomic.get refused)))))

(* A file that cannot have its addresses: a copy of one that is attached. *)
let with_copy f =
  Check.with_path (fun path ->
      Check.with_path (fun copy ->
          Check.with_md path (fun md ->
              ignore (share_with ~sync:false md 0 (Array.init 1_500_000 (fun i -> (i, i))));
              Check.write_bytes copy (Check.read_bytes path);
              f copy)))

(* A handler that runs within an attach, as the attach of the same file tells it, detaches and
   attaches other files at once. *)
let within_an_attach () =
  with_copy (fun copy ->
      Check.with_path (fun small ->
          let attach_copy () = Check.attach ~flags:[ Unix.O_RDONLY ] copy in
          let attaching = ref false and within = ref false in
          let try_within () =
            match attach_copy () with
            | md -> detach md
            | exception Error { code = Deadlock; _ } ->
              let md = Check.attach small in
              ignore (share_with ~sync:false md 0 "small");
              detach md;
              within := true
          in
          with_alarm (fun () -> if !attaching then try_within ()) (fun () ->
              while not !within do
                attaching := true;
                let md = attach_copy () in
                attaching := false;
                let last : (int * int) array = follow (get md 0) in
                Check.equal "relocated once" (1_499_999, 1_499_999) last.(1_499_999);
                detach md
              done)))

(* An attach that is interrupted again and again leaves nothing. *)
let interrupted_attach () =
  with_copy (fun copy ->
      let fds = descriptors () in
      let interrupted = ref 0 and attached = ref 0 in
      let armed = ref false in
      with_alarm
        (fun () -> if !armed then begin armed := false; raise Woken end)
        (fun () ->
           while !interrupted < 5 do
             match
               armed := true;
               let md = Check.attach ~flags:[ Unix.O_RDONLY ] copy in
               armed := false;
               md
             with
             | md -> incr attached; detach md
             | exception Woken -> incr interrupted
           done);
      (* The handler may also run when attach has returned, and the md is lost: once in a long
         while.  A leak would leave one for each. *)
      Check.is_true "descriptors" (descriptors () < fds + !interrupted - 1);
      Check.with_md ~flags:[ Unix.O_RDONLY ] copy verify)

(* Threads that read a relocated file, which grows meanwhile. *)
let relocated_readers () =
  Check.with_path (fun path ->
      Check.with_path (fun copy ->
          Check.with_md path (fun md ->
              ignore (share md 0 (Array.init 100 (fun i -> ref i)));
              Check.write_bytes copy (Check.read_bytes path);
              let growth = turn () in
              let pid =
                Check.child (fun () ->
                    (* Here the copy has its addresses. *)
                    take growth;
                    detach md;
                    Check.with_md copy (fun md ->
                        for i = 1 to 50 do
                          ignore
                            (share_with ~sync:false md 0 (Array.init (100 * i) (fun i -> ref i)))
                        done))
              in
              Check.with_md ~flags:[ Unix.O_RDONLY ] copy (fun md ->
                  let read () =
                    let whole = ref 0 in
                    while !whole < 5000 do
                      let a : int ref array = follow (get md 0) in
                      Array.iteri (fun i r -> if !r <> i then Check.failf "torn at %d" i) a;
                      whole := Array.length a
                    done
                  in
                  give growth;
                  let others = List.init 3 (fun _ -> Thread.create read ()) in
                  read ();
                  List.iter Thread.join others);
              Check.wait pid;
              close growth)))

(* A child that is forked within a compaction and returns into it leaves the parent's file alone,
   and compacts it by itself afterwards. *)
let forked_within () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          for i = 1 to 30 do ignore (share_with ~sync:false md 0 (List.init 1000 (( + ) i))) done;
          let parent = Unix.getpid () and pid = ref 0 in
          let progress _ _ =
            if Unix.getpid () = parent && !pid = 0 then pid := Unix.fork ()
          in
          let done_ = compact ~progress path in
          if Unix.getpid () <> parent then
            Unix._exit (if done_.bytes_before < 100_000 then 0 else 1);
          Check.wait !pid;
          Check.with_md path (fun now ->
              verify now;
              Check.equal "the values" (List.init 1000 (( + ) 30)) (follow (get now 0)));
          Check.equal "nothing is left beside it" [||]
            (Array.of_list
               (List.filter
                  (fun name -> Check.contains name ".compact")
                  (Array.to_list (Sys.readdir (Filename.dirname path)))))))

(* A child does not inherit what its parent's threads wait for. *)
let forked_beside () =
  while_locked (fun md path release ->
      let t = Thread.create (fun () -> ignore (share md 1 "parent")) () in
      woken "share" (fun () -> share md 2 "lost");
      let pid =
        Check.child (fun () ->
            woken "in the child" (fun () -> share md 3 "lost");
            Check.with_md path (fun md ->
                Check.equal_string "reads" "first" (follow (get md 0))))
      in
      Check.wait pid;
      release ();
      Thread.join t;
      Check.equal_string "the thread went on" "parent" (follow (get md 1)))

(* detach of a new file waits for its lock, and ends with a signal; it is detached all the same. *)
let detach_of_an_empty_file () =
  Check.with_path (fun path ->
      let locked = turn () and free = turn () in
      let md = Check.attach path in
      let pid =
        Check.child (fun () ->
            let fd = Unix.openfile path [ Unix.O_RDWR ] 0 in
            let other = attach fd 0n in
            ignore other;
            ignore (share other 0 "first");
            let progress _ _ = give locked; take free; raise Exit in
            try ignore (compact ~progress path) with Exit -> ())
      in
      take locked;
      (* The other process has shared, but this one has not seen it. *)
      (try woken "detach" (fun () -> detach md) with Check.Failed _ -> ());
      Check.raises_invalid "detached" "detached" (fun () -> detach md);
      give free;
      Check.wait pid;
      close locked;
      close free;
      Check.with_md path (fun md -> Check.equal_string "kept" "first" (follow (get md 0))))

let () =
  Check.run
    [ ("a wait for another process ends with a handler that raises", another_process);
      ("a handler that returns does not end a wait", handlers_that_return);
      ("a wait behind a thread ends with a handler that raises", behind_a_thread);
      ("a signal ends the wait of a thread when nobody else handles it", another_thread);
      ("a wait behind a compaction ends with a handler that raises", behind_a_compaction);
      ("a progress function that asks for the file gets Deadlock", within_a_compaction);
      ("a handler that asks for the file gets Deadlock", within_a_handler);
      ("of two threads that wait for each other one gets Deadlock", across);
      ("handlers within an attach attach and detach other files", within_an_attach);
      ("an attach that a handler ends leaves nothing", interrupted_attach);
      ("threads read a relocated file that grows", relocated_readers);
      ("a child forked within a compaction leaves the file alone", forked_within);
      ("a child does not inherit waits", forked_beside);
      ("detach of a new file ends with a signal", detach_of_an_empty_file);
    ]
