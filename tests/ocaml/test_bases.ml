(* tests/ocaml: the addresses at which files are mapped: the base that was asked for, the file's
   own, another one where that is taken; on tmpfs; with little address space. *)

open Ancient

let good = 0x310000000000n

let value () =
  let floats = Bigarray.(Array1.init float64 c_layout 1000 float_of_int) in
  ( List.init 1000 (fun i -> (string_of_int i, float_of_int i)),
    (floats, Bigarray.Array1.sub floats 10 5, Bigarray.(Array2.create int32 fortran_layout 0 3)),
    [ 1L; 2L ], 3l, 4n, [||] )

let create ?(flags = Unix.[ O_RDWR; O_CREAT ]) path base =
  Check.with_fd ~flags path (fun fd -> attach fd base)

let base_of p = Nativeint.logand (address_of (follow p)) (Nativeint.lognot 0xFFFFFFFn)

(* Everything that can be done with a value. *)
let check md =
  let expected = value () in
  let copy = follow (get md 0) in
  Check.is_true "ancient" (is_ancient copy);
  Check.equal "equal" expected copy;
  Check.equal_int "hash" (Hashtbl.hash expected) (Hashtbl.hash copy);
  Check.equal "Marshal" expected (Marshal.from_string (Marshal.to_string copy []) 0);
  Gc.compact ()

let shared_at base () =
  Check.with_path (fun path ->
      let md = create path base in
      let p = share md 0 (value ()) in
      if base <> 0n then Check.equal "at the base" base (base_of p);
      check md;
      detach md;
      (* The argument is ignored for a file that has its base. *)
      let md = create path 0x320000000000n in
      if base <> 0n then Check.equal "still there" base (base_of (get md 0));
      check md;
      detach md)

let bad_bases () =
  List.iter
    (fun base ->
       Check.with_path (fun path ->
           Check.raises_code (Printf.sprintf "%nx" base) Bad_base (fun () -> create path base);
           Check.equal_int "the file is still empty" 0 (Unix.stat path).Unix.st_size;
           (* And can be attached rightly. *)
           detach (create path 0n)))
    [ -1n; 1n; 4097n; 0x7FFFFFFFF000n; Nativeint.min_int ]

(* A base is a wish: a program that makes one file after the other with the same works. *)
let taken_by_another () =
  Check.with_path (fun one ->
      Check.with_path (fun two ->
          let first = create one good in
          ignore (share first 0 (value ()));
          let second = create two good in
          ignore (share second 0 (value ()));
          Check.is_true "elsewhere" (base_of (get second 0) <> base_of (get first 0));
          check first;
          check second;
          detach first;
          detach second;
          for _ = 1 to 3 do
            let md = create ~flags:Unix.[ O_RDWR; O_CREAT; O_TRUNC ] one good in
            ignore (share md 0 (value ()));
            check md;
            detach md
          done))

(* Two files that were made for one place. *)
let with_twins f =
  Check.with_path (fun one ->
      Check.with_path (fun two ->
          List.iter
            (fun path ->
               Check.in_child (fun () ->
                   let md = create path good in
                   ignore (share md 0 (value ()));
                   detach md))
            [ one; two ];
          f one two))

(* This program once more. *)
let again ?(wrapper = []) arguments =
  let command = Array.of_list (wrapper @ (Sys.executable_name :: arguments)) in
  flush_all ();
  Check.wait (Unix.create_process command.(0) command Unix.stdin Unix.stdout Unix.stderr)

(* In a process where the base is free. *)
let adding path =
  let md = create path 0n in
  Check.equal "alone it has its base" good (base_of (get md 0));
  ignore (share md 1 (follow (get md 0), "more"));
  ignore (share md 2 (value ()))

let twins () =
  with_twins (fun one two ->
      let first = create one 0n and second = create two 0n in
      Check.equal "at its base" good (base_of (get first 0));
      Check.is_true "elsewhere" (base_of (get second 0) <> good);
      check first;
      check second;
      Check.raises_code "cannot be written" Relocated (fun () -> share second 1 ());
      Check.raises_code "however it is tried" Relocated (fun () ->
          share_many second [ bind 1 () ]);
      ignore (share first 1 (follow (get second 0)));
      verify second;
      (* What another process adds is relocated too. *)
      again [ "--adding"; two ];
      let (old, more : _ * string) = follow (get second 1) in
      Check.is_true "it refers to the first" (old == follow (get second 0));
      Check.equal_string "more" "more" more;
      Check.equal "the next" (value ()) (follow (get second 2));
      Gc.compact ();
      detach first;
      (* Elsewhere it stays. *)
      check second;
      detach second;
      let second = create two 0n in
      check second;
      detach second)

let relocated_variants () =
  with_twins (fun one two ->
      let first = create one 0n in
      Check.with_fd ~flags:[ Unix.O_RDONLY ] two (fun fd ->
          let md = attach fd 0n in
          check md;
          detach md;
          let md = attach_with ~protect:true ~verify:true fd in
          check md;
          detach md);
      (* Again and again, at other addresses each time: nothing is left in the way. *)
      for _ = 1 to 50 do
        let md = create two 0n in
        check md;
        detach md
      done;
      detach first)

