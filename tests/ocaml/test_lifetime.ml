(* tests/ocaml: delete and detach give back the memory that mark and attach took, and pointers that
   still lead there do no harm.

   ANCIENT_ROUND_BYTES and ANCIENT_ROUNDS set the size of the values that come and go a
   thousand times, and how often they do; with either the tests say what they found. *)

let setting name default =
  match Sys.getenv_opt name with Some text -> int_of_string text | None -> default

let round_bytes = setting "ANCIENT_ROUND_BYTES" (4 lsl 20)
let rounds = setting "ANCIENT_ROUNDS" 1000

let talks =
  List.exists (fun name -> Sys.getenv_opt name <> None) [ "ANCIENT_ROUND_BYTES"; "ANCIENT_ROUNDS" ]

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

let status field =
  List.find_map
    (fun line ->
       try Scanf.sscanf line "%s@: %d kB" (fun f kb -> if f = field then Some (kb * 1024) else None)
       with Scanf.Scan_failure _ | End_of_file | Failure _ -> None)
    (lines "/proc/self/status")
  |> Option.get

(* Memory of the process's own, without what it shares with the page cache. *)
let own_bytes () = status "RssAnon"

let megabyte = 1 lsl 20

let collect () =
  Gc.minor ();
  Gc.full_major ();
  Gc.compact ()

let at_most what limit found =
  if found > limit then Check.failf "%s: at most %d, found %d" what limit found

(* ---- Memory ---- *)

let delete_frees () =
  collect ();
  let before = own_bytes () in
  let p = Ancient.mark (Bytes.make (200 * megabyte) 'x') in
  collect ();
  let during = own_bytes () in
  Check.is_true "the copy takes memory" (during - before >= 190 * megabyte);
  at_most "the original's is back" (before + (230 * megabyte)) during;
  Ancient.delete p;
  at_most "after delete" (before + (30 * megabyte)) (own_bytes ())

let delete_frees_blocks () =
  let round () =
    let p = Ancient.mark (List.init 250_000 (fun i -> Some (float_of_int i))) in
    Ancient.delete p
  in
  round ();
  round ();
  collect ();
  let before = own_bytes () in
  (* 10 MB each *)
  for _ = 1 to 10 do round () done;
  collect ();
  at_most "after ten more" (before + (50 * megabyte)) (own_bytes ())

(* Of many small copies one in a thousand lives on: it keeps its page and no more. *)
let small_ones order () =
  let n = 100_000 in
  let text i = Printf.sprintf "%07d" i (* header and one word *) in
  let none = Ancient.mark "" in
  let proxies = Array.make n none and turns = Array.init n (order n) in
  collect ();
  let before = own_bytes () and maps = mappings () in
  for i = 0 to n - 1 do proxies.(i) <- Ancient.mark (text i) done;
  at_most "bytes a mark" (16 + 100) ((own_bytes () - before) / n);
  at_most "mappings" (maps + 100) (mappings ());
  let lives i = i mod 1000 = 567 in
  Array.iter (fun i -> if not (lives i) then Ancient.delete proxies.(i)) turns;
  let values = List.init (n / 1000) (fun i -> (i * 1000) + 567) |> List.map (fun i -> (i, proxies.(i))) in
  Array.fill proxies 0 n none;
  collect ();
  at_most "bytes kept" (before + (8 * megabyte)) (own_bytes ());
  at_most "mappings" (maps + 100) (mappings ());
  List.iter
    (fun (i, p) ->
       Check.equal_string "its text" (text i) (Ancient.follow p);
       Ancient.delete p)
    values;
  Ancient.delete none;
  ignore (Sys.opaque_identity (proxies, turns))

let shuffled n =
  let state = Random.State.make [| 3 |] and turns = Array.init n Fun.id in
  for i = n - 1 downto 1 do
    let j = Random.State.int state (i + 1) in
    let kept = turns.(i) in
    turns.(i) <- turns.(j);
    turns.(j) <- kept
  done;
  Array.get turns

let say format = Printf.ksprintf (fun text -> if talks then print_endline text) format

(* [round i], a thousand times, takes neither memory nor mappings. *)
let leaks_nothing ?(more_mappings = 0) round () =
  for i = 1 to 20 do round i done;
  collect ();
  let memory = own_bytes () and maps = mappings () and start = Sys.time () in
  say "%d MB and %d mappings before" (memory / megabyte) maps;
  for i = 1 to rounds do
    round i;
    if i mod 100 = 0 then
      say "%d MB and %d mappings after %d rounds, %.0f s of processor time" (own_bytes () / megabyte)
        (mappings ()) i (Sys.time () -. start)
  done;
  collect ();
  let memory' = own_bytes () and maps' = mappings () in
  say "%d MB and %d mappings at the end" (memory' / megabyte) maps';
  at_most "memory" (memory + (16 * megabyte)) memory';
  at_most "mappings" (maps + 20 + more_mappings) maps'

(* Deleted memory is overlaid, in pieces of 2 MB at first, until it is proved that nothing leads
   there. *)
let overlaid = 60

let value = lazy (Bytes.make round_bytes 'v')

let mark_and_delete _ =
  let p = Ancient.mark (Lazy.force value) in
  Check.equal_int "length" round_bytes (Bytes.length (Ancient.follow p));
  Ancient.delete p

(* The next is made before the last is deleted, as a cache does. *)
let replace =
  let current = ref (Ancient.mark Bytes.empty) in
  fun _ ->
    let next = Ancient.mark (Lazy.force value) in
    Ancient.delete !current;
    current := next

let attach_and_detach f =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (Ancient.share_with ~sync:false md 0 (Lazy.force value, [ "x" ])));
      let stale = Array.make 50 [] in
      f (fun i ->
          let md = Check.attach ~flags:[ Unix.O_RDONLY ] path in
          let bytes, words = Ancient.follow (Ancient.get md 0) in
          Check.equal_int "length" round_bytes (Bytes.length bytes);
          Check.is_true "contents" (Bytes.get bytes (round_bytes - 1) = 'v');
          stale.(i mod 50) <- words;
          Ancient.detach md;
          if i mod 100 = 0 then collect ()) ();
      ignore (Sys.opaque_identity stale))

