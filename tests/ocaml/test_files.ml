(* tests/ocaml: keys, generations and names; files that are damaged or of another kind. *)

open Ancient

let not_found = function Not_found -> true | _ -> false
let no_key = function Ancient.Error { code = No_key; _ } -> true | _ -> false

let keys () =
  Check.with_path (fun path ->
      let keys = [ 0; 1; 100; 4_000_000_000; max_int - 1; max_int ] in
      Check.with_md path (fun md ->
          List.iter (fun key -> ignore (share md key (string_of_int key))) keys);
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          List.iter
            (fun key ->
               Check.equal_string "value" (string_of_int key) (follow (get md key)))
            keys;
          List.iter
            (fun key ->
               Check.raises (string_of_int key) not_found (fun () -> get md key))
            [ 2; 99; 101; max_int - 2 ]))

let many_keys () =
  Check.with_new_md (fun md ->
      let state = Random.State.make [| 7 |] in
      let keys = Array.init 2000 (fun _ -> Random.State.bits state) in
      Array.iter (fun key -> ignore (share_with ~sync:false md key key)) keys;
      Array.iter (fun key -> Check.equal_int "value" key (follow (get md key))) keys;
      verify md)

let negative_keys () =
  Check.with_new_md (fun md ->
      List.iter
        (fun key ->
           Check.raises_invalid "share" "Ancient.share: negative key" (fun () ->
               share md key 1);
           Check.raises_invalid "get" "Ancient.get: negative key" (fun () ->
               get md key))
        [ -1; min_int ];
      Check.equal_int "nothing happened" 1 (generation md))

(* The walk is that of one generation, whatever happens meanwhile. *)
let enumeration () =
  let show (key, name) = Printf.sprintf "%d %s" key (Option.value name ~default:"-") in
  let same what wanted found =
    Check.equal_string what
      (String.concat "," (List.map show wanted))
      (String.concat "," (List.map show found))
  in
  Check.with_new_md (fun md ->
      same "none" [] (Ancient.keys md);
      ignore (share_with ~sync:false ~name:"top" md max_int "x");
      same "one" [ (max_int, Some "top") ] (Ancient.keys md);
      let state = Random.State.make [| 8 |] in
      let some = List.init 3000 (fun i ->
          ((Random.State.bits state lsl 31) lor i, if i mod 3 = 0 then Some (string_of_int i) else None)) in
      let bindings =
        List.map (fun (key, name) -> bind ?name key key) ((0, Some "\xC3\xA9t\xC3\xA9") :: some)
      in
      ignore (share_many ~sync:false md bindings);
      let wanted =
        List.sort compare ((0, Some "\xC3\xA9t\xC3\xA9") :: (max_int, Some "top") :: some)
      in
      same "in order" wanted (Ancient.keys md);
      let before = generation md in
      let found =
        fold_keys
          (fun key name acc ->
             ignore (share_with ~sync:false md (key lxor 1) "meanwhile");
             if key mod 500 = 0 then Gc.compact ();
             (key, name) :: acc)
          md []
      in
      same "of one generation" wanted (List.rev found);
      Check.equal_int "and others came" (before + List.length wanted) (generation md);
      Check.is_true "which the next sees" (List.length (Ancient.keys md) > List.length wanted);
      Check.raises "what f raises" (( = ) Exit) (fun () -> fold_keys (fun _ _ () -> raise Exit) md ()));
  let md = Check.with_new_md (fun md -> ignore (share_many md [ bind 1 1; bind 2 2 ]); md) in
  Check.raises_invalid "keys" "Ancient.fold_keys: " (fun () -> Ancient.keys md);
  Check.with_path (fun path ->
      let md = Check.attach path in
      ignore (share_many md [ bind 1 1; bind 2 2 ]);
      Check.raises_invalid "detached on the way" "is detached" (fun () ->
          fold_keys (fun _ _ () -> detach md) md ()))

