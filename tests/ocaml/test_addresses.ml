(* tests/ocaml: addresses that held deleted values and detached files are used again, but never
   where a pointer to what was there may still be met; and what a process pays for files and copies
   that come and go is bounded. *)

let lines path =
  let channel = open_in path in
  Fun.protect
    ~finally:(fun () -> close_in channel)
    (fun () ->
       let rec all acc =
         match input_line channel with
         | line -> all (line :: acc)
         | exception End_of_file -> acc
       in
       all [])

let mappings () = List.length (lines "/proc/self/maps")

(* Bytes of address space, and of memory that is not shared with files. *)
let sizes () =
  match lines "/proc/self/statm" with
  | line :: _ -> Scanf.sscanf line "%d %d %d" (fun v r s -> (v * 4096, (r - s) * 4096))
  | [] -> assert false

let megabyte = 1 lsl 20

let at_most what most found =
  if found > most then Check.failf "%s: at most %d, found %d" what most found

(* ---- What must not be met ---- *)

(* Integers that a collector which took them for headers would change: white, and not empty. *)
let headers count = Array.init count (fun i -> i * 512)

let is_whole what a = Array.iteri (fun i x -> Check.equal_int what (i * 512) x) a

(* The default of OCaml 4 compacts where 500 % are free. *)
let compacting_by_itself f =
  let before = Gc.get () in
  Gc.set { before with Gc.max_overhead = 0; space_overhead = 20 };
  Fun.protect ~finally:(fun () -> Gc.set before) f

let collections =
  [ (fun () -> Gc.compact ());
    (fun () -> Gc.full_major (); Gc.compact (); Gc.full_major ());
    (fun () ->
       compacting_by_itself (fun () ->
           for _ = 1 to 20 do
             ignore (Sys.opaque_identity (Array.init 1000 (fun i -> Bytes.create (i * 8))))
           done;
           Gc.full_major ())) ]

let each_collection f = List.iter f collections

(* Large copies come and go, so that what can be used again is. *)
let churn () =
  let value = headers 200000 in
  for _ = 1 to 8 do
    Ancient.delete (Ancient.mark value)
  done

let pointers_to_deleted () =
  each_collection (fun collect ->
      let p = Ancient.mark (List.init 20000 (fun i -> (i, i))) in
      let dangling = Array.of_list (Ancient.follow p) in
      let weak = Weak.create 100 in
      Array.iteri (fun i pair -> if i < 100 then Weak.set weak i (Some pair)) dangling;
      Ancient.delete p;
      let live = List.init 40 (fun _ -> churn (); Ancient.mark (headers 200000)) in
      collect ();
      List.iter
        (fun q ->
           is_whole "after a collection" (Ancient.follow q);
           Ancient.delete q)
        live;
      ignore (Sys.opaque_identity (dangling, weak)))

let proxies_alone () =
  each_collection (fun collect ->
      let proxies = List.init 200 (fun k -> Ancient.mark (Array.make 10000 k)) in
      List.iter Ancient.delete proxies;
      churn ();
      churn ();
      let q = Ancient.mark (headers 200000) in
      collect ();
      is_whole "after a collection" (Ancient.follow q);
      List.iter
        (fun p ->
           Check.raises_invalid "again" "deleted" (fun () -> Ancient.delete p);
           Check.raises_invalid "follow" "deleted" (fun () -> Ancient.follow p))
        proxies;
      Ancient.delete q)

let copy_file from into =
  let ic = open_in_bin from and oc = open_out_bin into in
  output_string oc (really_input_string ic (in_channel_length ic));
  close_in ic;
  close_out oc

(* Two copies of a file that have grown apart: what points into one must not meet the other, in
   whatever order they come; what is left of the pointers is a proxy or the value itself. *)
