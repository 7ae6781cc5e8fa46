(* tests/ocaml: files whose first commit, or whose superblocks, did not survive. *)

open Ancient

let patch path at bytes =
  Check.with_fd ~flags:[ Unix.O_WRONLY ] path (fun fd ->
      ignore (Unix.lseek fd at Unix.SEEK_SET);
      Check.equal_int "written" (String.length bytes)
        (Unix.write_substring fd bytes 0 (String.length bytes)))

let zeros = String.make 4096 '\000'

(* ---- Files being filled ---- *)

(* UUID, base and reserve, which are a file's for life. *)
let identity path = String.sub (Check.read_bytes path) 40 32

let state path slot =
  Int32.to_int (String.get_int32_le (Check.read_bytes path) ((slot * 4096) + 88))

let attach_for_reading path = Check.attach ~flags:[ Unix.O_RDONLY ] path

let being_filled () =
  Check.with_path (fun path ->
      (* a process that ends in its first share, before anything is published *)
      Check.in_child (fun () ->
          let md = Check.attach path in
          Check.raises_invalid "share" "functional" (fun () -> share md 0 (fun () -> ())));
      Check.equal_int "both superblocks" 8192 (Unix.stat path).Unix.st_size;
      Check.equal "being filled" (3, 3) (state path 0, state path 1);
      let identity_then = identity path in
      let is_empty what =
        Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
            Check.raises what (( = ) Not_found) (fun () -> get md 0));
        Check.raises_code what Empty (fun () ->
            Check.with_fd path (fun fd -> attach_with ~generation:1 fd))
      in
      is_empty "for readers";
      let go, tell = Unix.pipe () and attached, say = Unix.pipe () in
      let writer =
        Check.child (fun () ->
            Check.with_md path (fun md ->
                Check.equal_int "the next writer goes on" 1 (generation md);
                ignore (Unix.write_substring say "." 0 1);
                ignore (Unix.read go (Bytes.create 1) 0 1);
                ignore (share md 0 "first");
                Check.equal_int "its first generation" 2 (generation md)))
      in
      ignore (Unix.read attached (Bytes.create 1) 0 1);
      is_empty "for readers, while a writer has it attached";
      ignore (Unix.write_substring tell "." 0 1);
      Check.wait writer;
      List.iter Unix.close [ go; tell; attached; say ];
      Check.equal_string "with its identity" identity_then (identity path);
      Check.equal_string "in both superblocks" identity_then
        (String.sub (Check.read_bytes path) (4096 + 40) 32);
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          Check.equal_string "read" "first" (follow (get md 0));
          verify md))

let detached_without_a_share () =
  Check.with_path (fun path ->
      detach (Check.attach path);
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          Check.equal_int "a generation" 2 (generation md);
          Check.equal "without keys" [] (Ancient.keys md);
          Check.equal "published and removed" [ (0, 0) ]
            (List.map (fun c -> (c.published, c.removed)) (commits md));
          verify md);
      detach (Check.attach path);
      Check.with_md path (fun md ->
          Check.equal_int "once is enough" 2 (generation md);
          ignore (share md 0 "x");
          Check.equal_int "and on" 3 (generation md)))

(* A writer that is killed in the middle of its first share. *)
let killed_before_the_first_commit () =
  Check.with_path (fun path ->
      let attached, tell = Unix.pipe () in
      let pid =
        Check.child (fun () ->
            let md = Check.attach path in
            (* which fixes UUID and base *)
            Check.raises_invalid "share" "functional" (fun () -> share md 0 (fun () -> ()));
            ignore (Unix.write_substring tell "." 0 1);
            ignore (share_with ~sync:false md 0 (List.init 5_000_000 string_of_int)))
      in
      ignore (Unix.read attached (Bytes.create 1) 0 1);
      let identity_then = identity path in
      Unix.kill pid Sys.sigkill;
      ignore (Unix.waitpid [] pid);
      Unix.close attached;
      Unix.close tell;
      Check.with_md path (fun md ->
          Check.equal_string "the same file" identity_then (identity path);
          ignore (share md 0 "mine");
          Check.equal_string "goes on" "mine" (follow (get md 0));
          verify md))

