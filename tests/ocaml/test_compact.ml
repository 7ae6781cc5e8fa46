(* tests/ocaml: Ancient.compact, also while others write into the file. *)

open Ancient

let garbage md =
  for i = 1 to 20 do
    ignore (share_with ~sync:false md 0 (Array.init 1000 (fun j -> string_of_int (i + j))))
  done

let values_stay () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          garbage md;
          let part = follow (get md 0) in
          ignore (share_with ~name:"pair" md 1 (part, 1L, Bigarray.(Array1.create char c_layout 3)));
          Typed.share md 2 Schema.(list string) [ "typed" ] |> ignore;
          let done_ = compact path in
          Check.equal_int "after" (Unix.stat path).st_size done_.bytes_after;
          Check.is_true "smaller" (done_.bytes_after * 10 < done_.bytes_before);
          Check.is_true "fewer" (done_.blocks_after < done_.blocks_before);
          Check.equal_string "the old value" "20" part.(0);
          Check.with_md path (fun now ->
              let a : string array = follow (get now 0) in
              let b, i, _ =
                (follow (get_named now "pair")
                 : string array * int64 * (char, Bigarray.int8_unsigned_elt, Bigarray.c_layout)
                     Bigarray.Array1.t)
              in
              Check.is_true "what keys share is shared" (a == b);
              Check.is_true "another copy" (a != part);
              Check.equal "equal" part a;
              Check.equal "boxed" 1L i;
              Check.equal "typed" [ "typed" ]
                (follow (Typed.get now 2 Schema.(list string)));
              Check.equal_int "generations go on" (generation md + 2) (generation now);
              verify now);
          let again = compact path in
          Check.equal_int "nothing more to gain" done_.bytes_after again.bytes_after))

let writers_are_told () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          garbage md;
          let old : string array = follow (get md 0) in
          ignore (compact path);
          Check.raises_code "share" Superseded (fun () -> share md 1 1);
          Check.raises_code "again" Superseded (fun () -> share_many md [ bind 1 1 ]);
          Check.equal_string "reads on" "20" (follow (get md 0)).(0);
          refresh md;
          let now = reattach md path in
          ignore (share now 1 (old, "new"));
          Check.equal "from the old file" (old, "new") (follow (get now 1));
          Gc.compact ();
          Check.equal_string "reads on" "20" old.(0);
          verify now;
          detach now);
      Check.with_md path (fun md ->
          Check.equal_string "on the disk" "new" (snd (follow (get md 1)))))

let settings_go_along () =
  Check.with_path (fun path ->
      Check.with_md path garbage;
      Check.with_fd path (fun fd ->
          let md = attach_with ~read_only:true fd in
          ignore (compact path);
          let now = reattach md path in
          Check.raises_code "still for reading" Read_only (fun () -> share now 1 1);
          detach now;
          detach md))

let a_given_base_stays () =
  Check.with_path (fun path ->
      Check.with_fd path (fun fd ->
          let md = attach_with ~base:0x123400000000n ~reserve:0x10000000 fd in
          garbage md;
          ignore (compact path);
          let now = reattach md path in
          Check.raises_code "taken here" Relocated (fun () -> share now 1 1);
          detach now;
          ignore (compact ~base:0x123500000000n path);
          let now = reattach md path in
          ignore (share now 1 1);
          detach now;
          detach md);
      Check.raises_code "no base" Bad_base (fun () -> compact ~base:5n path))

exception Enough

let progress_is_told_and_can_stop () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share_with ~sync:false md 0 (String.make 40_000_000 'x')));
      let last = ref 0 and calls = ref 0 in
      let progress done_ total =
        incr calls;
        Gc.full_major ();
        Check.is_true "rises" (done_ >= !last && done_ <= total);
        last := done_
      in
      ignore (compact ~progress path);
      Check.is_true "several" (!calls > 3);
      let inode = (Unix.stat path).st_ino in
      Check.raises "stopped" (( = ) Enough) (fun () ->
          compact ~progress:(fun _ _ -> raise Enough) path);
      Check.equal_int "the same file" inode (Unix.stat path).st_ino;
      Check.equal "nothing beside" [||]
        (Array.of_seq
           (Seq.filter
              (fun name -> Check.contains name ".compact")
              (Array.to_seq (Sys.readdir (Filename.dirname path))))))

