(* tests/torture: the OCaml processes of the long tests, which processes.py starts and kills.

   worker write PATH PROGRESS MODE       generation after generation, until it is killed
   worker check                          answers "check PATH" and "share PATH" on stdin
   worker crowd PATH WRITERS WRITER COUNT  shares the keys of one writer
   worker family PATH WRITERS COUNT      the same by children that inherit the md, among
                                         children that read through it
   worker read PATH                      reads until stdin ends
   worker hold PATH (self|child)         shares for ever, the child through an inherited md
   worker fill PATH                      shares until it cannot; goes on after a line on stdin
   worker publish PATH PERM SIZE         publishes once
   worker look PATH                      attaches for reading, checks, detaches
   worker umask MASK ...                 one of these with another umask

   Two kinds of values: those of a generation (publish_next) and those of a key (of_key), both
   known from a number alone, here, in watch.c and in processes.py. *)

open Ancient

let failf format = Printf.ksprintf failwith format
let opened flags path = Unix.openfile path (Unix.O_CLOEXEC :: flags) 0o644

let attach_path flags path =
  let fd = opened flags path in
  Fun.protect ~finally:(fun () -> Unix.close fd) (fun () -> attach fd 0n)

let with_path flags path f =
  let md = attach_path flags path in
  Fun.protect ~finally:(fun () -> detach md) (fun () -> f md)

(* ---- Values of generations ---- *)

let keys = 3

type bytes_array =
  (int, Bigarray.int8_unsigned_elt, Bigarray.c_layout) Bigarray.Array1.t

type generation_value = int array * string * float array * int64 * bytes_array

let words g = if g mod 7 = 6 then 20000 + (g mod 1000) else 3 + (g mod 5)

let of_generation g : generation_value =
  let bytes = Bigarray.(Array1.create int8_unsigned c_layout 100) in
  Bigarray.Array1.fill bytes (g land 255);
  ( Array.init (words g) (fun i -> (g * 1000003) + i),
    "generation " ^ string_of_int g,
    [| float_of_int g; 0.5 |],
    Int64.of_int g,
    bytes )

let publish_next sync md =
  let g = generation md + 1 in
  ignore (share_with ~sync md (g mod keys) (of_generation g));
  if generation md <> g then failf "shared generation %d, expected %d" (generation md) g

(* Everything that is there, against what generation [g] must hold. *)
let check_generation md =
  verify md;
  let g = generation md in
  for key = 0 to keys - 1 do
    let rec published g =
      if g < 2 then 0 else if g mod keys = key then g else published (g - 1)
    in
    let last = published g in
    match (follow (get md key) : generation_value) with
    | value ->
      if last = 0 || compare value (of_generation last) <> 0 then
        failf "generation %d: key %d is not that of %d" g key last
    | exception Not_found ->
      if last > 0 then failf "generation %d: key %d is missing" g key
  done;
  g

let write path progress mode =
  let fd = opened [ Unix.O_RDWR ] progress in
  let progress =
    Bigarray.array1_of_genarray
      (Unix.map_file fd Bigarray.int64 Bigarray.c_layout true [| 2 |])
  in
  let md = attach_path Unix.[ O_RDWR; O_CREAT ] path in
  progress.{1} <- Int64.of_int (generation md);
  let rec forever i =
    progress.{0} <- Int64.of_int (generation md + 1);
    publish_next (mode = "sync" || (mode = "mixed" && i mod 3 = 0)) md;
    progress.{1} <- Int64.of_int (generation md);
    forever (i + 1)
  in
  forever 0

(* An answer is one line: "ok" and a generation, 0 for a file in which there is nothing, or
   what is wrong. *)
let answer f =
  print_endline
    (match f () with
     | g -> Printf.sprintf "ok %d" g
     | exception Error { code = Empty; _ } -> "ok 0"
     | exception e -> "OCaml: " ^ Printexc.to_string e)

let check () =
  let rec loop () =
    match String.split_on_char ' ' (input_line stdin) with
    | exception End_of_file -> ()
    | verb :: rest ->
      let path = String.concat " " rest in
      answer (fun () ->
          if verb = "check" then with_path [ Unix.O_RDONLY ] path check_generation
          else
            with_path Unix.[ O_RDWR; O_CREAT ] path (fun md ->
                publish_next false md;
                generation md));
      loop ()
    | [] -> assert false
  in
  loop ()

(* ---- Values of keys ---- *)

type key_value = int * int array * string

let of_key key : key_value =
  (key, Array.init (1 + (key mod 17)) (fun i -> key + i), "key " ^ string_of_int key)

let share_key md key =
  let name = if key mod 10 = 0 then Some (Printf.sprintf "name %d" key) else None in
  ignore (share_with ?name ~sync:(key mod 20 = 0) md key (of_key key))

let share_keys md writer count =
  for i = 0 to count - 1 do
    share_key md ((writer * count) + i)
  done

(* Whether it is there; what is there is right. *)
let check_key md key =
  match (follow (get md key) : key_value) with
  | value ->
    if compare value (of_key key) <> 0 then failf "key %d has a wrong value" key;
    true
  | exception Not_found -> false

let stdin_ended () =
  match Unix.select [ Unix.stdin ] [] [] 0. with
  | [], _, _ -> false
  | _ -> Unix.read Unix.stdin (Bytes.create 1) 0 1 = 0