(* ---- Recovery ---- *)

type package = { name : string; size : int; depends : string list }

let package i =
  { name = Printf.sprintf "package %d" i; size = i; depends = [ string_of_int (i / 2) ] }

let records = if Check.small then 10_000 else 100_000
let batch = records / 10

let publish_records ?(from = 0) path batches =
  Check.with_md path (fun md ->
      for b = from to from + batches - 1 do
        ignore (share_with ~sync:false md b (Array.init batch (fun i -> package ((b * batch) + i))))
      done)

let all_are_there md =
  for b = 0 to (records / batch) - 1 do
    let found : package array = follow (get md b) in
    Array.iteri (fun i p -> Check.equal "record" (package ((b * batch) + i)) p) found
  done

let says_s5 md =
  Check.raises "verify"
    (function
      | Error { code = Bad_superblock; rule = Some "S5"; offset = Some 0; message } ->
        Check.contains message "superblock"
      | _ -> false)
    (fun () -> verify md)

let unrecovered path = function
  | Error { code = Unrecovered; message; _ } ->
    Check.contains message path && Check.contains message ("ancientctl recover " ^ path)
  | _ -> false

(* The newest generation lies in slot 0. *)
let lost_newest () =
  Check.with_path (fun path ->
      publish_records path (records / batch);
      Check.with_md path (fun md -> ignore (share md 10 "the last"));
      let size = (Unix.stat path).Unix.st_size in
      Check.with_md path (fun live ->
          Check.equal_int "even" 12 (generation live);
          patch path 0 zeros;
          says_s5 live;
          refresh live;
          Check.equal_int "a live one does not go back" 12 (generation live);
          Check.equal_string "and reads on" "the last" (follow (get live 10));
          (* what others find, who did not see generation 12 *)
          Check.in_child (fun () ->
              detach live;
              Check.with_md path (fun md ->
                  Check.equal_int "the one before" 11 (generation md);
                  says_s5 md;
                  Check.raises "share" (unrecovered path) (fun () -> share md 11 "lost");
                  Check.raises "remove" (unrecovered path) (fun () -> remove md 0);
                  Check.raises "restore" (unrecovered path) (fun () -> restore md 3)));
          Check.equal_int "nothing is cut off" size (Unix.stat path).Unix.st_size;
          let found = recover path in
          Check.equal "what was done" (13, Some 12, 1)
            (found.generation, found.recovered, found.damaged);
          Check.equal "now there is nothing to do" (13, None, 0)
            (let again = recover path in
             (again.generation, again.recovered, again.damaged));
          refresh live;
          Check.equal_int "the live one goes on" 13 (generation live);
          ignore (share live 11 "one more");
          Check.in_child (fun () ->
              detach live;
              Check.with_md path (fun md ->
                  verify md;
                  all_are_there md;
                  Check.equal_string "the last" "the last" (follow (get md 10));
                  Check.equal_string "one more" "one more" (follow (get md 11));
                  ignore (share md 12 "and another"));
              Check.equal_int "one log" 14
                (Check.with_md path (fun md -> List.length (commits md)))));
      Check.with_md path all_are_there)

(* Slot 0 has the generation before: nothing is hidden, and a share repairs it. *)
let lost_before () =
  Check.with_path (fun path ->
      publish_records path (records / batch);
      patch path 0 zeros;
      Check.with_md path (fun md ->
          Check.equal_int "odd" 11 (generation md);
          says_s5 md;
          let found = recover path in
          Check.equal "what was done" (12, None, 1)
            (found.generation, found.recovered, found.damaged);
          verify md;
          all_are_there md);
      patch path 4096 zeros;
      Check.with_md path (fun md ->
          ignore (share md 10 "x");
          verify md;
          all_are_there md))