let refusals () =
  Check.with_path (fun path ->
      Check.with_md path garbage;
      Unix.link path (path ^ ".other");
      Check.raises_code "two names" Irreplaceable (fun () -> compact path);
      Unix.unlink (path ^ ".other");
      let bytes = Check.read_bytes path in
      Check.write_bytes path (String.mapi (fun i c -> if i = 9000 then '!' else c) bytes);
      Check.raises_code "damaged" Bad_checksum (fun () -> compact path));
  Check.raises_code "missing" Missing (fun () -> compact "/nonexistent/file");
  Check.raises_invalid "zero byte" "zero byte" (fun () -> compact "a\000b")

(* ---- Eight writers, a reader, and compactions one after the other, some killed ---- *)

let writers = 8
let each = if Check.small then 200 else 1000
let key_of writer i = (writer * each) + i
let value_of key = (key, string_of_int key, [| key |])

let write path writer =
  let md = ref (Check.attach path) and told = ref 0 in
  let rec publish key =
    match share_with ~sync:(key mod 10 = 0) !md key (value_of key) with
    | _ -> ()
    | exception Error { code = Superseded; _ } ->
      let old = !md in
      incr told;
      md := reattach old path;
      detach old;
      publish key
  in
  for i = 0 to each - 1 do publish (key_of writer i) done

(* What was seen once is seen ever after, through whatever file has the name. *)
let read path stop =
  let seen = Array.make writers 0 in
  let look () =
    Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
        for writer = 0 to writers - 1 do
          let rec go i =
            if i < each then
              match get md (key_of writer i) with
              | exception Not_found ->
                if i < seen.(writer) then
                  Check.failf "writer %d: value %d is gone" writer i
              | value ->
                Check.equal "the value" (value_of (key_of writer i)) (follow value);
                seen.(writer) <- max seen.(writer) (i + 1);
                go (i + 1)
          in
          go (max 0 (seen.(writer) - 3))
        done)
  in
  let rec loop () =
    look ();
    match Unix.select [ stop ] [] [] 0. with [], _, _ -> loop () | _ -> look ()
  in
  loop ()

(* One compaction in a process of its own, which is killed at any moment or not at all. *)
let compact_once path kill =
  let pid = Check.child (fun () -> ignore (compact path)) in
  if kill then begin
    Unix.sleepf (Random.float 0.004);
    Unix.kill pid Sys.sigkill
  end;
  match snd (Unix.waitpid [] pid) with
  | Unix.WSIGNALED _ -> 1
  | Unix.WEXITED 0 -> 0
  | _ -> Check.failf "a compaction failed"

let nothing_is_lost () =
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (share md (writers * each) "start"));
      let stop, tell = Unix.pipe () in
      let reader = Check.child (fun () -> Unix.close tell; read path stop) in
      let pids = List.init writers (fun n -> Check.child (fun () -> write path n)) in
      let kills = ref 0 and compactions = ref 0 in
      let running pid = fst (Unix.waitpid [ Unix.WNOHANG ] pid) = 0 in
      (* The last writer is waited for at the end: so the others may be reaped here. *)
      let first = List.hd pids in
      while !compactions < 150 && running first do
        incr compactions;
        kills := !kills + compact_once path (!compactions mod 3 = 0)
      done;
      if !compactions = 150 then Check.wait first;
      List.iter Check.wait (List.tl pids);
      Unix.close tell;
      Check.wait reader;
      ignore (compact path);
      Check.with_md path (fun md ->
          for key = 0 to (writers * each) - 1 do
            Check.equal "every value is there" (value_of key) (follow (get md key))
          done;
          verify md);
      Printf.printf "%d values of %d writers, %d compactions, %d of them killed\n%!"
        (writers * each) writers !compactions !kills)

let () =
  Check.run
    [ ("values, sharing, names and types stay", values_stay);
      ("writers are told and attach again", writers_are_told);
      ("attaching again keeps the settings", settings_go_along);
      ("a base that was given stays", a_given_base_stays);
      ("progress is told and can stop it", progress_is_told_and_can_stop);
      ("what cannot be compacted is refused", refusals);
      ("nothing is lost while eight write and one compacts", nothing_is_lost) ]
