(* tests/ocaml: an array of more than 2^31 bytes.  Takes 2.2 GB of disk and twice that of
   memory; skipped where there is less. *)

let words = (1 lsl 28) + 12345

let available_bytes () =
  let channel = open_in "/proc/meminfo" in
  Fun.protect
    ~finally:(fun () -> close_in channel)
    (fun () ->
       let rec find () =
         let line = input_line channel in
         match Scanf.sscanf line "MemAvailable: %d kB" Fun.id with
         | kilobytes -> kilobytes * 1024
         | exception Scanf.Scan_failure _ -> find ()
       in
       find ())

let check what (a : int array) =
  Check.equal_int (what ^ ", length") words (Array.length a);
  List.iter
    (fun i -> Check.equal_int what (i * 3) a.(i))
    [ 0; 1; words / 2; (1 lsl 28) - 1; 1 lsl 28; words - 1 ]

let array () =
  Check.with_path (fun path ->
      Check.in_child (fun () ->
          Check.with_md path (fun md ->
              let a = Array.make words 0 in
              for i = 0 to words - 1 do
                Array.unsafe_set a i (i * 3)
              done;
              let p, info = Ancient.share_with ~sync:false md 0 a in
              Check.equal_int "size" ((words + 1) * 8) info.i_size;
              check "in this process" (Ancient.follow p)));
      Check.in_child (fun () ->
          Check.with_md path (fun md ->
              check "in another process" (Ancient.follow (Ancient.get md 0)))))

let () =
  if available_bytes () < 6 * words * 4 then begin
    print_endline "skipped: too little memory";
    exit 77
  end;
  Check.run [ ("an array beyond 2^31 bytes", array) ]