let both_lost () =
  Check.with_path (fun path ->
      publish_records path (records / batch);
      patch path 0 (zeros ^ zeros);
      Check.raises_code "attach" Foreign (fun () -> Check.attach path);
      let found = recover path in
      Check.equal "what was done" (12, Some 11, 2)
        (found.generation, found.recovered, found.damaged);
      Check.with_md path (fun md ->
          verify md;
          all_are_there md;
          ignore (share md 10 "x")))

(* Where the first commit is lost, all that is left is being filled. *)
let lost_first () =
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md 0 "first"));
      patch path 0 zeros;
      Check.raises "for reading" (unrecovered path) (fun () -> attach_for_reading path);
      Check.raises "for writing" (unrecovered path) (fun () -> Check.attach path);
      let found = recover path in
      Check.equal "what was done" (3, Some 2, 1)
        (found.generation, found.recovered, found.damaged);
      Check.with_md path (fun md ->
          Check.equal_string "there" "first" (follow (get md 0));
          verify md))

(* A live handle repairs what it knows, without recovery. *)
let live_share () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share md 0 "first");
          patch path 0 zeros;
          ignore (share md 1 "second");
          verify md);
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          Check.equal_string "first" "first" (follow (get md 0));
          Check.equal_string "second" "second" (follow (get md 1))))

(* As after a flush that failed, and pages that were evicted. *)
let lost_without_sync () =
  Check.with_path (fun path ->
      let second = String.make 5000 's' in
      Check.with_md path (fun md ->
          ignore (share md 0 "first");
          ignore (share_with ~sync:false md 1 second);
          ignore (share_with ~sync:false md 2 "third"));
      let rec find i =
        if String.sub (Check.read_bytes path) i 5000 = second then i else find (i + 8)
      in
      patch path (find 8192) "lost";
      Check.with_md path (fun md ->
          let lost f = Check.raises_code "lost" Undurable f in
          lost (fun () -> ignore (share md 3 "x"));
          lost (fun () -> remove md 0);
          lost (fun () -> ignore (recover path));
          Check.equal_int "nothing is visible" 4 (generation md);
          ignore (share_with ~sync:false md 3 "without sync"));
      let found = recover ~drop_lost:true path in
      Check.equal "what was done"
        (7, None, Some 5, 0)
        (found.generation, found.recovered, found.lost, found.damaged);
      Check.with_md path (fun md ->
          verify md;
          Check.equal_string "what was durable" "first" (follow (get md 0));
          Check.equal "what was lost, and what came after it" [ 0 ] (keys md |> List.map fst);
          ignore (share md 1 "again");
          verify md))

let nothing_to_recover () =
  Check.with_path (fun path ->
      Check.raises_code "no file" Missing (fun () -> recover path);
      Check.write_bytes path (String.make 20_000 'x');
      Check.raises_code "foreign" Foreign (fun () -> recover path);
      Check.equal_string "untouched" (String.make 20_000 'x') (Check.read_bytes path);
      Check.raises_invalid "zero byte" "Ancient.recover: a zero byte" (fun () ->
          recover (path ^ "\000")));
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md 0 "x"));
      let before = Check.read_bytes path in
      Check.equal_int "good" 0 (recover path).damaged;
      Check.equal_string "untouched" before (Check.read_bytes path))

let () =
  Check.run
    [ ("a file that nobody shared into is being filled", being_filled);
      ("detach leaves a file without keys", detached_without_a_share);
      ("a writer killed before its first commit", killed_before_the_first_commit);
      ("the newest superblock is lost, with many records", lost_newest);
      ("the older superblock is lost", lost_before);
      ("both superblocks are lost", both_lost);
      ("the first commit's superblock is lost", lost_first);
      ("a live handle repairs what it knows", live_share);
      ("what was shared without sync is lost", lost_without_sync);
      ("recovery of good and of foreign files", nothing_to_recover) ]
