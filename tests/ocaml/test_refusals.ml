(* tests/ocaml: what cannot be shared is refused with its kind and place, and the file is, byte
   for byte, as it was; forced lazies, which can. *)

type extensible = ..
type extensible += Plain | Carrying of int

class counter =
  object
    val mutable n = 0
    method next = n <- n + 1; n
  end

module type PRINTER = sig
  val print : int -> string
end

module Strings = Weak.Make (struct
    type t = string
    let equal = String.equal
    let hash = Hashtbl.hash
  end)

let captured = Array.make 3 (Sys.opaque_identity 0)
let rec even n = n = 0 || odd n
and odd n = n > 0 && even (n - 1)

let weak () =
  let w = Weak.create 2 in
  Weak.set w 0 (Some (ref 1));
  w

let being_forced () =
  let result = ref "" in
  let rec l =
    lazy
      (result :=
         (match Ancient.mark (1, l) with
          | _ -> "nothing"
          | exception Invalid_argument text -> text))
  in
  Lazy.force l;
  !result

(* kind, place, value *)
let refused =
  let r = Obj.repr in
  let f = "functional value" and abstract = "abstract value" in
  let custom id = Printf.sprintf "custom value %S that is not registered" id in
  let exception_ = "exception or extensible variant" in
  [ (f, "", r (fun x -> x + captured.(0)));
    (f, "", r String.length);
    (f, "", r odd);
    (f, "", r (List.map succ));
    (f, "", r compare);
    (f, ".(0)", r (module struct let print = string_of_int end : PRINTER));
    (f, ".(1).(0)", r ("text", Some even));
    (f, ".(2)", r [| 1; 2; Obj.magic succ |]);
    ("object", "", r (new counter));
    ("object", ".(1).(0)", r [ 1; Obj.magic (object method m = captured end) ]);
    (exception_, "", r Not_found);
    (exception_, "", r Exit);
    (exception_, ".(0)", r (Failure "text"));
    (exception_, ".(0)", r (Unix.Unix_error (Unix.ENOENT, "open", "file")));
    (exception_, ".(1).(0)", r (1, Error Stack_overflow));
    (exception_, "", r Plain);
    (exception_, ".(0)", r (Carrying 5));
    ("unforced lazy value", "", r (lazy (captured.(0) + 1)));
    ("unforced lazy value", ".(0)", r [ lazy (captured.(0) + 1) ]);
    (abstract, "", r (weak ()));
    (abstract, ".(1)", r (0, Obj.Ephemeron.create 1));
    (abstract, ".(0)", r (Some (Unix.opendir "/")));
    (custom "_chan", "", r stdout);
    (custom "_chan", ".(0).(1)", r ((0, stdin), 1));
    (custom "_mutex", ".(0)", r [| Mutex.create () |]);
    (custom "_condition", ".(1)", r (0, Condition.create ()));
    (abstract, "", r (Ancient.mark 1));
    (abstract, ".(0)", r [ Ancient.mark "x" ]) ]

(* Where versions differ only in the place, or in how they say it. *)
let refused_somewhere =
  let r = Obj.repr in
  [ ("a thread", r (Thread.self ()));
    ("a formatter", r Format.std_formatter);
    ("a table of weak pointers", r (Strings.create 1));
    ("a sequence", r (List.to_seq [ 1; 2 ]));
    ("a stream of characters", r Scanf.Scanning.stdin) ]

let name_of kind place = Printf.sprintf "%s at root%s" kind place

let marked () =
  List.iter
    (fun (kind, place, value) ->
       Check.raises (name_of kind place)
         (function
           | Invalid_argument text ->
             Check.equal_string "message" ("Ancient.mark: " ^ name_of kind place) text;
             true
           | _ -> false)
         (fun () -> Ancient.mark value))
    refused

(* [attempt md] raises Invalid_argument; then the file is the same, to the last byte. *)
let leaves_no_trace path md what attempt =
  let before = Check.read_bytes path in
  Check.raises what (function Invalid_argument _ -> true | _ -> false) (fun () -> attempt md);
  if not (String.equal before (Check.read_bytes path)) then
    Check.failf "%s: the file changed" what;
  Check.equal_int what 2 (Ancient.generation md)

let large = Array.init 20000 string_of_int

let shared order () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          ignore (Ancient.share md 0 "before");
          let refuse what value =
            leaves_no_trace path md what (fun md ->
                ignore (Ancient.share_with ~order md 0 value));
            leaves_no_trace path md (what ^ " after much else") (fun md ->
                ignore (Ancient.share_with ~order ~name:"name" md 7 (large, value)));
            leaves_no_trace path md (what ^ " with others") (fun md ->
                ignore
                  (Ancient.share_many ~order md
                     [ Ancient.bind 1 "good"; Ancient.bind 2 value; Ancient.bind 3 large ]))
          in
          List.iter
            (fun (kind, place, value) ->
               let what = name_of kind place in
               refuse what value;
               Check.raises_invalid what ("Ancient.share: " ^ what) (fun () ->
                   Ancient.share_with ~order md 0 value))
            refused;
          List.iter (fun (what, value) -> refuse what value) refused_somewhere;
          Check.equal_string "what was there" "before" (Ancient.follow (Ancient.get md 0));
          ignore (Ancient.share md 1 "after");
          Ancient.verify md))

