(* Programs that are confined: without /proc, and with little memory that can be written.  Each
   test runs in this program once more; as root, or in a user namespace, it makes a folder without
   /proc its root. *)

open Ancient

let wrapper = if Unix.geteuid () = 0 then [] else [ "unshare"; "--map-root-user" ]

(* Containers, and whoever has another root already, may not make a namespace. *)
let can_be_confined =
  wrapper = [] || Sys.command (String.concat " " wrapper ^ " true 2>/dev/null") = 0

let again ?(wrapper = []) arguments =
  let command = Array.of_list (wrapper @ (Sys.executable_name :: arguments)) in
  flush_all ();
  Check.wait (Unix.create_process command.(0) command Unix.stdin Unix.stdout Unix.stderr)

let without_proc name () =
  Check.with_path (fun path -> again ~wrapper [ "--" ^ name; path ])

(* [f] on the same file in there. *)
let confined f path =
  Unix.chroot (Filename.dirname path);
  Unix.chdir "/";
  Check.is_true "no /proc" (not (Sys.file_exists "/proc"));
  f ("/" ^ Filename.basename path)

let table () =
  let table = Hashtbl.create 10 in
  for i = 1 to 1000 do Hashtbl.replace table (string_of_int i) i done;
  table

let check_table md key =
  let table : (string, int) Hashtbl.t = follow (get md key) in
  Check.equal_int "found" 517 (Hashtbl.find table "517")

let attach_named ?read_only path =
  Check.with_fd path (fun fd -> attach_with ?read_only ~path fd)

let says parts = function
  | Error e ->
    e.code = Read_only && List.for_all (Check.contains e.message) parts
  | _ -> false

let published path =
  publish path (table ());
  Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md -> check_table md 0);
  (* over what is there *)
  publish path (table ());
  Check.with_md path (fun md -> check_table md 0);
  Check.equal_int "leftovers" 1
    (Array.length
       (Array.of_seq
          (Seq.filter
             (fun name -> Check.contains name (Filename.basename path))
             (Array.to_seq (Sys.readdir (Filename.dirname path))))))

let told path =
  Check.with_md path (fun md ->
      Check.is_true "nothing is there"
        (match get md 0 with _ -> false | exception Not_found -> true);
      Check.raises "share" (says [ "/proc/self/fd/"; "mount /proc"; "path" ]) (fun () ->
          share md 0 (table ())));
  Check.equal_int "nothing was written" 0 (Unix.stat path).Unix.st_size

let shared path =
  let md = attach_named path in
  ignore (share md 0 (table ()));
  Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun reader -> check_table reader 0);
  Check.in_child (fun () ->
      let md = attach_named path in
      ignore (share md 1 (table ()));
      detach md);
  check_table md 1;
  (* What a child has from its parent. *)
  Check.in_child (fun () -> ignore (share md 2 (table ())));
  check_table md 2;
  ignore (compact path);
  let again = reattach md path in
  ignore (share again 3 (table ()));
  check_table again 3;
  detach again;
  detach md

(* The path leads to another file. *)
let elsewhere path =
  let other = path ^ ".other" in
  Check.with_fd other (fun _ -> ());
  Check.with_fd path (fun fd ->
      let md = attach_with ~path:other fd in
      Check.raises "share" (says [ "mount /proc" ]) (fun () -> share md 0 1);
      detach md);
  Check.equal_int "the other" 0 (Unix.stat other).Unix.st_size;
  Sys.remove other

(* ---- RLIMIT_DATA ---- *)

let limited path =
  Check.raises "attach"
    (function
      | Error e ->
        e.code = Address_space
        && List.for_all (Check.contains e.message) [ "RLIMIT_DATA (ulimit -d)"; "protection" ]
      | _ -> false)
    (fun () -> Check.attach ~flags:[ Unix.O_RDONLY ] path);
  let md =
    Check.with_fd ~flags:[ Unix.O_RDONLY ] path (fun fd -> attach_with ~protect:true fd)
  in
  let text : string = follow (get md 0) in
  Check.is_true "read" (text.[String.length text - 1] = 'x');
  detach md

let little_data () =
  Check.with_path (fun path ->
      publish path (String.make 200_000_000 'x');
      again ~wrapper:[ "sh"; "-c"; {|ulimit -d 190000 && exec "$@"|}; "sh" ] [ "--limited"; path ])

let () =
  match Sys.argv with
  | [| _; "--published"; path |] -> confined published path
  | [| _; "--told"; path |] -> confined told path
  | [| _; "--shared"; path |] -> confined shared path
  | [| _; "--elsewhere"; path |] -> confined elsewhere path
  | [| _; "--limited"; path |] -> limited path
  | _ ->
    let everywhere = [ ("little memory that can be written is told, and is no need", little_data) ]
    and confined =
      [ ("without /proc a program publishes and reads", without_proc "published");
        ("without /proc a program is told why it cannot share", without_proc "told");
        ("without /proc a program with the path shares", without_proc "shared");
        ("a path that leads elsewhere is not used", without_proc "elsewhere") ]
    in
    Check.run (everywhere @ if can_be_confined then confined else []);
    if not can_be_confined then begin
      print_endline "skipped: what needs a user namespace, which may not be made here";
      exit 77
    end