(* Loops over attach, refresh, get and verify; what was there once is there always. *)
let read_on md path finished =
  let seen = Hashtbl.create 1000 and last = ref 0 in
  let rec loop rounds gets =
    refresh md;
    if generation md < !last then failf "generation %d after %d" (generation md) !last;
    last := generation md;
    let gets = ref gets in
    for _ = 1 to 50 do
      let key = Random.int 16384 in
      if check_key md key then Hashtbl.replace seen key ()
      else if Hashtbl.mem seen key then failf "key %d is gone" key;
      incr gets
    done;
    if rounds mod 20 = 0 then verify md;
    if rounds mod 50 = 0 then
      with_path [ Unix.O_RDONLY ] path (fun other ->
          if generation other < !last then failf "attached an older generation");
    if finished () then (rounds + 1, !gets) else loop (rounds + 1) !gets
  in
  loop 0 0

let read path =
  with_path [ Unix.O_RDONLY ] path (fun md ->
      let rounds, gets = read_on md path stdin_ended in
      Printf.printf "%d rounds, %d values\n%!" rounds gets)

(* ---- Families ---- *)

let child f =
  flush_all ();
  match Unix.fork () with
  | 0 ->
    Unix._exit
      (match f () with
       | () -> 0
       | exception e -> prerr_endline ("child: " ^ Printexc.to_string e); 1)
  | pid -> pid

let wait pid =
  match Unix.waitpid [] pid with
  | _, Unix.WEXITED 0 -> ()
  | _ -> failf "a child failed"

let family path writers count =
  let md = attach_path Unix.[ O_RDWR; O_CREAT ] path in
  share_key md ((writers * count) + 1);
  let stop_r, stop_w = Unix.pipe () in
  let readers =
    List.init 2 (fun n ->
        child (fun () ->
            Unix.close stop_w;
            Random.init n;
            let stopped () =
              match Unix.select [ stop_r ] [] [] 0. with [], _, _ -> false | _ -> true
            in
            let rounds, gets = read_on md path stopped in
            Printf.printf "%d rounds, %d values\n%!" rounds gets))
  in
  let children =
    List.init writers (fun n -> child (fun () -> Unix.close stop_w; share_keys md n count))
  in
  List.iter wait children;
  Unix.close stop_w;
  List.iter wait readers;
  for key = 0 to (writers * count) - 1 do
    if not (check_key md key) then failf "key %d was lost" key
  done;
  detach md

(* ---- The lock ---- *)

let large = lazy (Array.init 300_000 (fun i -> [ i ]))

let rec share_for_ever md = ignore (share_with ~sync:false md 0 (Lazy.force large)); share_for_ever md

(* [child] prints its child's process, waits for a line, and shares with the md that both have. *)
let hold path who =
  let md = attach_path Unix.[ O_RDWR; O_CREAT ] path in
  if who = "self" then begin
    print_endline (string_of_int (Unix.getpid ()));
    share_for_ever md
  end
  else begin
    let pid = child (fun () -> share_for_ever md) in
    print_endline (string_of_int pid);
    ignore (input_line stdin);
    ignore (share md 1 "after");
    print_endline (follow (get md 1))
  end

(* ---- Limits ---- *)

let describe = function
  | Error { code = Disk_full; message; _ } -> "Disk_full " ^ message
  | Error { code = Address_space | No_room; message; _ } -> "Address_space " ^ message
  | Out_of_memory -> "Out_of_memory"
  | Error { message; _ } -> "Error " ^ message
  | Unix.Unix_error (e, call, path) ->
    Printf.sprintf "Unix_error %s: %s: %s" call path (Unix.error_message e)
  | e -> "other " ^ Printexc.to_string e

(* Shares until it cannot, and again when it is told to go on, without the fault (faults.c).
   After a failure what was there is there, or, where it was a last flush that failed, the
   next. *)
let fill path =
  let md = attach_path Unix.[ O_RDWR; O_CREAT ] path in
  let rec until_full () =
    let before = generation md in
    match publish_next (before mod 2 = 0) md with
    | () -> if before < 100_000 then until_full () else print_endline "no limit was met"
    | exception e ->
      let now = generation md in
      if now <> before && now <> before + 1 then failf "%d after %d" now before;
      (match check_generation md with
       | found -> if found <> now then failf "another generation is there"
       | exception Error { code = Address_space; _ } -> ());
      Printf.printf "%d %s\n%!" now (describe e)
  in
  until_full ();
  ignore (input_line stdin);
  Unix.putenv "ANCIENT_FAULT" "";
  publish_next true md;
  Printf.printf "%d\n%!" (check_generation md)

let publish_once path perm size =
  print_endline
    (match publish ~perm path (List.init size string_of_int) with
     | () -> "ok"
     | exception e -> describe e)

let look path =
  with_path [ Unix.O_RDONLY ] path (fun md ->
      verify md;
      ignore (get md 0);
      Printf.printf "generation %d\n" (generation md))

let rec run = function
  | [ "write"; path; progress; mode ] -> write path progress mode
  | [ "check" ] -> check ()
  | [ "crowd"; path; writer; count ] ->
    with_path Unix.[ O_RDWR; O_CREAT ] path (fun md ->
        share_keys md (int_of_string writer) (int_of_string count))
  | [ "family"; path; writers; count ] ->
    family path (int_of_string writers) (int_of_string count)
  | [ "read"; path ] -> read path
  | [ "hold"; path; who ] -> hold path who
  | [ "fill"; path ] -> fill path
  | [ "publish"; path; perm; size ] ->
    publish_once path (int_of_string perm) (int_of_string size)
  | [ "look"; path ] -> look path
  | "umask" :: mask :: rest -> ignore (Unix.umask (int_of_string mask)); run rest
  | _ -> failf "what? see the head of worker.ml"

let () = run (List.tl (Array.to_list Sys.argv))