let share_over () =
  Check.with_new_md (fun md ->
      let first = share md 0 (Array.make 1000 "old") in
      let old = follow first in
      let second = share md 0 (Array.make 10 "new") in
      Check.equal_string "get sees the new one" "new"
        (follow (get md 0 : string array ancient)).(0);
      Check.equal_string "so does its proxy" "new" (follow second).(9);
      Check.equal_string "the old one lives on" "old" old.(999);
      Check.equal_string "and its proxy" "old" (follow first).(0))

let generations () =
  Check.with_new_md (fun md ->
      Check.equal_int "a new file" 1 (generation md);
      ignore (share md 0 1);
      ignore (share md 0 1);
      Check.equal_int "one more each" 3 (generation md);
      let info = share_many md [ bind 1 "a"; bind 2 [| 1; 2 |] ] in
      Check.equal_int "several keys, one generation" 4 (generation md);
      Check.equal_int "their bytes" (16 + 24) info.i_size;
      let info = share_many md [] in
      Check.equal_int "no keys, no generation" 4 (generation md);
      Check.equal_int "no bytes" 0 info.i_size)

let many_at_once () =
  Check.with_new_md (fun md ->
      let part = [ "shared"; "part" ] in
      ignore (share_many md [ bind 0 (1, part); bind ~name:"two" 7 (2, part) ]);
      let _, a = follow (get md 0 : (int * string list) ancient) in
      let _, b = follow (get md 7 : (int * string list) ancient) in
      Check.is_true "sharing between the keys" (a == b);
      Check.raises_invalid "all or nothing" "functional" (fun () ->
          share_many md [ bind 1 "good"; bind 2 (fun () -> ()) ]);
      Check.raises "nothing" not_found (fun () -> get md 1))

let names () =
  Check.with_new_md (fun md ->
      ignore (share_with ~name:"index" md 0 "a");
      Check.raises_code "taken" Name_taken (fun () ->
          share_with ~name:"index" md 1 "b");
      ignore (share_with ~name:"index" md 0 "c");
      Check.equal_string "the same key keeps it" "c" (follow (get md 0));
      ignore (share md 0 "d");
      ignore (share_with ~name:"index" md 1 "e");
      List.iter
        (fun name ->
           Check.raises_invalid "bad name" "bad name" (fun () ->
               share_with ~name md 2 "f"))
        [ ""; String.make 256 'x'; "a\000b" ];
      verify md)

let by_name () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share_with ~name:"index" md 5 [ "a" ]);
          ignore (share_many md [ bind ~name:"z\xc3\xbcrich" 7 "b"; bind 8 "c" ]);
          Check.is_true "the same value" (follow (get_named md "index") == (follow (get md 5) : string list)));
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          Check.equal "by its name" [ "a" ] (follow (get_named md "index"));
          Check.equal_string "in UTF-8" "b" (follow (get_named md "z\xc3\xbcrich"));
          List.iter
            (fun name -> Check.raises name no_key (fun () -> get_named md name))
            [ "inde"; "index2"; "c" ];
          Check.raises_invalid "bad name" "Ancient.get_named: bad name" (fun () ->
              get_named md "");
          (* Another process's commit takes the name away. *)
          Check.in_child (fun () -> Check.with_md path (fun md -> ignore (share md 5 "d")));
          Check.raises "lost" no_key (fun () -> get_named md "index")))

let orders () =
  let value = List.init 50 (fun i -> (string_of_int i, [ i; i + 1 ])) in
  let bytes order =
    Check.with_path (fun path ->
        Check.with_md path (fun md ->
            let p, _ = share_with ~order md 0 value in
            Check.equal "equal" value (follow p);
            Nativeint.to_int
              (Nativeint.sub
                 (address_of (snd (List.hd (follow p))))
                 (address_of (follow p)))))
  in
  Check.is_true "breadth first lays the list's other cells between"
    (bytes Depth_first < bytes Breadth_first);
  Check.is_true "elements first lays cells and elements between"
    (bytes Depth_first < bytes Elements_first)