(* What a file leaves behind is a tombstone, for a while. *)
let new_files i =
  Check.with_path_in_memory (fun path ->
      Check.with_md path (fun md ->
          let p, _ = Ancient.share_with ~sync:false md 0 [ i ] in
          Check.equal "value" [ i ] (Ancient.follow p)))

let publishing () =
  Check.with_path_in_memory (fun path ->
      let publish i =
        Ancient.publish path [ string_of_int i; "x" ];
        if i mod 50 = 0 then collect ()
      in
      publish 0;
      let before = mappings () in
      for i = 1 to 200 do publish i done;
      at_most "mappings" (before + 10) (mappings ());
      (* One that cannot be is no exception, and the last one is there. *)
      for _ = 1 to 20 do
        match Ancient.publish path publish with
        | () -> Check.failf "a closure was published"
        | exception Invalid_argument _ -> ()
      done;
      at_most "mappings" (before + 10) (mappings ());
      Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
          Check.equal "the last" [ "200"; "x" ] (Ancient.follow (Ancient.get md 0))))

(* Copies of random sizes that live for random times keep out of each other's memory. *)
let random_lives () =
  let state = Random.State.make [| 11 |] in
  let size () = 1 + Random.State.int state (1 lsl Random.State.int state 19) in
  let slots = Array.make 40 None in
  let check = function
    | None -> ()
    | Some (c, n, p) ->
      let a : Bytes.t list = Ancient.follow p in
      List.iter
        (fun b ->
           Check.equal_int "length" n (Bytes.length b);
           Check.is_true "contents"
             (Bytes.get b 0 = c && Bytes.get b (n / 2) = c && Bytes.get b (n - 1) = c))
        a
  in
  for i = 1 to 4000 do
    let slot = Random.State.int state 40 in
    check slots.(slot);
    Option.iter (fun (_, _, p) -> Ancient.delete p) slots.(slot);
    let c = Char.chr (i land 255) and n = size () in
    slots.(slot) <- Some (c, n, Ancient.mark [ Bytes.make n c; Bytes.make n c ]);
    if i mod 500 = 0 then begin
      Array.iter check slots;
      collect ()
    end
  done;
  Array.iter
    (function Some (_, _, p) as s -> check s; Ancient.delete p | None -> ())
    slots

(* ---- What still points there ---- *)

type holder =
  | Young of string list
  | Held of { mutable words : string list; view : (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t }

let global = ref []

(* Pointers in blocks of every age and kind; [gone ()] takes away what they lead to. *)
let survives value gone =
  let words, floats = value in
  let rec parts acc = function [] -> acc | _ :: rest as l -> parts (l :: acc) rest in
  let parts = Array.of_list (parts [] words) in
  let n = Array.length parts in
  let old = Array.map (fun l -> Held { words = l; view = Bigarray.Array1.sub floats 0 3 }) parts in
  let table = Hashtbl.create 16 and weak = Weak.create n in
  let keys = Array.map (fun l -> Obj.Ephemeron.create 1 |> fun e ->
                                 Obj.Ephemeron.set_key e 0 (Obj.repr l); Obj.Ephemeron.set_data e (Obj.repr l); e) parts in
  Array.iteri (fun i l -> Hashtbl.replace table i l; Weak.set weak i (Some l)) parts;
  let closures = Array.map (fun l () -> l) parts in
  let lazies = Array.map (fun l -> lazy (List.length l)) parts in
  global := words;
  Gc.full_major ();
  (* Old blocks that point to young ones that point there. *)
  let young () = Array.map (fun l -> Young l) parts in
  let boxes = Array.make n None in
  Gc.full_major ();
  Array.iteri (fun i y -> boxes.(i) <- Some y) (young ());
  let fresh = young () in
  gone ();
  Gc.minor ();
  Gc.full_major ();
  let more = Array.map (function Young l -> Young l | h -> h) fresh in
  Array.iteri (fun i y -> boxes.(n - 1 - i) <- Some y) more;
  collect ();
  for i = 0 to (n / 2) - 1 do
    Hashtbl.remove table i;
    old.(i) <- Young [];
    boxes.(i) <- None
  done;
  collect ();
  ignore (Sys.opaque_identity (List.init 100000 string_of_int));
  collect ();
  ignore (Sys.opaque_identity (old, table, weak, keys, closures, lazies, boxes, fresh, more, !global))

let holdings () =
  (List.init 5000 string_of_int, Bigarray.(Array1.init float64 c_layout 100 float_of_int))

let dangling_after_delete () =
  let value = holdings () in
  for _ = 1 to 3 do
    let p = Ancient.mark value in
    survives (Ancient.follow p) (fun () -> Ancient.delete p)
  done;
  global := [];
  collect ()

let dangling_after_detach () =
  let value = holdings () in
  Check.with_path (fun path ->
      for _ = 1 to 3 do
        let md = Check.attach path in
        survives
          (Ancient.follow (Ancient.share md 0 value))
          (fun () -> Ancient.detach md)
      done);
  global := [];
  collect ()

(* Collections in one thread while another attaches the file that the first one's pointers
   lead to, and detaches it. *)
let attached_again_meanwhile () =
  Check.with_path (fun path ->
      let md = Check.attach path in
      let words, _ = Ancient.follow (Ancient.share md 0 (holdings ())) in
      let stale = Array.init 2000 (fun _ -> Some words) in
      Ancient.detach md;
      let stop = Atomic.make false in
      let other =
        Thread.create
          (fun () ->
             while not (Atomic.get stop) do
               Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
                   let words, floats = Ancient.follow (Ancient.get md 0) in
                   Check.equal_int "words" 5000 (List.length words);
                   ignore (Sys.opaque_identity (Bigarray.Array1.sub floats 5 5)))
             done)
          ()
      in
      for _ = 1 to 100 do
        Gc.full_major ();
        Thread.yield ()
      done;
      Atomic.set stop true;
      Thread.join other;
      ignore (Sys.opaque_identity stale))

(* ---- The end of the program ---- *)

(* Run as a program of its own: it ends with all of it alive. *)
let ending path =
  let md = Check.attach path in
  let p = Ancient.share md 0 (holdings ()) in
  let q = Ancient.mark (holdings ()) in
  let words, floats = Ancient.follow p in
  let finalised = ref 0 in
  let finalise v = Gc.finalise (fun _ -> incr finalised) v in
  finalise p;
  finalise q;
  finalise md;
  Gc.finalise_last (fun () -> incr finalised) (ref 5);
  global := words;
  let view = Bigarray.Array1.sub floats 5 5 in
  at_exit (fun () ->
      Check.equal_int "still there" 5000 (List.length (fst (Ancient.follow p)));
      Check.equal "a view" 5. view.{0};
      Ancient.delete q;
      Ancient.detach md;
      Gc.full_major ());
  at_exit Gc.compact;
  for _ = 1 to 100 do ignore (Sys.opaque_identity (Ancient.mark [ ref 1 ])) done;
  collect ()

let at_the_end () =
  Check.with_path (fun path ->
      let run cleanup =
        let env = Array.append (Unix.environment ()) [| "OCAMLRUNPARAM=v=0" ^ cleanup |] in
        flush_all ();
        Check.wait
          (Unix.create_process_env Sys.executable_name
             [| Sys.executable_name; "--ending"; path |]
             env Unix.stdin Unix.stdout Unix.stderr)
      in
      run "";
      (* The runtime gives everything back, as an embedded one does. *)
      run ",c=1")

(* Proxies may be forgotten, and their finalisers run. *)
let finalisers () =
  let count = ref 0 in
  Check.with_new_md (fun md ->
      for i = 1 to 100 do
        let p = Ancient.mark [ i ] and q = Ancient.share_with ~sync:false md i [ i ] |> fst in
        Gc.finalise (fun p -> Check.equal "the value" [ i ] (Ancient.follow p); Ancient.delete p; incr count) p;
        Gc.finalise (fun q -> Check.equal "the value" [ i ] (Ancient.follow q); incr count) q
      done;
      collect ();
      collect ();
      Check.is_true "they ran" (!count >= 198))

(* ---- Questions ---- *)

let static = [ "static"; "list" ]

let truthful () =
  let is what v = Check.is_true what (Ancient.is_ancient v)
  and is_not what v = Check.is_true ("not " ^ what) (not (Ancient.is_ancient v)) in
  let parts what value =
    is what value;
    let words, empty, x, n, floats, f = value in
    is "words" words;
    is "a word" (List.hd words);
    is "an empty array" empty;
    is "a float" x;
    is "an int64" n;
    is "a bigarray" floats;
    is "the last block" f;
    is_not "an int of it" (List.length words);
    is_not "its float, read" (Sys.opaque_identity (x +. 1.));
    is_not "a view" (Bigarray.Array1.sub floats 0 1)
  in
  let value () =
    ( static, [||], Sys.opaque_identity 1.5, 5L,
      Bigarray.(Array1.init float64 c_layout 10 float_of_int), [| 1.5 |] )
  in
  List.iter (fun n -> is_not "an int" n) [ 0; 1; -1; max_int; min_int ];
  is_not "unit" ();
  is_not "None" None;
  is_not "static" static;
  is_not "an empty array" [||];
  is_not "heap" (Sys.opaque_identity (ref 1));
  is_not "a closure" is_not;
  is_not "a young string" (Bytes.create 5);
  is_not "a large block" (Array.make 100000 0);
  let original = value () in
  is_not "the original" original;
  let p = Ancient.mark original in
  parts "marked" (Ancient.follow p);
  let gone = Ancient.follow p in
  Ancient.delete p;
  is_not "deleted" gone;
  Check.with_path (fun path ->
      let md = Check.attach path in
      let p = Ancient.share md 0 original in
      parts "shared" (Ancient.follow p);
      is_not "a proxy" p;
      is_not "an md" md;
      let gone = Ancient.follow p in
      Ancient.detach md;
      is_not "detached" gone;
      Check.with_md path (fun md -> parts "gotten" (Ancient.follow (Ancient.get md 0))))

let () =
  match Sys.argv with
  | [| _; "--ending"; path |] -> ending path
  | _ ->
    Check.run
      [ ("delete frees what mark took", delete_frees);
        ("delete frees small blocks", delete_frees_blocks);
        ("small ones deleted in order leave little", small_ones (fun _ -> Fun.id));
        ("small ones deleted backwards leave little", small_ones (fun n i -> n - 1 - i));
        ("small ones deleted at random leave little", small_ones shuffled);
        ("mark and delete a thousand times leak nothing", leaks_nothing ~more_mappings:overlaid mark_and_delete);
        ("replacing a marked value a thousand times leaks nothing", leaks_nothing ~more_mappings:overlaid replace);
        ("attach and detach a thousand times leak nothing",
         fun () -> attach_and_detach (fun round -> leaks_nothing round));
        ("new files leave a bounded number of mappings",
         leaks_nothing ~more_mappings:600 new_files);
        ("what is published leaves no mapping", publishing);
        ("marked values of random lives keep apart", random_lives);
        ("pointers of every age and kind survive delete", dangling_after_delete);
        ("pointers of every age and kind survive detach", dangling_after_detach);
        ("collections while another thread attaches again", attached_again_meanwhile);
        ("finalisers of proxies may follow and delete", finalisers);
        ("a program ends cleanly with all of it alive", at_the_end);
        ("is_ancient is truthful", truthful) ]