let copies_grown_apart ~keep_values () =
  each_collection (fun collect ->
      Check.with_path (fun path ->
          Check.with_path (fun path2 ->
              Check.with_md path (fun md -> ignore (Ancient.share md 0 "common"));
              copy_file path path2;
              Check.with_md path2 (fun md -> ignore (Ancient.share md 1 (headers 20000)));
              let md = Check.attach path in
              let p = Ancient.share md 1 (List.init 1000 (fun i -> (i, i))) in
              let dangling = if keep_values then Array.of_list (Ancient.follow p) else [||] in
              Ancient.detach md;
              churn ();
              churn ();
              let md2 = Check.attach ~flags:[ Unix.O_RDONLY ] path2 in
              let a : int array = Ancient.follow (Ancient.get md2 1) in
              collect ();
              is_whole "of the other copy" a;
              Check.raises_invalid "a proxy of the first" "detached" (fun () -> Ancient.follow p);
              Ancient.detach md2;
              Check.with_md path (fun md ->
                  let l : (int * int) list = Ancient.follow (Ancient.get md 1) in
                  Check.equal_int "of the first again" 1000 (List.length l);
                  collect ());
              ignore (Sys.opaque_identity dangling))))

(* ---- What is bounded ---- *)

type snapshot = {
  number : int;
  text : string;
  long : int64;
  floats : (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t option;
  list : int list;
}

let snapshot ~customs number =
  let floats = Bigarray.(Array1.init float64 c_layout 50 (fun i -> float (number + i))) in
  { number; text = String.make 100 'x'; long = Int64.of_int number;
    floats = (if customs then Some floats else None);
    list = List.init 10 (fun i -> number + i) }

(* Attaches the file, looks at it, detaches it, and returns what a program may hold on to. *)
let visit path number =
  let md = Check.attach ~flags:[ Unix.O_RDONLY ] path in
  let s : snapshot = Ancient.follow (Ancient.get md 0) in
  Check.equal_int "number" number s.number;
  Check.equal "long" (Int64.of_int number) s.long;
  Check.equal_int "list" (number + 9) (List.nth s.list 9);
  let view = Option.map (fun b -> Bigarray.Array1.sub b 2 5) s.floats in
  Option.iter (fun b -> Check.equal "view" (float (number + 2)) b.{0}) view;
  Ancient.detach md;
  (s.list, view)

let rounds = 600

(* The larger the heap, the more files may wait until their addresses are used again, and before 5.2
   OCaml 5 does not compact it. *)
let mappings_of_the_waiting =
  if Sys.ocaml_version >= "5" && Sys.ocaml_version < "5.2" then 150 else 20

(* [round i] for 300 rounds, and then for as many again as are asked for: the rest takes no more
   mappings, addresses or memory. *)
let is_bounded ?(mappings_more = mappings_of_the_waiting) ?(bytes_more = 64 * megabyte) round =
  let most_mappings = ref 0 and most_bytes = ref 0 and most_memory = ref 0 in
  let measure () =
    let bytes, memory = sizes () in
    most_mappings := max !most_mappings (mappings ());
    most_bytes := max !most_bytes bytes;
    most_memory := max !most_memory memory
  in
  for i = 1 to 300 do
    round i;
    if i mod 3 = 0 then measure ()
  done;
  let mappings_before = !most_mappings and bytes_before = !most_bytes in
  let memory_before = !most_memory in
  for i = 301 to 300 + rounds do
    round i;
    if i mod 9 = 0 then measure ()
  done;
  at_most "mappings" (mappings_before + mappings_more) !most_mappings;
  at_most "addresses" (bytes_before + bytes_more) !most_bytes;
  at_most "memory" (memory_before + (16 * megabyte)) !most_memory

let followers ~customs () =
  Check.with_path_in_memory (fun path ->
      let few = Array.make 5 None and views = Array.make 40 None in
      is_bounded ~mappings_more:(if customs then 200 else mappings_of_the_waiting) (fun i ->
          Ancient.publish path (snapshot ~customs i);
          let list, view = visit path i in
          if i mod 100 < 5 then few.(i mod 100) <- Some list;
          views.(i mod 40) <- view;
          ignore (Sys.opaque_identity (List.init 50 string_of_int)));
      ignore (Sys.opaque_identity (few, views)))

(* Files that do not replace each other, each at an address of its own.  With OCaml 5 a process keeps
   the custom windows of 512 of those with bigarrays. *)
let strangers ~customs () =
  is_bounded ~mappings_more:(if customs then 300 else mappings_of_the_waiting) (fun i ->
      Check.with_path_in_memory (fun path ->
          Ancient.publish path (snapshot ~customs i);
          ignore (visit path i)))

let marks () =
  let value = Bytes.make megabyte 'v' in
  is_bounded (fun i ->
      let p = Ancient.mark value in
      Check.equal "contents" 'v' (Bytes.get (Ancient.follow p) (i * 1000));
      Ancient.delete p)

(* ---- Limits ---- *)

(* Runs the test called [name] in a child with `ulimit -v`. *)
let limited name () =
  let command =
    Printf.sprintf "ulimit -v 4000000 && exec %s %s"
      (Filename.quote Sys.executable_name) (Filename.quote name)
  in
  Check.equal_int "status" 0 (Sys.command (command ^ " >/dev/null"))

let is_limited =
  Sys.command "test \"$(ulimit -v)\" = unlimited" <> 0

(* Addresses alone: nothing writes to all of what is behind them, as the runtime's debug variant does
   to a new block. *)
let can_allocate bytes =
  match Bigarray.(Array1.create char c_layout bytes) with
  | b -> b.{0} <- 'x'; true
  | exception Out_of_memory -> false

let left_over () =
  Check.with_path (fun path ->
      let before, _ = sizes () in
      Ancient.publish path (snapshot ~customs:true 1);
      let md = Check.attach ~flags:[ Unix.O_RDONLY ] path in
      let reader, _ = sizes () in
      at_most "a reader's addresses" (before + (4 * megabyte)) reader;
      Check.with_path (fun other ->
          Check.with_md other (fun writer ->
              let bytes, _ = sizes () in
              (* 4,096,000,000 bytes less what is there, of which a quarter *)
              at_most "a writer's addresses"
                (((4_096_000_000 - reader) / 4) + megabyte)
                (bytes - reader);
              Check.is_true "2.5 GB are left" (can_allocate 2_500_000_000);
              Gc.full_major ();
              ignore (Ancient.share writer 0 (String.make 1000 'x'))));
      (* A writer of what was attached for reading can make the file larger. *)
      Check.with_md path (fun writer ->
          ignore (Ancient.share_with ~sync:false writer 1 (Bytes.make (20 * megabyte) 'w')));
      Ancient.detach md;
      Gc.compact ();
      Check.is_true "3.3 GB are left" (can_allocate 3_300_000_000);
      Gc.compact ())

let () =
  let free =
    [ ("a compaction leaves what took the place of deleted values alone", pointers_to_deleted);
      ("proxies of deleted values keep nothing", proxies_alone);
      ("copies of a file that grew apart keep apart", copies_grown_apart ~keep_values:true);
      ("and where proxies alone are kept", copies_grown_apart ~keep_values:false);
      ("snapshots are followed without end", followers ~customs:false);
      ("snapshots with bigarrays are followed without end", followers ~customs:true);
      ("files come and go without end", strangers ~customs:false);
      ("files with bigarrays come and go", strangers ~customs:true);
      ("values are marked and deleted without end", marks) ]
  and limits =
    [ ("little address space: readers and writers leave most of it", left_over);
      ("little address space: snapshots are followed without end", followers ~customs:true);
      ("little address space: values are marked without end", marks) ]
  in
  if is_limited then Check.run limits
  else Check.run (free @ List.map (fun (name, _) -> (name, limited name)) limits)
