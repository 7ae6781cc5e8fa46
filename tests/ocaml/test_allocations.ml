(* tests/ocaml: each allocation of the library fails once, in each call: an exception, the file as it
   was, or as it was to be, and the same call succeeds afterwards. *)

open Ancient

external library : int -> int -> int -> unit = "allocations_library"
external fail : int -> unit = "allocations_fail"
external failed : unit -> bool = "allocations_failed"
external live : unit -> int = "allocations_live" [@@noalloc]

(* The library's code lies together: all that begins with ancient_, of writer and stubs. *)
let find_library () =
  let quoted = Filename.quote Sys.executable_name in
  let channel = Unix.open_process_in ("nm -S --defined-only " ^ quoted) in
  let rec read start stop self =
    match input_line channel with
    | exception End_of_file -> (start, stop, self)
    | line ->
      match String.split_on_char ' ' line with
      | [ at; size; ("t" | "T"); name ] ->
        let number text = int_of_string ("0x" ^ text) in
        let at, size = (number at, number size) in
        if name = "allocations_library" then read start stop at
        else if String.length name > 8 && String.sub name 0 8 = "ancient_" then
          read (min start at) (max stop (at + size)) self
        else read start stop self
      | _ -> read start stop self
  in
  let start, stop, self = read max_int 0 0 in
  ignore (Unix.close_process_in channel);
  if stop = 0 || self = 0 then Check.failf "nm names no function of the library";
  library start stop self

(* What may come of a call for which there is no memory. *)
let no_memory = function
  | Out_of_memory -> true
  | Error { code = Memory | Address_space | System; _ } -> true
  | _ -> false

let times = 10

(* A call that fails at the allocation of this number gives back what it has taken. *)
let gives_back what f number =
  let again () =
    fail number;
    (try f () with e when no_memory e -> ());
    ignore (failed ())
  in
  let settled () = Gc.full_major (); live () in
  let before = settled () in
  for _ = 1 to times do again () done;
  let more = settled () - before in
  if more >= times then
    Check.failf "%s, allocation %d: %d more are live after %d calls" what number more times

(* [f] with the allocation number 0, 1, ... failing, until there are no more.  [check] says after
   each whether all is as it should be; true: the call had succeeded all the same. *)
let each what ?(check = fun _ -> ()) f =
  let rec from number =
    fail number;
    let result = match f () with () -> None | exception e -> Some e in
    let reached = failed () in
    (match result with
     | Some e when not (reached && no_memory e) ->
       Check.failf "%s, allocation %d: raised %s" what number (Printexc.to_string e)
     | _ -> ());
    if result <> None then gives_back what f number;
    check (result = None);
    if reached then from (number + 1) else number
  in
  let count = from 0 in
  if count > 10_000 then Check.failf "%s: %d allocations" what count;
  count

let some what count = if count = 0 then Check.failf "%s: nothing was allocated" what

let numbers = List.init 1000 (fun i -> (i, string_of_int i, float_of_int i))

let schema = Schema.(list string)
let names = List.init 100 string_of_int

(* Values of a file before and after. *)
let same_file what md before after ok =
  let found = List.sort compare (List.map fst (keys md)) in
  if found <> before && found <> after then
    Check.failf "%s: %d keys, expected %d or %d" what (List.length found)
      (List.length before) (List.length after);
  if ok && found <> after then Check.failf "%s: it succeeded, and is not there" what;
  verify md

let sharing () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share_with ~sync:false md 0 numbers);
          let check what after =
            let before = List.sort compare (List.map fst (keys md)) in
            same_file what md before (List.sort_uniq compare (after @ before))
          in
          some "share" (each "share" ~check:(check "share" [ 1 ]) (fun () ->
              ignore (share_with ~sync:false md 1 numbers)));
          some "share_many"
            (each "share_many" ~check:(check "share_many" [ 2; 3; 4 ]) (fun () ->
                 ignore @@ share_many ~sync:false md
                   [ bind 2 "two"; bind ~name:"three" 3 numbers; bind 4 names ]));
          some "Typed.share" (each "Typed.share" ~check:(check "Typed.share" [ 5 ]) (fun () ->
              ignore (Typed.share md 5 schema names)));
          ignore (each "equal blocks once" ~check:(check "dedup" [ 6 ]) (fun () ->
              ignore (share_with ~sync:false ~dedup:true md 6 numbers)));
          ignore (each "restore" (fun () -> restore md (generation md)));
          ignore (each "remove" ~check:(fun ok ->
              if ok then ignore (share_with ~sync:false md 9 9)) (fun () ->
              (try remove md 9 with Error { code = No_key; _ } -> ())));
          Check.equal "the values" numbers (follow (get md 1));
          Check.equal "typed" names (follow (Typed.get md 5 schema))))

let reading () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (share_with ~sync:false ~name:"zero" md 0 numbers);
          ignore (Typed.share md 1 schema names));
      let attached f = Check.with_fd ~flags:[ Unix.O_RDWR ] path (fun fd -> f fd) in
      some "attach" (each "attach" (fun () -> attached (fun fd -> detach (attach fd 0n))));
      some "attach for reading" (each "attach for reading" (fun () ->
          attached (fun fd -> detach (attach_with ~read_only:true fd))));
      some "attach with verify" (each "attach with verify" (fun () ->
          attached (fun fd -> detach (attach_with ~verify:true fd))));
      Check.with_md path (fun md ->
          let look what f = ignore (each what (fun () -> ignore (f ()))) in
          look "get" (fun () -> Check.equal "get" numbers (follow (get md 0)));
          look "get_named" (fun () -> follow (get_named md "zero"));
          look "Typed.get" (fun () -> follow (Typed.get md 1 schema));
          look "Typed.get, verified" (fun () -> follow (Typed.get ~verify:true md 1 schema));
          look "keys" (fun () -> keys md);
          look "commits" (fun () -> commits md);
          look "generation_time" (fun () -> generation_time md);
          look "refresh" (fun () -> refresh md);
          look "verify" (fun () -> verify md);
          look "prefetch" (fun () -> prefetch md)))

let marks () =
  some "mark" (each "mark" (fun () ->
      let proxy = mark numbers in
      Check.equal "mark" numbers (follow proxy);
      delete proxy))

let whole_files () =
  Check.with_path (fun path ->
      publish path names;
      let read () = Check.with_md path (fun md -> List.map (( ^ ) "") (follow (get md 0))) in
      let check ok =
        let found : string list = read () in
        if found <> names && found <> [ "new" ] then Check.failf "publish: other values";
        if ok then Check.equal "published" [ "new" ] found;
        publish path names
      in
      some "publish" (each "publish" ~check (fun () -> publish path [ "new" ]));
      let check _ = Check.equal "compacted" names (read ()) in
      some "compact" (each "compact" ~check (fun () -> ignore (compact path)));
      let lose_a_superblock () =
        let slot = Check.with_md path (fun md -> generation md land 1) in
        let bytes = Bytes.of_string (Check.read_bytes path) in
        Bytes.fill bytes (slot * 4096) 256 '!';
        Check.write_bytes path (Bytes.to_string bytes)
      in
      let check ok =
        if ok then begin
          Check.equal "recovered" names (read ());
          lose_a_superblock ()
        end
      in
      lose_a_superblock ();
      some "recover" (each "recover" ~check (fun () -> ignore (recover path))))

let () =
  find_library ();
  Check.run
    [ ("shares that find no memory", sharing);
      ("reads that find no memory", reading);
      ("marks that find no memory", marks);
      ("compaction, recovery and publication that find no memory", whole_files) ]
