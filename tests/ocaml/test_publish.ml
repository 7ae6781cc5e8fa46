(* tests/ocaml: Ancient.publish beside killed and living publishers, and what it keeps of the file
   that it replaces. *)

open Ancient

let in_folder f =
  let folder = Check.fresh_path () in
  Unix.mkdir folder 0o700;
  Fun.protect
    ~finally:(fun () ->
        Array.iter (fun name -> Check.remove (Filename.concat folder name)) (Sys.readdir folder);
        Unix.rmdir folder)
    (fun () -> f folder (Filename.concat folder "file"))

let holds path value =
  Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
      Check.equal_int "value" value (List.hd (follow (get md 0))))

let lists what folder names =
  Check.equal_string what (String.concat " " names)
    (String.concat " " (List.sort compare (Array.to_list (Sys.readdir folder))))

let large = List.init 100_000 (fun _ -> 1)

(* Stops the child again and again, until its temporary file is there. *)
let killed_in_the_middle folder path =
  let pid = Check.child (fun () -> while true do publish path large done) in
  let rec go () =
    Unix.kill pid Sys.sigstop;
    (match Unix.waitpid [ Unix.WUNTRACED ] pid with
     | _, Unix.WSTOPPED _ -> ()
     | _ -> Check.failf "the publisher has ended");
    if not (Sys.file_exists (Filename.concat folder ".file.0.publish")) then begin
      Unix.kill pid Sys.sigcont;
      go ()
    end
  in
  go ();
  Unix.kill pid Sys.sigkill;
  match Unix.waitpid [] pid with
  | _, Unix.WSIGNALED _ -> ()
  | _ -> Check.failf "the publisher was not killed"

let leftovers next () =
  in_folder (fun folder path ->
      publish path [ 1 ];
      killed_in_the_middle folder path;
      lists "a killed one leaves its file" folder [ ".file.0.publish"; "file" ];
      holds path 1;
      next path;
      lists "the next removes it" folder [ "file" ])

let crowd = 8

let together () =
  in_folder (fun folder path ->
      let started, start = Unix.pipe ~cloexec:true () in
      let publisher i =
        Check.child (fun () ->
            Unix.close start;
            ignore (Unix.read started (Bytes.create 1) 0 1);
            for _ = 1 to 20 do publish path [ i; i ] done)
      in
      let publishers = List.init crowd publisher in
      Unix.close started;
      Unix.close start;
      List.iter Check.wait publishers;
      lists "nothing beside it" folder [ "file" ];
      Check.with_md path (fun md ->
          verify md;
          match follow (get md 0) with
          | [ a; b ] -> Check.is_true "one's" (a = b && a >= 0 && a < crowd)
          | _ -> Check.failf "another value"))

let attributes () =
  in_folder (fun _ path ->
      publish path [ 1 ];
      Unix.chmod path 0o640;
      if Unix.geteuid () = 0 then Unix.chown path 4321 8765;
      let before = Unix.stat path in
      publish path [ 2 ];
      let after = Unix.stat path in
      Check.is_true "another file" (before.Unix.st_ino <> after.Unix.st_ino);
      Check.equal_int "mode" 0o640 after.Unix.st_perm;
      Check.equal_int "owner" before.Unix.st_uid after.Unix.st_uid;
      Check.equal_int "group" before.Unix.st_gid after.Unix.st_gid;
      publish ~perm:0o600 path [ 3 ];
      Check.equal_int "mode that is asked for" 0o600 (Unix.stat path).Unix.st_perm;
      holds path 3)

let links () =
  in_folder (fun folder path ->
      let link = Filename.concat folder "link" in
      Unix.symlink "file" link;
      List.iter
        (fun value ->
           publish link [ value ];
           Check.equal_string "still a link" "file" (Unix.readlink link);
           holds path value)
        [ 1; 2 ])

let errors () =
  in_folder (fun folder path ->
      let fails what code named path =
        Check.raises what
          (function
            | Unix.Unix_error (c, _, name) -> c = code && String.equal name named
            | _ -> false)
          (fun () -> publish path 1)
      in
      let here = Sys.getcwd () in
      Sys.chdir folder;
      Fun.protect
        ~finally:(fun () -> Sys.chdir here)
        (fun () ->
           Unix.mkdir "d" 0o700;
           Unix.symlink "nowhere/file" "dangling";
           fails "a folder" Unix.EISDIR "./d" "./d";
           fails "no folder" Unix.ENOENT "./no/such" "./no/such/file";
           fails "a link into no folder" Unix.ENOENT "dangling" "dangling";
           Unix.rmdir "d";
           Unix.mkfifo "fifo" 0o600;
           Check.raises_code "a pipe" Not_a_file (fun () -> publish "./fifo" 1);
           Check.raises_invalid "a zero byte" "zero byte" (fun () -> publish "a\000b" 1);
           lists "nothing is made" folder [ "dangling"; "fifo" ]);
      Check.in_child (fun () ->
          if Unix.geteuid () = 0 then begin
            Unix.chmod folder 0o755;
            Unix.setgid 65534;
            Unix.setuid 65534;
            (* The test's folder may be closed to others. *)
            Check.raises "denied"
              (function Unix.Unix_error (Unix.EACCES, _, name) -> name = path | _ -> false)
              (fun () -> publish path 1)
          end))

let () =
  Check.run
    [ ("the next publish removes what a killed one has left",
       leftovers (fun path -> publish path [ 2 ]));
      ("the next compaction removes what a killed one has left",
       leftovers (fun path -> ignore (compact path)));
      ("publishers at the same time", together);
      ("mode, owner and group are kept", attributes);
      ("symbolic links are followed", links);
      ("errors name the path as it is written", errors) ]