let durability () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          set_sync md false;
          ignore (share md 0 "fast");
          set_sync md true;
          ignore (share md 1 "safe"));
      Check.with_md path (fun md ->
          Check.equal_string "fast" "fast" (follow (get md 0));
          Check.equal_string "safe" "safe" (follow (get md 1))))

let detached () =
  Check.with_path (fun path ->
      let md = Check.attach path in
      let p = share md 0 "x" in
      detach md;
      let says what f = Check.raises_invalid what "is detached" f in
      says "follow" (fun () -> ignore (follow p));
      says "get" (fun () -> ignore (get md 0));
      says "share" (fun () -> ignore (share md 0 1));
      says "refresh" (fun () -> refresh md);
      says "generation" (fun () -> ignore (generation md));
      says "verify" (fun () -> verify md);
      says "detach" (fun () -> detach md);
      Check.raises_invalid "the message names the file" path (fun () -> get md 0))

let attached_twice () =
  Check.with_path (fun path ->
      let one = Check.attach path in
      let two = Check.attach path in
      let p = share one 0 [ "x" ] in
      let q : string list ancient = get two 0 in
      Check.is_true "the same mapping" (follow p == follow q);
      detach one;
      Check.equal "the other goes on" [ "x" ] (follow q);
      Check.is_true "still ancient" (is_ancient (follow q));
      ignore (share two 1 [ "y" ]);
      Gc.compact ();
      detach two)

let descriptor_stays_open () =
  Check.with_path (fun path ->
      let fd = Unix.openfile path Unix.[ O_RDWR; O_CREAT ] 0o644 in
      let md = attach fd 0n in
      ignore (share md 0 1);
      detach md;
      Unix.close fd);
  Check.with_path (fun path ->
      let md = Check.attach path in
      (* Its descriptor is closed already. *)
      ignore (share md 0 1);
      refresh md;
      Check.equal_int "works" 1 (follow (get md 0));
      detach md)

(* ---- Files that are not what they should be ---- *)

let whole path =
  Check.with_md path (fun md -> ignore (share md 0 [ "some"; "words" ]));
  Check.read_bytes path

let attaching ?(flags = [ Unix.O_RDONLY ]) path () = detach (Check.attach ~flags path)

let raises_about path code f =
  Check.raises "attach"
    (function
      | Error e ->
        if e.code <> code then Check.failf "other code: %s" e.message;
        if not (Check.contains e.message path) then
          Check.failf "the message does not name the file: %s" e.message;
        if String.contains e.message '\n' then
          Check.failf "more than a line: %s" e.message;
        true
      | _ -> false)
    f

let damaged code change () =
  Check.with_path (fun path ->
      Check.write_bytes path (change (whole path));
      raises_about path code (attaching path);
      (* A writer must not take it for something to be made anew. *)
      let before = Check.read_bytes path in
      raises_about path code (attaching ~flags:[ Unix.O_RDWR ] path);
      Check.equal_string "untouched" before (Check.read_bytes path))

let patch changes bytes =
  let copy = Bytes.of_string bytes in
  List.iter (fun (at, c) -> Bytes.set copy at (Char.chr c)) changes;
  Bytes.to_string copy

(* The same byte of both superblocks. *)
let both at c = patch [ (at, c); (4096 + at, c) ]

external xxh3 : string -> int64 = "check_xxh3"

(* The same, with the checksums made right again. *)
let both_sealed at c bytes =
  let copy = Bytes.of_string (both at c bytes) in
  List.iter
    (fun slot -> Bytes.set_int64_le copy (slot + 248) (xxh3 (Bytes.sub_string copy slot 248)))
    [ 0; 4096 ];
  Bytes.to_string copy

let flip_bit bytes =
  let flip at copy = Bytes.set copy at (Char.chr (Char.code (Bytes.get copy at) lxor 4)) in
  let copy = Bytes.of_string bytes in
  flip 80 copy;
  flip (4096 + 80) copy;
  Bytes.to_string copy

