(* tests/ocaml: a call that fails gives back what it has taken: allocations, descriptors, mappings,
   and the file, which would else stay attached. *)

open Ancient

external live : unit -> int = "leaks_live" [@@noalloc]

let times = 100
let descriptors () = Array.length (Sys.readdir "/proc/self/fd")

let lines_of_maps () =
  let channel = open_in "/proc/self/maps" in
  let rec read lines =
    match input_line channel with
    | line -> read (line :: lines)
    | exception End_of_file -> close_in channel; lines
  in
  read []

(* [f ()] many times leaves what a few times leave.  The runtime allocates now and then by itself,
   and mappings of its heap come and go.  A compaction of OCaml 5.1 is one cycle. *)
let flat what f =
  let measure () =
    Gc.full_major ();
    Gc.compact ();
    let maps = List.length (lines_of_maps ()) in
    (descriptors (), live (), maps)
  in
  for _ = 1 to 5 do f () done;
  let fds, blocks, maps = measure () in
  for _ = 1 to times do f () done;
  let fds', blocks', maps' = measure () in
  Check.equal_int (what ^ ": descriptors") fds fds';
  if blocks' - blocks > times / 2 then
    Check.failf "%s: %d allocations more after %d calls" what (blocks' - blocks) times;
  if maps' - maps > times / 2 then
    Check.failf "%s: %d mappings more after %d calls" what (maps' - maps) times

let any _ = true
let fails what f = flat what (fun () -> Check.raises what any f)
let code what code f = flat what (fun () -> Check.raises_code what code f)
let invalid what part f = flat what (fun () -> Check.raises_invalid what part f)

(* Something that cannot be shared, behind something that can. *)
let unshareable () = Obj.repr ([ 1; 2; 3 ], (fun x -> x + Random.int 2))

let share ?name md key v = ignore (share_with ?name ~sync:false md key v)

(* [f md path], and then the file is not mapped any more. *)
let let_go f =
  Check.with_path (fun path ->
      let md = Check.attach path in
      share ~name:"zero" md 0 "zero";
      f md path;
      detach md;
      if List.exists (fun line -> Check.contains line path) (lines_of_maps ()) then
        Check.failf "the file is still mapped")

let attaching () =
  let attach_with flags options path =
    Check.with_fd ~flags path (fun fd -> detach (options fd))
  in
  let plain fd = attach fd 0n in
  Check.with_path (fun empty ->
      Check.write_bytes empty "";
      flat "empty" (fun () -> attach_with [ O_RDONLY ] plain empty));
  Check.with_path (fun path ->
      Check.write_bytes path "short";
      fails "short" (fun () -> attach_with [ O_RDWR ] plain path);
      Check.write_bytes path (String.make 20000 'x');
      code "foreign" Foreign (fun () -> attach_with [ O_RDWR ] plain path);
      code "foreign, for reading" Foreign (fun () -> attach_with [ O_RDONLY ] plain path));
  code "a folder" Directory (fun () -> attach_with [ O_RDONLY ] plain "/tmp");
  code "a device" Not_a_file (fun () -> attach_with [ O_RDWR ] plain "/dev/null");
  let_go (fun md path ->
      code "for writing only" Denied (fun () -> attach_with [ O_WRONLY ] plain path);
      code "O_APPEND" Append_mode (fun () -> attach_with [ O_RDWR; O_APPEND ] plain path);
      code "no such generation" No_generation (fun () ->
          attach_with [ O_RDONLY ] (fun fd -> Ancient.attach_with ~generation:77 fd) path);
      invalid "another protection" "without protection" (fun () ->
          attach_with [ O_RDONLY ] (fun fd -> Ancient.attach_with ~protect:true fd) path);
      invalid "a negative reserve" "reserve" (fun () ->
          attach_with [ O_RDONLY ] (fun fd -> Ancient.attach_with ~reserve:(-1) fd) path);
      fails "reattach" (fun () -> reattach md (path ^ ".none"));
      Check.with_path (fun other ->
          Check.write_bytes other "short";
          fails "reattach, short" (fun () -> reattach md other)));
  Check.with_path (fun path ->
      Check.with_md path (fun md -> share md 0 (List.init 1000 Fun.id));
      let bytes = Bytes.of_string (Check.read_bytes path) in
      Bytes.set bytes (Bytes.length bytes - 600) '!';
      Check.write_bytes path (Bytes.to_string bytes);
      fails "verified, and damaged" (fun () ->
          attach_with [ O_RDONLY ] (fun fd -> Ancient.attach_with ~verify:true fd) path);
      fails "compact, damaged" (fun () -> compact path);
      let md = Check.attach path in
      fails "verify" (fun () -> verify md);
      detach md)

let detached () =
  let_go (fun _ path ->
      let md = Check.attach path in
      detach md;
      let d = "detached" in
      let bindings = List.init 50 (fun i -> bind i i) in
      invalid "share" d (fun () -> share md 0 0);
      invalid "share_many" d (fun () -> share_many md bindings);
      invalid "get" d (fun () -> get md 0);
      invalid "get_named" d (fun () -> get_named md "zero");
      invalid "keys" d (fun () -> keys md);
      invalid "remove" d (fun () -> remove md 0);
      invalid "restore" d (fun () -> restore md 1);
      invalid "commits" d (fun () -> commits md);
      invalid "generation" d (fun () -> generation md);
      invalid "generation_time" d (fun () -> generation_time md);
      invalid "refresh" d (fun () -> refresh md);
      invalid "verify" d (fun () -> verify md);
      invalid "Typed.get" d (fun () -> Typed.get md 0 Schema.int);
      invalid "Typed.share" d (fun () -> Typed.share md 0 Schema.int 0);
      invalid "detach" d (fun () -> detach md))

let sharing () =
  let_go (fun md path ->
      invalid "what cannot be shared" "functional" (fun () -> share md 1 (unshareable ()));
      invalid "among others" "functional" (fun () ->
          share_many md [ bind 1 "one"; bind 2 (unshareable ()); bind 3 "three" ]);
      code "a name that is taken" Name_taken (fun () -> share ~name:"zero" md 1 1);
      invalid "a bad name" "bad name" (fun () -> share ~name:"" md 1 1);
      invalid "a negative key" "negative" (fun () -> share md (-1) 1);
      Check.with_md ~flags:[ O_RDONLY ] path (fun reader ->
          code "read only" Read_only (fun () -> share reader 1 1);
          code "remove, read only" Read_only (fun () -> remove reader 0));
      fails "remove" (fun () -> remove md 7);
      code "restore" No_generation (fun () -> restore md 77);
      invalid "Typed.share" "negative" (fun () -> Typed.share md (-1) Schema.int 7));
  invalid "mark" "functional" (fun () -> mark (unshareable ()));
  let gone = mark "gone" in
  delete gone;
  invalid "delete" "deleted" (fun () -> delete gone);
  invalid "follow" "deleted" (fun () -> follow gone);
  invalid "register_custom" "identifier" (fun () -> register_custom "");
  Check.with_path (fun path ->
      let md = Check.attach path in
      share md 0 "zero";
      Check.remove path;
      Check.write_bytes path "another";
      fails "superseded" (fun () -> share md 0 1);
      detach md)

let reading () =
  let_go (fun md path ->
      flat "get" (fun () -> Check.raises "get" (( = ) Not_found) (fun () -> get md 9));
      code "get_named" No_key (fun () -> get_named md "nine");
      code "Typed.get" No_key (fun () -> Typed.get md 9 Schema.int);
      code "Typed.get_named" No_key (fun () -> Typed.get_named md "nine" Schema.int);
      flat "Typed.get of an untyped value" (fun () ->
          Check.raises "mismatch" (function Schema_mismatch _ -> true | _ -> false)
            (fun () -> Typed.get md 0 Schema.int));
      ignore (Typed.share md 1 Schema.(list string) [ "typed" ]);
      flat "Typed.get of another type" (fun () ->
          Check.raises "mismatch" (function Schema_mismatch _ -> true | _ -> false)
            (fun () -> Typed.get md 1 Schema.int));
      flat "Typed.load" (fun () ->
          Check.raises "mismatch" (function Schema_mismatch _ -> true | _ -> false)
            (fun () -> Typed.load path Schema.int));
      flat "fold_keys" (fun () ->
          Check.raises "the function's" (( = ) Exit)
            (fun () -> fold_keys (fun _ _ () -> raise Exit) md ())))

let whole_files () =
  code "compact, missing" Missing (fun () -> compact "/nowhere/at/all");
  code "recover, missing" Missing (fun () -> recover "/nowhere/at/all");
  fails "recover, a folder" (fun () -> recover "/tmp");
  invalid "compact, a zero byte" "zero byte" (fun () -> compact "a\000b");
  fails "publish, no folder" (fun () -> publish "/nowhere/at/all" 1);
  fails "Typed.load, missing" (fun () -> Typed.load "/nowhere/at/all" Schema.int);
  Check.with_path (fun path ->
      invalid "publish" "functional" (fun () -> publish path (unshareable ()));
      fails "publish many" (fun () -> publish_many path [ bind (-1) 1 ]);
      publish path (List.init 100 string_of_int);
      flat "compact, stopped" (fun () ->
          Check.raises "stopped" (( = ) Exit) (fun () ->
              compact ~progress:(fun _ _ -> raise Exit) path));
      let other = path ^ ".link" in
      Unix.link path other;
      code "hard links" Irreplaceable (fun () -> compact path);
      Check.remove other;
      Check.write_bytes path (String.make 30000 'x');
      fails "recover, foreign" (fun () -> recover path);
      fails "compact, foreign" (fun () -> compact path))

let () =
  Check.run
    [ ("an attach that fails", attaching);
      ("calls on what is detached", detached);
      ("shares that fail", sharing);
      ("reads that fail", reading);
      ("compaction, recovery and publication that fail", whole_files);
    ]
