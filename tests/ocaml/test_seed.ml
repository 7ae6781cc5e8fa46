(* tests/ocaml: code as programs written for ocaml-ancient 0.9 and 0.10 contain it.  It must compile
   and pass unchanged: a change here breaks the promise of a drop-in. *)

open Unix

(* The complete interface, with its types. *)
module type SEED = sig
  type 'a ancient
  val mark : 'a -> 'a ancient
  val follow : 'a ancient -> 'a
  val delete : 'a ancient -> unit
  val is_ancient : 'a -> bool
  val address_of : 'a -> nativeint
  type md
  val attach : Unix.file_descr -> nativeint -> md
  val detach : md -> unit
  val share : md -> int -> 'a -> 'a ancient
  val get : md -> int -> 'a ancient
  type info = { i_size : int }
  val mark_info : 'a -> 'a ancient * info
  val share_info : md -> int -> 'a -> 'a ancient * info
end

module Seed : SEED = Ancient

let baseaddr = 0x100000000000n
let size_of_shard = 1000

let shard number =
  let table = Hashtbl.create size_of_shard in
  for i = 0 to size_of_shard - 1 do
    Hashtbl.add table (Printf.sprintf "word%d" ((number * size_of_shard) + i)) i
  done;
  table

let write_shards datafile count =
  let md =
    let fd = openfile datafile [ O_RDWR; O_TRUNC; O_CREAT ] 0o644 in
    Ancient.attach fd baseaddr
  in
  for key = 0 to count - 1 do
    let table = shard key in
    ignore (Ancient.share md key table);
    Hashtbl.reset table;
    Gc.compact ()
  done;
  Ancient.detach md

let read_shards datafile =
  let fd = openfile datafile [ O_RDWR ] 0o644 in
  let md = Ancient.attach fd 0n in
  let rec loop key words =
    match
      let table : (string, int) Hashtbl.t Ancient.ancient = Ancient.get md key in
      Ancient.follow table
    with
    | table ->
      let word = Printf.sprintf "word%d" ((key * size_of_shard) + 7) in
      assert (Hashtbl.find table word = 7);
      loop (key + 1) (words + Hashtbl.length table)
    | exception Not_found -> (key, words)
  in
  let result = loop 0 0 in
  Ancient.detach md;
  close fd;
  Gc.compact ();
  result

let shards () =
  Check.with_path (fun datafile ->
      Check.in_child (fun () -> write_shards datafile 20);
      Check.in_child (fun () ->
          Check.equal "shards and words" (20, 20 * size_of_shard)
            (read_shards datafile)))

let base_is_honoured () =
  Check.with_path (fun datafile ->
      let fd = openfile datafile [ O_RDWR; O_TRUNC; O_CREAT ] 0o644 in
      let md = Ancient.attach fd baseaddr in
      let p = Ancient.share md 0 [ "here" ] in
      let address = Ancient.address_of (Ancient.follow p) in
      Check.is_true "the value lies above the base"
        (Nativeint.compare address baseaddr > 0
         && Nativeint.compare address (Nativeint.add baseaddr 0x10000n) < 0);
      Ancient.detach md;
      close fd)

let mark_and_follow () =
  let x = Ancient.mark "foo" in
  let y = Ancient.follow x in
  assert (String.equal y "foo");
  assert (Ancient.is_ancient y);
  Ancient.delete x;
  assert (try ignore (Ancient.follow x); false
          with Invalid_argument "deleted" -> true);
  assert (try Ancient.delete x; false
          with Invalid_argument "deleted" -> true)

let sizes () =
  let _, { Ancient.i_size } = Ancient.mark_info (Array.make 100 0) in
  Check.equal_int "a header and 100 words" (101 * 8) i_size;
  Check.with_new_md (fun md ->
      let _, info = Ancient.share_info md 0 (Array.make 100 0) in
      Check.equal_int "the same in a file" (101 * 8) info.Ancient.i_size)

(* The old example: a tree of characters that one program writes and another reads,
   with the global root overwritten and the heap compacted in between. *)
type tree = Not_Found | Exists of int array * tree array | Not_Exists of tree array

let words = [ "a"; "an"; "ancient"; "anchor"; "bench"; "zoo" ]

let rec add tree word i =
  let c = Char.code word.[i] in
  let last = i = String.length word - 1 in
  let sub =
    match tree.(c) with
    | Not_Found -> Array.make 256 Not_Found
    | Exists (_, sub) | Not_Exists sub -> sub
  in
  (match tree.(c) with
   | Exists _ when not last -> ()
   | _ ->
     tree.(c) <- (if last then Exists (Array.make 10 0, sub) else Not_Exists sub));
  if not last then add sub word (i + 1)

let rec mem tree word i =
  match tree.(Char.code word.[i]) with
  | Not_Found -> false
  | Exists (_, sub) -> i = String.length word - 1 || mem sub word (i + 1)
  | Not_Exists sub -> i < String.length word - 1 && mem sub word (i + 1)