let one_superblock_is_enough () =
  Check.with_path (fun path ->
      ignore (whole path);
      Check.with_md path (fun md -> ignore (share md 0 "more"));
      let bytes = Check.read_bytes path in
      (* Generation 2 lies in slot 0, generation 3 in slot 1. *)
      List.iter
        (fun (at, found) ->
           Check.write_bytes path (patch [ (at + 80, 1) ] bytes);
           Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
               Check.equal_int "the other one" found (generation md)))
        [ (0, 3); (4096, 2) ])

let missing () =
  Check.with_path (fun path ->
      Check.raises "it is Unix that says so"
        (function Unix.Unix_error (Unix.ENOENT, _, _) -> true | _ -> false)
        (attaching path))

let directory () = raises_about (Lazy.force Check.folder) Directory (attaching (Lazy.force Check.folder))

let not_a_file () =
  let r, w = Unix.pipe () in
  Check.raises_code "a pipe" Not_a_file (fun () -> attach r 0n);
  Unix.close r;
  Unix.close w

let closed_descriptor () =
  let fd = Unix.openfile "/dev/null" [ Unix.O_RDONLY ] 0 in
  Unix.close fd;
  Check.raises_code "closed" System (fun () -> attach fd 0n)

let append_mode () =
  Check.with_path (fun path ->
      raises_about path Append_mode
        (attaching ~flags:Unix.[ O_RDWR; O_CREAT; O_APPEND ] path))

let read_only () =
  Check.with_path (fun path ->
      ignore (whole path);
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          raises_about path Read_only (fun () -> share md 0 1);
          Check.equal "reads" [ "some"; "words" ] (follow (get md 0)));
      Check.with_fd path (fun fd ->
          let md = attach_with ~read_only:true fd in
          raises_about path Read_only (fun () -> share md 0 1);
          detach md))

(* Options of each handle of a file, in whatever order they come. *)
let options_of_each_handle () =
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md 0 "zero"));
      let reading () = Check.with_fd ~flags:[ Unix.O_RDONLY ] path (fun fd -> attach fd 0n) in
      let refusing () = Check.with_fd path (fun fd -> attach_with ~read_only:true fd) in
      let writing () = Check.attach path in
      let refuses what md =
        Check.raises_code (what ^ ": share") Read_only (fun () -> share md 1 "lost");
        Check.raises_code (what ^ ": remove") Read_only (fun () -> remove md 0);
        Check.raises_code (what ^ ": restore") Read_only (fun () -> restore md 1);
        Check.equal_string what "zero" (follow (get md 0))
      in
      let writes md n =
        ignore (share md n "written");
        Check.equal_string "written" "written" (follow (get md n))
      in
      let a = reading () in
      let b = writing () in
      let c = refusing () in
      refuses "first, for reading" a;
      writes b 2;
      refuses "last, ~read_only" c;
      Check.equal_string "seen by all" "written" (follow (get a 2));
      detach b;
      refuses "the writer has gone" a;
      let d = writing () in
      writes d 3;
      List.iter detach [ a; c; d ];
      (* A handle that only reads leaves an empty file to the next. *)
      Check.with_path (fun path ->
          let writer = Check.attach path in
          let reader = Check.with_fd path (fun fd -> attach_with ~read_only:true fd) in
          detach reader;
          Check.equal_int "nothing was committed" 1 (generation writer);
          detach writer))

let protection_of_each_handle () =
  let store md =
    match
      Check.fate_of_child (fun () -> Bytes.set (follow (get md 0) : bytes) 0 'x')
    with
    | Unix.WEXITED 0 -> "stored"
    | Unix.WSIGNALED n when n = Sys.sigsegv -> "stopped"
    | _ -> "?"
  in
  let attach ?protect path = Check.with_fd path (fun fd -> attach_with ?protect fd) in
  List.iter
    (fun (protect, says, does) ->
       Check.with_path (fun path ->
           Check.with_md path (fun md -> ignore (share md 0 "zero"));
           let first = attach ~protect path in
           Check.raises_invalid "the other way" says (fun () ->
               attach ~protect:(not protect) path);
           let same = attach ~protect path and either = attach path in
           List.iter (fun md -> Check.equal_string says does (store md)) [ first; same; either ];
           List.iter detach [ first; same; either ];
           detach (attach ~protect:(not protect) path)))
    [ (false, "without protection", "stored"); (true, "with protection", "stopped") ]