let through_publish () =
  Check.with_path (fun path ->
      Ancient.publish path "before";
      let before = Check.read_bytes path in
      Check.raises_invalid "refused" "exception" (fun () -> Ancient.publish path [ Exit ]);
      Check.equal_string "the file" before (Check.read_bytes path))

let forcing () =
  let text = being_forced () in
  if not (Check.contains text "lazy value" && Check.contains text " at root.(1)") then
    Check.failf "says %S" text

(* The place is that of the first in the order of fields, however the value is copied. *)
let first_of_several () =
  let f = captured and g = fun x -> x + captured.(0) in
  List.iter
    (fun order ->
       Check.raises_invalid "the first" "at root.(1).(0)" (fun () ->
           Ancient.mark_with ~order (f, (g, 1), g)))
    [ Ancient.Depth_first; Ancient.Breadth_first; Ancient.Elements_first ]

let shared_parts () =
  let bad = [| (fun () -> captured) |] in
  Check.raises_invalid "by the shorter way" "functional value at root.(0).(0)"
    (fun () -> Ancient.mark (bad, bad, [ bad ]))

(* ---- Forced lazies ---- *)

let forced f =
  let l = Lazy.from_fun f in
  ignore (Lazy.force l);
  l

let floats n = Array.init n (fun i -> forced (fun () -> Sys.opaque_identity (float_of_int i)))

(* Copies of lazies are put into new arrays: were the lazy of a float a float there, the
   array would be flat and half of it nonsense. *)
let use lazies =
  Gc.full_major ();
  let n = Array.length lazies in
  let check what (a : float Lazy.t array) =
    Gc.full_major ();
    Array.iteri
      (fun i l -> Check.equal what (float_of_int i) (Lazy.force l))
      a
  in
  check "in place" lazies;
  check "Array.map" (Array.map Fun.id lazies);
  check "Array.init" (Array.init n (fun i -> lazies.(i)));
  check "Array.of_list" (Array.of_list (Array.to_list lazies));
  check "Array.append" (Array.append lazies [||]);
  check "Array.sub" (Array.sub lazies 0 n);
  check "Array.make"
    (let a = Array.make n lazies.(0) in
     Array.blit lazies 0 a 0 n;
     a);
  let sums = Array.map (fun l -> Lazy.force l +. 1.) lazies in
  Array.iteri (fun i x -> Check.equal "Array.map force" (float_of_int (i + 1)) x) sums;
  Array.iter (fun l -> Check.is_true "is_val" (Lazy.is_val l)) lazies

let lazies_of_floats () =
  List.iter
    (fun collected ->
       let lazies = floats 500 in
       if collected then Gc.full_major ();
       let p = Ancient.mark lazies in
       use (Ancient.follow p);
       Check.with_path (fun path ->
           Check.with_md path (fun md -> use (Ancient.follow (Ancient.share md 0 lazies)));
           Check.in_child (fun () ->
               Check.with_md path (fun md ->
                   Ancient.verify md;
                   use (Ancient.follow (Ancient.get md 0));
                   (* And what was shared can be shared again. *)
                   Check.with_new_md (fun other ->
                       use (Ancient.follow (Ancient.share other 0 (Ancient.follow (Ancient.get md 0))))))));
       Ancient.delete p)
    [ false; true ]

let lazies_of_lazies () =
  let inner = forced (fun () -> Sys.opaque_identity 2.5) in
  let outer = forced (fun () -> Sys.opaque_identity inner) in
  let unforced_inside = forced (fun () -> Sys.opaque_identity (lazy (captured.(0) + 1))) in
  let p = Ancient.mark [ outer ] in
  let copy = List.hd (Ancient.follow p) in
  Gc.full_major ();
  Check.equal "twice" 2.5 (Lazy.force (Lazy.force copy));
  Check.raises_invalid "an unforced one inside" "unforced lazy value at root.(0)"
    (fun () -> Ancient.mark [ unforced_inside ]);
  Ancient.delete p

(* Those of blocks are what the collector makes of them: the block. *)
let lazies_of_blocks () =
  let l = forced (fun () -> Sys.opaque_identity [ "a"; "b" ]) in
  let n = forced (fun () -> Sys.opaque_identity 5) in
  let p, info = Ancient.mark_info (l, n) in
  Check.equal_int "no Forward block" (8 * (3 + 3 + 2 + 3 + 2)) info.i_size;
  let l, n = Ancient.follow p in
  Check.equal "forced" [ "a"; "b" ] (Lazy.force l);
  Check.equal_int "forced" 5 (Lazy.force n);
  Ancient.delete p

let () =
  Check.run
    [ ("each kind is refused by mark, with its place", marked);
      ("a refusal leaves the file as it was, depth first", shared Ancient.Depth_first);
      ("a refusal leaves the file as it was, breadth first", shared Ancient.Breadth_first);
      ("a refused publish leaves the file as it was", through_publish);
      ("a lazy value that is being forced is refused", forcing);
      ("the place is that of the first", first_of_several);
      ("the place of a shared part is where it was met first", shared_parts);
      ("lazies of floats make sound arrays", lazies_of_floats);
      ("lazies of lazies are kept", lazies_of_lazies);
      ("lazies of blocks are the blocks", lazies_of_blocks) ]