let dictionary () =
  Check.with_path (fun datafile ->
      let md =
        let fd = openfile datafile [ O_RDWR; O_TRUNC; O_CREAT ] 0o644 in
        Ancient.attach fd 0n
      in
      let tree = Array.make 256 Not_Found in
      List.iter (fun word -> add tree word 0) words;
      ignore (Ancient.share md 0 tree);
      Array.fill tree 0 256 Not_Found;
      Gc.compact ();
      Ancient.detach md;
      Check.in_child (fun () ->
          let fd = openfile datafile [ O_RDWR ] 0o644 in
          let md = Ancient.attach fd 0n in
          let tree : tree array = Ancient.follow (Ancient.get md 0) in
          List.iter (fun word -> Check.is_true word (mem tree word 0)) words;
          Check.is_true "no such word" (not (mem tree "anc" 0));
          Ancient.detach md;
          Gc.compact ()))

(* The same process makes the file anew, with the same base, for as long as it runs. *)
let made_anew () =
  Check.with_path (fun datafile ->
      for count = 1 to 3 do
        write_shards datafile count;
        Check.equal "shards and words" (count, count * size_of_shard)
          (read_shards datafile)
      done)

(* A cache in memory: a large array of strings is marked, forked workers read it, and it is
   replaced by the next. *)
let cache () =
  let lines = if Check.small then 5_000 else 200_000 in
  let load generation =
    Array.init lines (fun i -> Printf.sprintf "line %d of %d" i generation)
  in
  let work strings generation part () =
    Gc.compact ();
    Array.iteri
      (fun i line ->
         if i mod 4 = part then begin
           assert (String.equal line (Printf.sprintf "line %d of %d" i generation));
           (* A worker's own cache, keyed by what is marked. *)
           assert (Hashtbl.hash line = Hashtbl.hash (String.sub line 0 (String.length line)))
         end)
      strings;
    Gc.full_major ()
  in
  let cached = ref None in
  for generation = 1 to 3 do
    let fresh = Ancient.mark (load generation) in
    Gc.compact ();
    (match !cached with Some old -> Ancient.delete old | None -> ());
    cached := Some fresh;
    let strings = Ancient.follow fresh in
    let workers = List.init 4 (fun part -> Check.child (work strings generation part)) in
    List.iter Check.wait workers;
    Gc.compact ()
  done;
  match !cached with
  | Some last ->
    (* A worker that outlives the parent's delete keeps its own. *)
    let strings = Ancient.follow last in
    let r, w = pipe () in
    let worker =
      Check.child (fun () ->
          close w;
          ignore (read r (Bytes.create 1) 0 1);
          work strings 3 0 ())
    in
    Ancient.delete last;
    Gc.compact ();
    close w;
    close r;
    Check.wait worker;
    assert (try ignore (Ancient.follow last); false
            with Invalid_argument "deleted" -> true)
  | None -> assert false

(* Values made of nothing but static data. *)
type settings = { names : string list; limits : float array; nested : (string * int option) array }

let empty = { names = []; limits = [||]; nested = [||] }

let defaults =
  { names = [ "a"; "b" ]; limits = [| 1.5; 2.5 |]; nested = [| ("x", None); ("y", Some 3) |] }

let static_data () =
  Check.with_path (fun datafile ->
      let md =
        let fd = openfile datafile [ O_RDWR; O_TRUNC; O_CREAT ] 0o644 in
        Ancient.attach fd baseaddr
      in
      ignore (Ancient.share md 0 empty);
      ignore (Ancient.share md 1 defaults);
      ignore (Ancient.share md 2 ([||] : int array));
      ignore (Ancient.share md 3 ([] : int list));
      ignore (Ancient.share md 4 (None : int option));
      ignore (Ancient.share md 5 "static");
      ignore (Ancient.share md 6 3.25);
      ignore (Ancient.share md 7 7L);
      Ancient.detach md;
      flush_all ();
      Check.wait
        (create_process Sys.executable_name
           [| Sys.executable_name; "--static"; datafile |]
           stdin stdout stderr));
  List.iter
    (fun value ->
       let p = Ancient.mark value in
       Check.equal "marked" value (Ancient.follow p);
       Gc.compact ();
       Ancient.delete p)
    [ empty; defaults ]

(* In another process, whose static data lie elsewhere. *)
let read_static datafile =
  let fd = openfile datafile [ O_RDWR ] 0o644 in
  let md = Ancient.attach fd 0n in
  let get key = Ancient.follow (Ancient.get md key) in
  Check.equal "0" empty (get 0);
  Check.equal "1" defaults (get 1);
  Check.is_true "is in the file" (Ancient.is_ancient (get 1 : settings).names);
  Check.equal "2" [||] (get 2 : int array);
  Check.equal "3" [] (get 3 : int list);
  Check.equal "4" None (get 4 : int option);
  Check.equal "5" "static" (get 5);
  Check.equal "6" 3.25 (get 6);
  Check.equal "7" 7L (get 7);
  Gc.compact ();
  Ancient.detach md;
  Gc.compact ()

let tests () =
  Check.run
    [ ("a process makes the file anew with the same base",
       fun () -> Check.in_child made_anew);
      ("a cache in memory with forked workers", cache);
      ("values made of static data", fun () -> Check.in_child static_data);
      ("a program that shares shard after shard is read until Not_found", shards);
      ("the base address given for a new file is honoured", base_is_honoured);
      ("mark, follow and delete, with \"deleted\" afterwards", mark_and_follow);
      ("i_size is the bytes allocated", sizes);
      ("the dictionary example", dictionary);
      ( "the seed's signature is matched",
        fun () -> ignore (Sys.opaque_identity (module Seed : SEED)) ) ]

let () =
  match Sys.argv with
  | [| _; "--static"; datafile |] -> read_static datafile
  | _ -> tests ()