let bad_base () =
  Check.with_path (fun path ->
      Check.with_fd path (fun fd ->
          Check.raises "an address nobody has"
            (function Error { code = Bad_base; _ } | Invalid_argument _ -> true | _ -> false)
            (fun () -> attach fd (-1n))));
  Check.with_path (fun path ->
      Check.with_fd path (fun fd ->
          Check.raises_invalid "reserve" "reserve" (fun () ->
              attach_with ~reserve:(-1) fd)))

let verifying () =
  Check.with_path (fun path ->
      let bytes = whole path in
      Check.with_fd path (fun fd -> detach (attach_with ~verify:true fd));
      (* One bit of the first value. *)
      let at = 8192 + 64 + 8 in
      Check.write_bytes path (patch [ (at, Char.code bytes.[at] lxor 8) ] bytes);
      Check.with_fd path (fun fd ->
          Check.raises "the first broken rule"
            (function
              | Error { code = Bad_checksum; offset = Some offset; rule = Some "E5"; _ } ->
                offset = 8192 + 48
              | _ -> false)
            (fun () -> attach_with ~verify:true fd));
      (* It was detached on the way out. *)
      Check.with_fd path (fun fd -> detach (attach fd 0n)))

let too_small_a_reserve () =
  Check.with_path (fun path ->
      Check.with_fd path (fun fd ->
          let md = attach_with ~reserve:65536 fd in
          raises_about path No_room (fun () -> share md 0 (Array.make 100000 0));
          Check.equal_int "small things still fit" 1 (follow (share md 0 1));
          detach md))

let printer () =
  let e = Error { code = Foreign; message = "idx: not an ancient file"; offset = None; rule = None } in
  Check.equal_string "text" "Ancient.Error(Foreign): idx: not an ancient file"
    (Printexc.to_string e)

(* ---- Publish ---- *)

let siblings path =
  let name = Filename.basename path in
  List.filter
    (fun other -> Check.contains other name)
    (Array.to_list (Sys.readdir (Filename.dirname path)))

let publishing () =
  Check.with_path (fun path ->
      publish path [ "first" ];
      Check.equal_int "nothing beside it" 1 (List.length (siblings path));
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun old ->
          publish path [ "second" ];
          Check.equal "who has the old one keeps it" [ "first" ] (follow (get old 0));
          Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
              Check.equal "the new one" [ "second" ] (follow (get md 0)))))

let publishing_many () =
  Check.with_path (fun path ->
      publish_many ~perm:0o600 path [ bind 3 "three"; bind ~name:"five" 5 "five" ];
      Check.equal_int "permissions" 0o600 ((Unix.stat path).Unix.st_perm);
      Check.with_md path (fun md ->
          verify md;
          Check.equal_string "3" "three" (follow (get md 3));
          Check.equal_string "5" "five" (follow (get md 5))))

let failing_publish () =
  Check.with_path (fun path ->
      publish path "good";
      Check.raises_invalid "refused" "functional" (fun () -> publish path (fun () -> ()));
      Check.equal_int "no temporary file is left" 1 (List.length (siblings path));
      Check.with_md path (fun md ->
          Check.equal_string "as it was" "good" (follow (get md 0))));
  Check.raises "no such folder"
    (function Unix.Unix_error (Unix.ENOENT, _, _) -> true | _ -> false)
    (fun () -> publish "/nonexistent/folder/file" 1)

let replaced_file () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share md 0 "old");
          publish path "new";
          raises_about path Superseded (fun () -> share md 0 "lost");
          Check.equal_string "reading goes on" "old" (follow (get md 0))))

