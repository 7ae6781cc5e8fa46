(* tests/torture: values outside the heap come and go while pointers to what is gone stay in every
   kind of root, among collections; what is there is compared with a copy on the heap.

   dangling SEED COUNT   so many operations, in the current folder; the same seed gives the same
                         operations.  Says how many of which kind, or at which one what was wrong. *)

let failf format = Printf.ksprintf failwith format
let seed = int_of_string Sys.argv.(1)
let count = int_of_string Sys.argv.(2)
let state = Random.State.make [| seed |]
let random n = Random.State.int state n
let chance n = random n = 0

(* ---- Values, known from a number alone ---- *)

type bytes_array = (int, Bigarray.int8_unsigned_elt, Bigarray.c_layout) Bigarray.Array1.t

type value =
  | Numbers of int array
  | Text of string
  | Floats of float array
  | Real of float
  | Wide of int64
  | Bytes of bytes_array
  | Pair of value * value
  | Many of value list

(* An integer or a string's word that a collector may take for a header. *)
let like_a_header state =
  let size = Random.State.int state 12 and low = Random.State.int state 1024 in
  (size lsl 10) lor low

let text state words =
  let b = Bytes.create (8 * words) in
  for i = 0 to words - 1 do
    Bytes.set_int64_le b (8 * i) (Int64.of_int (like_a_header state))
  done;
  Bytes.unsafe_to_string b

let rec make state depth words =
  match Random.State.int state (if depth = 0 then 6 else 9) with
  | 0 -> Numbers (Array.init words (fun _ -> like_a_header state asr 1))
  | 1 | 2 -> Text (text state words)
  | 3 -> Floats (Array.init words float_of_int)
  | 4 -> if words mod 2 = 0 then Real (float_of_int words) else Wide (Int64.of_int words)
  | 5 ->
    let bytes = Bigarray.(Array1.create int8_unsigned c_layout words) in
    Bigarray.Array1.fill bytes (words land 255);
    Bytes bytes
  | 6 | 7 ->
    let half = make state (depth - 1) (words / 2) in
    Pair (half, if Random.State.bool state then half else make state (depth - 1) (words / 2))
  | _ -> Many (List.init 3 (fun _ -> make state (depth - 1) (words / 3)))

(* The number says how large: mostly a few words, sometimes some pages, rarely more than an arena has
   room for. *)
let is_large number = number mod 100 < 3

let value number =
  let state = Random.State.make [| number |] in
  let words =
    if is_large number then 9_000 + Random.State.int state 30_000
    else if number mod 100 < 8 then Random.State.int state 6000
    else Random.State.int state 30
  in
  make state 3 words

let compared = ref 0

let check what number found =
  incr compared;
  if compare found (value number) <> 0 then failf "%s is not value %d" what number

(* Pointers to a value and to blocks in it. *)
let parts value =
  let rec go fuel acc block =
    if fuel = 0 || not (Obj.is_block block) then acc
    else begin
      let acc = block :: acc in
      if Obj.tag block >= Obj.no_scan_tag || Obj.size block = 0 then acc
      else go (fuel - 1) (go (fuel / 2) acc (Obj.field block (random (Obj.size block))))
          (Obj.field block (Obj.size block - 1))
    end
  in
  go 6 [] (Obj.repr value)

(* ---- Roots ---- *)

module Addresses = Map.Make (Int)

(* Addresses of blocks of deleted copies, and how many roots hold them.  Those of a detached file are
   not counted: they mean the same again when it is attached again. *)
let held = ref Addresses.empty
let held_mutex = Mutex.create ()
let counted = ref true

let address part = Nativeint.to_int (Ancient.address_of part)

let with_held f =
  Mutex.lock held_mutex;
  Fun.protect ~finally:(fun () -> Mutex.unlock held_mutex) f

(* A root holds it from now on. *)
let take part =
  if !counted && Obj.is_block part then
    with_held (fun () ->
        let count = function None -> Some 1 | Some n -> Some (n + 1) in
        held := Addresses.update (address part) count !held)

(* A root has held it until now: its address has no other meaning. *)
let let_go root part =
  with_held (fun () ->
      let less n = if n = 1 then None else Some (n - 1) in
      if Addresses.mem (address part) !held then begin
        if Ancient.is_ancient part then
          failf "%s led to 0x%x, which is used again" root (address part);
        held := Addresses.update (address part) (fun n -> Option.bind n less) !held
      end)

(* Nor does a new copy take an address that is held. *)
let check_new copy bytes =
  with_held (fun () ->
      match Addresses.find_first_opt (fun a -> a >= address copy) !held with
      | Some (a, _) when a <= address copy + bytes -> failf "0x%x is used again while a root leads there" a
      | _ -> ())

let places = 64
let nothing = Obj.repr 0
let old = Array.init places (fun _ -> ref nothing)
let lists = Array.make places []
let weak : Obj.t Weak.t = Weak.create places
let ephemerons = Array.init places (fun _ -> Obj.Ephemeron.create 1)
let table : (int, Obj.t) Hashtbl.t = Hashtbl.create 16
let closures = Array.make places (fun () -> nothing)
let lazies = Array.make places (lazy nothing)
let global = ref nothing

let threads =
  lazy
    (Array.init 2 (fun _ ->
         let keeper = Keeper.make nothing in
         (keeper, Thread.create (Keeper.run (let_go "a thread")) keeper)))

let in_heap place part =
  let_go "a block" !(old.(place));
  take part;
  old.(place) := part

let young place part =
  List.iter (let_go "a list") lists.(place);
  take part;
  lists.(place) <- [ part ]

let in_weak place part =
  Option.iter (let_go "a weak array") (Weak.get weak place);
  take part;
  Weak.set weak place (Some part)

let in_ephemerons place part =
  let e = ephemerons.(place) in
  Option.iter (let_go "an ephemeron's key") (Obj.Ephemeron.get_key e 0);
  Option.iter (let_go "an ephemeron") (Obj.Ephemeron.get_data e);
  take part;
  take part;
  Obj.Ephemeron.set_key e 0 part;
  Obj.Ephemeron.set_data e part

let in_globals _ part =
  let_go "a global" !global;
  take part;
  global := part

let in_table place part =
  Option.iter (let_go "a table") (Hashtbl.find_opt table place);
  take part;
  Hashtbl.replace table place part

let in_closures place part =
  let_go "a closure" (closures.(place) ());
  take part;
  closures.(place) <- (fun () -> Sys.opaque_identity part)

let in_lazies place part =
  let_go "a lazy" (Lazy.force lazies.(place));
  take part;
  let suspended = lazy (Sys.opaque_identity part) in
  if place mod 2 = 0 then ignore (Lazy.force suspended);
  lazies.(place) <- suspended

let on_a_thread place part =
  take part;
  let_go "nobody" (Keeper.give (fst (Lazy.force threads).(place mod 2)) part)

(* Pointers stay until others take their place, for thousands of operations: what they lead to is
   used again meanwhile, if it ever is.  Where there is one place alone, few are let in. *)
let roots =
  let seldom hold place part = if chance 20 then hold place part in
  Array.append
    [| in_heap; young; in_weak; in_ephemerons; in_table; in_closures; in_lazies; seldom in_globals;
       seldom on_a_thread |]
    (Array.map (fun later -> seldom (fun _ -> later take let_go)) Later_roots.kinds)

let hold ~in_memory parts =
  counted := in_memory;
  List.iter
    (fun part -> if chance 5 then roots.(random (Array.length roots)) (random places) part)
    parts

(* All roots give up what they hold. *)
let empty_roots () =
  for place = 0 to places - 1 do
    Array.iter
      (fun hold -> hold place nothing)
      [| in_heap; young; in_weak; in_ephemerons; in_table; in_closures; in_lazies; in_globals |]
  done

(* Proxies of what is gone are kept too, and say so. *)
type gone = Nothing | Deleted of value Ancient.ancient | Detached of value Ancient.ancient

let gone = Array.make 256 Nothing
let keep proxy = gone.(random 256) <- proxy

let check_gone () =
  let refused p =
    match Ancient.follow p with
    | _ -> failf "what is gone was followed"
    | exception Invalid_argument _ -> ()
  in
  Array.iter (function Nothing -> () | Deleted p | Detached p -> refused p) gone

(* ---- Values in memory ---- *)

let marked = Array.make 300 None

let delete place =
  Option.iter
    (fun (number, proxy) ->
       check "a marked value" number (Ancient.follow proxy);
       let parts = parts (Ancient.follow proxy) in
       Ancient.delete proxy;
       hold ~in_memory:true parts;
       keep (Deleted proxy);
       marked.(place) <- None)
    marked.(place)

let mark place =
  delete place;
  let number = random 1_000_000 in
  let proxy, info = Ancient.mark_info (value number) in
  check_new (Obj.repr (Ancient.follow proxy)) info.Ancient.i_size;
  marked.(place) <- Some (number, proxy)

(* Pointers into a value that is gone then: a large one if there is one, since the addresses of those
   are used again soonest. *)
let a_deleted_one () =
  let rec search place tries =
    match marked.(place mod Array.length marked) with
    | Some (number, _) when is_large number -> place mod Array.length marked
    | _ -> if tries = 0 then random (Array.length marked) else search (place + 1) (tries - 1)
  in
  let place = search (random (Array.length marked)) (Array.length marked) in
  match marked.(place) with
  | None -> []
  | Some (_, proxy) ->
    let parts = parts (Ancient.follow proxy) in
    delete place;
    counted := true;
    List.iter take parts;
    parts

let check_marked place =
  Option.iter
    (fun (number, proxy) -> check "a marked value" number (Ancient.follow proxy))
    marked.(place)

(* ---- Files ---- *)

(* What a file holds, and held in each generation. *)
type contents = {
  keys : (int * int) list;  (** key, number *)
  past : (int * (int * int) list) list;  (** generation, the keys *)
}

type file = {
  path : string;
  mutable contents : contents;
  mutable md : Ancient.md option;
  mutable got : (int * value Ancient.ancient) list;
}

let none = { keys = []; past = [] }

let files =
  Array.init 4 (fun i ->
      { path = Printf.sprintf "file%d" i; contents = none; md = None; got = [] })

let backups = Array.init 4 (fun i -> (Printf.sprintf "backup%d" i, ref none))
let refused = Hashtbl.create 16

(* What the library refuses with a reason is no fault; how often is told. *)
let may_refuse what f =
  try f ()
  with Ancient.Error _ as e ->
    let code = List.hd (String.split_on_char ':' (Printexc.to_string e)) in
    let name = what ^ ": " ^ code in
    Hashtbl.replace refused name (1 + Option.value ~default:0 (Hashtbl.find_opt refused name))

let opened path flags = Unix.openfile path (Unix.O_CLOEXEC :: flags) 0o644

let with_fd path flags f =
  let fd = opened path flags in
  Fun.protect ~finally:(fun () -> Unix.close fd) (fun () -> f fd)

let buffer = Bytes.create 65536

(* As cp does, over what is there. *)
let copy_bytes from onto =
  with_fd from [ Unix.O_RDONLY ] (fun from ->
      with_fd onto Unix.[ O_WRONLY; O_CREAT; O_TRUNC ] (fun onto ->
          let rec go () =
            match Unix.read from buffer 0 (Bytes.length buffer) with
            | 0 -> ()
            | n ->
              assert (Unix.write onto buffer 0 n = n);
              go ()
          in
          go ()))

let attach_again file flags ?generation keys =
  let md = with_fd file.path flags (fun fd -> Ancient.attach_with ?generation fd) in
  List.iter
    (fun (key, number) ->
       let proxy : value Ancient.ancient = Ancient.get md key in
       check (file.path ^ ", just attached,") number (Ancient.follow proxy);
       file.got <- (number, proxy) :: file.got)
    keys;
  if List.length (Ancient.keys md) <> List.length keys then failf "%s: other keys" file.path;
  file.md <- Some md

let detach file =
  Option.iter
    (fun md ->
       List.iter
         (fun (number, proxy) ->
            if chance 3 then check file.path number (Ancient.follow proxy);
            hold ~in_memory:false (parts (Ancient.follow proxy)))
         file.got;
       Ancient.detach md;
       List.iter (fun (_, proxy) -> keep (Detached proxy)) file.got;
       file.got <- [];
       file.md <- None)
    file.md

let publish file =
  let number = random 1_000_000 in
  Ancient.publish file.path (value number);
  file.contents <- { keys = [ (0, number) ]; past = [ (2, [ (0, number) ]) ] }

let attach file =
  if file.md = None then begin
    if file.contents.keys = [] || (Unix.stat file.path).Unix.st_size > 4_000_000 then publish file;
    match file.contents.past with
    | _ :: _ :: _ when chance 4 ->
      let generation, keys = List.nth file.contents.past (random (List.length file.contents.past)) in
      may_refuse "attach an older generation" (fun () ->
          attach_again file [ Unix.O_RDONLY ] ~generation keys)
    | _ ->
      may_refuse "attach" (fun () ->
          attach_again file [ (if chance 3 then Unix.O_RDONLY else Unix.O_RDWR) ] file.contents.keys)
  end

let committed file md keys =
  file.contents <- { keys; past = (Ancient.generation md, keys) :: file.contents.past }

let share file =
  Option.iter
    (fun md ->
       let number = random 1_000_000 and key = random 20 in
       may_refuse "share" (fun () ->
           let proxy, _ = Ancient.share_with ~sync:false md key (value number) in
           committed file md ((key, number) :: List.remove_assoc key file.contents.keys);
           check (file.path ^ ", just shared,") number (Ancient.follow proxy);
           file.got <- (number, proxy) :: file.got))
    file.md

let roll_back file =
  match (file.md, file.contents.past) with
  | Some md, (_ :: _ :: _ as past) ->
    let generation, keys = List.nth past (random (List.length past)) in
    may_refuse "restore" (fun () ->
        Ancient.restore md generation;
        committed file md keys)
  | _ -> ()

let back_up file =
  if file.contents.keys <> [] then begin
    let path, contents = backups.(random (Array.length backups)) in
    copy_bytes file.path path;
    contents := file.contents
  end

(* Another file's backup as well: then two files have one UUID, and grow apart. *)
let restore file =
  let path, contents = backups.(random (Array.length backups)) in
  if !contents.keys <> [] then begin
    if chance 2 then begin
      detach file;
      copy_bytes path file.path
    end
    else begin
      (* Under an attached file: it keeps what it has. *)
      copy_bytes path "new";
      Unix.rename "new" file.path;
      detach file
    end;
    file.contents <- !contents
  end

let follow_snapshot file =
  let old_md = file.md and old_got = file.got in
  publish file;
  file.md <- None;
  file.got <- [];
  attach file;
  let fresh = (file.md, file.got) in
  file.md <- old_md;
  file.got <- old_got;
  detach file;
  file.md <- fst fresh;
  file.got <- snd fresh

let compact file =
  detach file;
  if file.contents.keys <> [] then begin
    ignore (Ancient.compact file.path);
    attach_again file [ Unix.O_RDWR ] file.contents.keys;
    let generation = Ancient.generation (Option.get file.md) in
    file.contents <- { file.contents with past = [ (generation, file.contents.keys) ] }
  end

let check_file file =
  List.iter (fun (number, proxy) -> check file.path number (Ancient.follow proxy)) file.got

(* ---- Operations ---- *)

let check_all () =
  Array.iteri (fun place _ -> check_marked place) marked;
  Array.iter check_file files;
  check_gone ()

let a_file f () = f files.(random (Array.length files))
let a_place f () = f (random (Array.length marked))

let operations =
  [ (400, "mark", a_place mark);
    (300, "delete", a_place delete);
    (100, "compare", a_place check_marked);
    (30, "attach", a_file attach);
    (30, "detach", a_file detach);
    (40, "share", a_file share);
    (6, "roll back", a_file roll_back);
    (10, "back up", a_file back_up);
    (20, "restore a backup", a_file restore);
    (6, "follow a snapshot", a_file follow_snapshot);
    (2, "compact a file", a_file compact);
    (60, "Gc.minor", Gc.minor);
    (60, "Gc.major_slice", fun () -> ignore (Gc.major_slice (random 100_000)));
    (4, "Gc.full_major", Gc.full_major);
    (5, "Gc.compact", Gc.compact);
    (2, "compare all", check_all) ]
  |> List.map (fun (weight, name, f) -> (weight, name, f, ref 0))

let weights = List.fold_left (fun sum (weight, _, _, _) -> sum + weight) 0 operations

let depth = ref 0
let operated = ref 0

let rec operate () =
  let rec choose n = function
    | [] -> assert false
    | (weight, _, _, _) :: rest when n >= weight -> choose (n - weight) rest
    | (_, _, f, done_) :: _ ->
      incr done_;
      f ()
  in
  incr operated;
  if chance 400 && !depth < 4 then on_the_stack (a_deleted_one ())
  else choose (random weights) operations

(* Many operations, with a pointer on this stack meanwhile and nowhere else. *)
and on_the_stack parts =
  incr depth;
  (match parts with
   | [] -> ()
   | part :: rest ->
     List.iter (let_go "nobody") rest;
     for _ = 1 to 1 + random 4000 do if !operated < count then operate () done;
     let_go "the stack" part);
  decr depth

(* Collections differ from seed to seed, automatic compaction among them. *)
let configure () =
  let pick choices = choices.(random (Array.length choices)) in
  Gc.set
    { (Gc.get ()) with
      minor_heap_size = pick [| 4096; 32768; 262144 |];
      space_overhead = pick [| 20; 80; 200 |];
      max_overhead = pick [| 0; 10; 500 |];
      allocation_policy = pick [| 0; 1; 2 |] }

let lines path =
  let channel = open_in path in
  let rec all acc = match input_line channel with line -> all (line :: acc) | exception End_of_file -> acc in
  let lines = all [] in
  close_in channel;
  lines

let resident () =
  List.find_map (fun line -> try Scanf.sscanf line "VmRSS: %d kB" Option.some with _ -> None) (lines "/proc/self/status")
  |> Option.get

let report () =
  List.iter (fun (_, name, _, done_) -> Printf.printf "%s %d, " name !done_) operations;
  Hashtbl.iter (fun name times -> Printf.printf "refused to %s %d, " name times) refused;
  Printf.printf "values compared %d\n%d operations, %d mappings, %d kB resident\n" !compared count
    (List.length (lines "/proc/self/maps")) (resident ())

let close () =
  Array.iteri (fun place _ -> delete place) marked;
  Array.iter detach files;
  Gc.full_major ();
  check_gone ();
  empty_roots ();
  Later_roots.close ();
  if Lazy.is_val threads then
    Array.iter (fun (keeper, thread) -> ignore (Keeper.stop keeper); Thread.join thread) (Lazy.force threads)

let () =
  configure ();
  begin
    try while !operated < count do operate () done
    with e ->
      let trace = Printexc.get_backtrace () in
      Printf.eprintf "seed %d, operation %d: %s\n%s%!" seed !operated (Printexc.to_string e) trace;
      exit 1
  end;
  check_all ();
  close ();
  report ()
