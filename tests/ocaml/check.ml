(* tests/ocaml: assertions, temporary files, child processes, and a runner of tests.

   A test program is a list of named tests; a test's name is the behaviour that it checks.
   The runner reports every failed test, and the program then exits with 1.  Arguments
   select tests by a part of their names. *)

exception Failed of string

(* A form that takes little where all is slow: under qemu. *)
let small = Sys.getenv_opt "ANCIENT_SMALL_RUN" <> None

let failf format = Printf.ksprintf (fun text -> raise (Failed text)) format
let is_true what condition = if not condition then failf "not true: %s" what

let equal ?(show = fun _ -> "?") what expected found =
  if compare expected found <> 0 then
    failf "%s: expected %s, found %s" what (show expected) (show found)

let equal_int = equal ~show:string_of_int
let equal_string what expected found =
  equal ~show:(Printf.sprintf "%S") what expected found

(* [f ()] raises an exception that [matches]. *)
let raises what matches f =
  match f () with
  | _ -> failf "%s: raised nothing" what
  | exception e ->
    if not (matches e) then
      failf "%s: raised %s" what (Printexc.to_string e)

let contains text part =
  let n = String.length part in
  let rec at i =
    i + n <= String.length text && (String.sub text i n = part || at (i + 1))
  in
  at 0

let raises_invalid what part f =
  raises what
    (function Invalid_argument text -> contains text part | _ -> false)
    f

let raises_code what code f =
  raises what
    (function
      | Ancient.Error e ->
        if e.Ancient.code <> code then
          failf "%s: %s" what (Printexc.to_string (Ancient.Error e));
        true
      | _ -> false)
    f

(* ---- Files ---- *)

let folder =
  let base = Filename.get_temp_dir_name () in
  let rec make n =
    let path =
      Filename.concat base
        (Printf.sprintf "ancient-test.%d.%d" (Unix.getpid ()) n)
    in
    match Unix.mkdir path 0o700 with
    | () -> path
    | exception Unix.Unix_error (Unix.EEXIST, _, _) -> make (n + 1)
  in
  lazy (make 0)

let counter = ref 0

(* The path of a file that does not exist yet. *)
let fresh_path () =
  incr counter;
  Filename.concat (Lazy.force folder) (Printf.sprintf "file%d" !counter)

(* The same in memory, where there is a place for that: for tests that publish hundreds of times, each
   of which would wait for the disk. *)
let fresh_path_in_memory () =
  let place = "/dev/shm" in
  match Unix.access place [ Unix.W_OK ] with
  | exception Unix.Unix_error _ -> fresh_path ()
  | () ->
    incr counter;
    Filename.concat place (Printf.sprintf "ancient-test.%d.file%d" (Unix.getpid ()) !counter)

let remove path = try Unix.unlink path with Unix.Unix_error _ -> ()

let clean () =
  if Lazy.is_val folder then begin
    let folder = Lazy.force folder in
    Array.iter
      (fun name -> remove (Filename.concat folder name))
      (Sys.readdir folder);
    try Unix.rmdir folder with Unix.Unix_error _ -> ()
  end

let with_path ?(fresh = fresh_path) f =
  let path = fresh () in
  Fun.protect ~finally:(fun () -> remove path) (fun () -> f path)

let with_path_in_memory f = with_path ~fresh:fresh_path_in_memory f

let with_fd ?(flags = Unix.[ O_RDWR; O_CREAT ]) path f =
  let fd = Unix.openfile path flags 0o644 in
  Fun.protect ~finally:(fun () -> Unix.close fd) (fun () -> f fd)

let attach ?flags path =
  with_fd ?flags path (fun fd -> Ancient.attach fd 0n)

let with_md ?flags path f =
  let md = attach ?flags path in
  Fun.protect ~finally:(fun () -> Ancient.detach md) (fun () -> f md)

(* A new file for one test. *)
let with_new_md f = with_path (fun path -> with_md path f)

let read_bytes path =
  let channel = open_in_bin path in
  Fun.protect
    ~finally:(fun () -> close_in channel)
    (fun () -> really_input_string channel (in_channel_length channel))

let write_bytes path bytes =
  let channel = open_out_bin path in
  Fun.protect
    ~finally:(fun () -> close_out channel)
    (fun () -> output_string channel bytes)

(* ---- Processes ---- *)

(* Runs [f] in a child and waits; a test fails where the child does. *)
let child f =
  flush_all ();
  match Unix.fork () with
  | 0 ->
    let status =
      match f () with
      | () -> 0
      | exception e ->
        Printf.eprintf "in the child: %s\n%!" (Printexc.to_string e);
        1
    in
    Unix._exit status
  | pid -> pid

let wait pid =
  match snd (Unix.waitpid [] pid) with
  | Unix.WEXITED 0 -> ()
  | Unix.WEXITED n -> failf "the child exited with %d" n
  | Unix.WSIGNALED n -> failf "the child was killed by signal %d" n
  | Unix.WSTOPPED _ -> failf "the child was stopped"

let in_child f = wait (child f)

(* How a child that runs [f] ends. *)
let fate_of_child f = snd (Unix.waitpid [] (child f))

(* ---- Running ---- *)

let chosen name =
  match Array.to_list Sys.argv with
  | [] | [ _ ] -> true
  | _ :: parts -> List.exists (contains name) parts

let describe = function
  | Failed text -> text
  | e -> "raised " ^ Printexc.to_string e

let run tests =
  let owner = Unix.getpid () in
  Printexc.record_backtrace true;
  at_exit (fun () -> if Unix.getpid () = owner then clean ());
  let run_one failures (name, f) =
    match f () with
    | () ->
      Printf.printf "ok      %s\n%!" name;
      failures
    | exception e ->
      let trace = Printexc.get_backtrace () in
      Printf.printf "FAILED  %s: %s\n%s%!" name (describe e) trace;
      failures + 1
  in
  let tests = List.filter (fun (name, _) -> chosen name) tests in
  let failures = List.fold_left run_one 0 tests in
  if failures > 0 then begin
    Printf.printf "%d of %d failed\n%!" failures (List.length tests);
    exit 1
  end