let same_file_twice () =
  Check.with_path (fun path ->
      let one = create path good in
      let p = share one 0 (value ()) in
      Check.with_fd ~flags:[ Unix.O_RDONLY ] path (fun fd ->
          let two = attach fd 0n in
          Check.is_true "one mapping" (follow p == follow (get two 0));
          detach one;
          check two;
          detach two);
      (* By another name. *)
      let link = path ^ ".link" in
      Unix.link path link;
      Fun.protect
        ~finally:(fun () -> Check.remove link)
        (fun () ->
           let one = create path 0n and two = create link 0n in
           Check.is_true "one mapping" (follow (get one 0) == follow (get two 0));
           ignore (share two 1 "through the other name");
           Check.equal_string "one file" "through the other name" (follow (get one 1));
           detach two;
           check one;
           detach one))

(* A copy of a file has its UUID and base, and is another file. *)
let copied_file () =
  Check.with_path (fun path ->
      Check.with_path (fun copy ->
          let md = create path good in
          ignore (share md 0 (value ()));
          Check.write_bytes copy (Check.read_bytes path);
          let there = create copy 0n in
          Check.is_true "elsewhere" (base_of (get there 0) <> good);
          check there;
          check md;
          detach md;
          detach there;
          let there = create copy 0n in
          check there;
          detach there))

let read_only () =
  Check.with_path (fun path ->
      let md = create path good in
      ignore (share md 0 (value ()));
      detach md;
      Unix.chmod path 0o444;
      Check.with_fd ~flags:[ Unix.O_RDONLY ] path (fun fd ->
          let md = attach fd 0n in
          check md;
          Check.raises_code "cannot be written" Read_only (fun () -> share md 0 ());
          detach md;
          let md = attach_with ~protect:true fd in
          check md;
          detach md))

let tmpfs () =
  let path = Printf.sprintf "/dev/shm/ancient-test.%d" (Unix.getpid ()) in
  if Sys.file_exists "/dev/shm" then
    Fun.protect
      ~finally:(fun () -> Check.remove path)
      (fun () ->
         let md = create path 0n in
         ignore (share md 0 (value ()));
         check md;
         for key = 1 to 50 do ignore (share md key (Array.make 1000 key)) done;
         Check.in_child (fun () ->
             let md = create ~flags:[ Unix.O_RDONLY ] path 0n in
             check md;
             for key = 1 to 50 do
               Check.equal_int "value" key (follow (get md key) : int array).(999)
             done;
             verify md);
         detach md;
         publish path (value ());
         let md = create path 0n in
         check md;
         detach md)

(* Of 1.5 GB of address space OCaml 5 takes a part; the rest is filled, on the disk. *)
let with_limit = again ~wrapper:[ "prlimit"; "--as=1500000000" ]

let limited path =
  let md = create path 0n in
  ignore (share md 0 (value ()));
  check md;
  let p = mark (value ()) in
  Check.equal "marked" (value ()) (follow p);
  delete p;
  for i = 1 to 200 do
    let p = mark (Array.make 10000 i) in
    Check.equal_int "marked" i (follow p).(9999);
    delete p
  done;
  Check.with_path (fun other ->
      let there = create other 0n in
      ignore (share there 0 (value ()));
      check there;
      detach there);
  detach md;
  (* More than there is room for is an error, and the file stays as it is. *)
  let md = create path 0n in
  (match
     for key = 1 to 1000 do
       ignore (share_with ~sync:false md key (Bytes.create 20_000_000))
     done
   with
   | () -> Check.failf "20 GB fitted in 1.5"
   | exception Error { code = No_room | Address_space; _ } -> ()
   | exception Out_of_memory -> ());
  check md;
  detach md;
  let md = create path 0n in
  check md;
  detach md

let address_space_limit () =
  Check.with_path (fun path ->
      with_limit [ "--limited"; path ];
      (* A file made without the limit. *)
      Check.with_path (fun path ->
          let md = create path good in
          ignore (share md 0 (value ()));
          detach md;
          with_limit [ "--limited"; path ]))

let () =
  match Sys.argv with
  | [| _; "--limited"; path |] -> limited path
  | [| _; "--adding"; path |] -> adding path
  | _ ->
    (* Each in a process of its own: what was detached keeps its place. *)
    Check.run
      (List.map (fun (name, test) -> (name, fun () -> Check.in_child test))
         [ ("attach with 0n", shared_at 0n);
           ("attach with a base", shared_at good);
           ("a base that cannot be is refused", bad_bases);
           ("a base that is taken is a wish", taken_by_another);
           ("two files of the same base in one process", twins);
           ("a relocated file read-only, protected, many times", relocated_variants);
           ("one file attached twice, also by another name", same_file_twice);
           ("a copy of an attached file", copied_file);
           ("a descriptor for reading, and protected", read_only);
           ("a file on tmpfs", tmpfs);
           ("a limit on address space", address_space_limit) ])