(* VmFlags of the mapping that has this address: rr where it is read here and there. *)
let mapping_flags address =
  let smaps = open_in "/proc/self/smaps" in
  let has line =
    try Scanf.sscanf line "%nx-%nx " (fun start stop -> start <= address && address < stop)
    with Scanf.Scan_failure _ | End_of_file | Failure _ -> false
  in
  let rec flags found =
    let line = input_line smaps in
    match String.split_on_char ' ' line with
    | "VmFlags:" :: flags when found -> flags
    | _ -> flags (found || has line)
  in
  Fun.protect ~finally:(fun () -> close_in smaps) (fun () -> flags false)

let advice () =
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md 0 (String.make 20_000_000 'x')));
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          let address = address_of (follow (get md 0)) in
          let is_told flag = List.mem flag (mapping_flags address) in
          Check.equal "of nothing yet" (false, false) (is_told "rr", is_told "sr");
          advise md Random;
          Check.equal "here and there" (true, false) (is_told "rr", is_told "sr");
          advise md Sequential;
          Check.equal "in order" (false, true) (is_told "rr", is_told "sr");
          advise md Normal;
          Check.equal "of nothing again" (false, false) (is_told "rr", is_told "sr");
          prefetch md;
          Check.equal_int "the values are as they were" 20_000_000
            (String.length (follow (get md 0))));
      let gone = Check.with_md path Fun.id in
      Check.raises_invalid "advise" "is detached" (fun () -> advise gone Random);
      Check.raises_invalid "prefetch" "is detached" (fun () -> prefetch gone))

let () =
  Check.run
    [ ("keys from 0 to max_int", keys);
      ("two thousand keys", many_keys);
      ("negative keys are refused", negative_keys);
      ("every key is enumerated", enumeration);
      ("share over a key", share_over);
      ("each commit is a generation", generations);
      ("several keys in one commit", many_at_once);
      ("names belong to one key", names);
      ("values are found by name", by_name);
      ("the order of blocks is a choice", orders);
      ("commits without sync", durability);
      ("a detached file says so", detached);
      ("attaching twice shares the mapping", attached_twice);
      ("the descriptor stays the caller's", descriptor_stays_open);
      ("a missing file", missing);
      ("a directory", directory);
      ("a pipe", not_a_file);
      ("a closed descriptor", closed_descriptor);
      ("O_APPEND", append_mode);
      ("a descriptor for reading", read_only);
      ("each handle of a file may write what its options say", options_of_each_handle);
      ("a protection that cannot be given is refused", protection_of_each_handle);
      ("a short file", damaged Short (fun bytes -> String.sub bytes 0 100));
      ("a file cut after its superblocks",
       damaged Truncated (fun bytes -> String.sub bytes 0 8192));
      ("a foreign file", damaged Foreign (fun _ -> String.make 9000 'x'));
      ("a short foreign file", damaged Foreign (fun _ -> "#!/bin/sh\n"));
      ("a file of ocaml-ancient 0.x", damaged Legacy (fun bytes -> "mmalloc\000" ^ bytes));
      ("a newer file", damaged Version (both_sealed 14 2));
      ("a file with an unknown feature", damaged Flags (both_sealed 24 1));
      ("a file of another byte order",
       damaged Byte_order (fun bytes ->
           both 8 0x0A (both 9 0x0B (both 10 0x0C (both 11 0x0D bytes)))));
      ("a truncated file",
       damaged Truncated (fun bytes -> String.sub bytes 0 (String.length bytes - 8)));
      ("a flipped bit in both superblocks", damaged Bad_superblock flip_bit);
      ("a flipped bit in one superblock", one_superblock_is_enough);
      ("a base that cannot be", bad_base);
      ("attach with verify finds a flipped bit", verifying);
      ("a file cannot outgrow its reserve", too_small_a_reserve);
      ("errors print themselves", printer);
      ("publish replaces the file in one step", publishing);
      ("publish with several keys", publishing_many);
      ("a publish that fails leaves all as it was", failing_publish);
      ("a writer whose file was replaced says so", replaced_file);
      ("the kernel is told how a file is read, and reads it ahead", advice) ]
