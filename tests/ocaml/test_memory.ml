(* tests/ocaml: mark, delete, is_ancient, address_of. *)

let deleted_proxies () =
  let p = Ancient.mark [ 1; 2; 3 ] in
  Ancient.delete p;
  let deleted = function Invalid_argument "deleted" -> true | _ -> false in
  Check.raises "follow" deleted (fun () -> ignore (Ancient.follow p));
  Check.raises "delete" deleted (fun () -> Ancient.delete p)

let shared_cannot_be_deleted () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          let p = Ancient.share md 0 "x" in
          Check.raises_invalid "the message names the file" path (fun () ->
              Ancient.delete p);
          Check.equal_string "still there" "x" (Ancient.follow p)))

let which_are_ancient () =
  let v = [ "a"; "b" ] in
  let p = Ancient.mark v in
  let copy = Ancient.follow p in
  Check.is_true "the copy" (Ancient.is_ancient copy);
  Check.is_true "a part of it" (Ancient.is_ancient (List.nth copy 1));
  Check.is_true "not the original" (not (Ancient.is_ancient v));
  Check.is_true "not an integer" (not (Ancient.is_ancient 7));
  Check.is_true "not a fresh block"
    (not (Ancient.is_ancient (Sys.opaque_identity (ref 0))));
  Check.is_true "not the proxy" (not (Ancient.is_ancient p));
  Ancient.delete p;
  let empty = Ancient.mark [||] in
  Check.is_true "an empty block" (Ancient.is_ancient (Ancient.follow empty));
  Check.equal_int "without fields" 0 (Array.length (Ancient.follow empty));
  Ancient.delete empty

let addresses () =
  Check.equal "no block" 0n (Ancient.address_of 7);
  let p = Ancient.mark (1, 2) in
  let copy = Ancient.follow p in
  let address = Ancient.address_of copy in
  Check.is_true "a block" (address <> 0n);
  Gc.compact ();
  Check.equal "it does not move" address (Ancient.address_of copy);
  Check.equal "a multiple of 8" 0n (Nativeint.rem address 8n);
  Ancient.delete p

let original_is_unchanged () =
  let v = Array.init 1000 (fun i -> (string_of_int i, [ float_of_int i ])) in
  let before = Marshal.to_string v [] in
  let p = Ancient.mark v in
  Check.equal_string "the same bytes" before (Marshal.to_string v []);
  v.(0) <- ("changed", []);
  Check.equal_string "the copy is a copy" "0" (fst (Ancient.follow p).(0));
  Ancient.delete p

let many_marks () =
  let proxies = Array.init 3000 (fun i -> Ancient.mark (i, string_of_int i)) in
  Array.iteri
    (fun i p ->
       let n, text = Ancient.follow p in
       Check.equal_int "number" i n;
       Check.equal_string "text" (string_of_int i) text)
    proxies;
  (* From the middle outwards, so that the ranges are taken off in any order. *)
  Array.iteri (fun i p -> if i mod 3 = 1 then Ancient.delete p) proxies;
  Array.iteri
    (fun i p ->
       if i mod 3 <> 1 then begin
         Check.is_true "the others stay" (Ancient.is_ancient (Ancient.follow p));
         Ancient.delete p
       end)
    proxies

let refused what part v =
  Check.raises_invalid (what ^ " marked") ("Ancient.mark: " ^ part) (fun () ->
      Ancient.mark v);
  Check.with_new_md (fun md ->
      Check.raises_invalid (what ^ " shared") ("Ancient.share: " ^ part)
        (fun () -> Ancient.share md 0 v);
      Check.raises "nothing is published" (fun e -> e = Not_found) (fun () ->
          Ancient.get md 0);
      Check.equal_int "and the file goes on" 5
        (Ancient.follow (Ancient.share md 0 5)))

let refusals () =
  let v = [| 0; 0; 0 |] in
  refused "a closure" "functional value at root.(3).(0)"
    (1, 2, 3, ((fun x -> x + v.(0)), 5));
  refused "a closure at the root" "functional value at root" (fun () -> v);
  refused "an object" "object at root.(1)" (0, object method m = v end);
  refused "an unforced lazy" "unforced lazy value at root.(1)"
    (0, lazy (Array.length v));
  refused "a channel" "custom value \"_chan\"" (0, 1, stdout);
  refused "an exception's identity" "" [ Not_found ];
  refused "a proxy" "" (Ancient.mark 1)

let the_original_survives_a_refusal () =
  let good = Array.init 1000 string_of_int in
  let v = (good, good, fun () -> good) in
  Check.raises_invalid "refused" "functional" (fun () -> Ancient.mark v);
  Gc.full_major ();
  let a, b, f = v in
  Check.is_true "sharing" (a == b && f () == a);
  Check.equal_string "contents" "999" a.(999)

(* A pointer into memory that was deleted is no value any more: it leads to an empty abstract
   block.  OCaml 4 knows which pages hold values, and those of a large copy do not any more; 4.14 may
   be configured without naked pointers, and then does not know. *)
let stale_pointers () =
  let refuses kinds = function
    | Invalid_argument text ->
      List.exists (fun kind -> Check.contains text ("Ancient.mark: " ^ kind)) kinds
    | _ -> false
  in
  let check kinds v =
    let p = Ancient.mark v in
    let stale = Ancient.follow p in
    Ancient.delete p;
    Check.is_true "not ancient any more" (not (Ancient.is_ancient stale));
    Check.raises "marked" (refuses kinds) (fun () -> Ancient.mark ("around", stale))
  in
  check [ "abstract value at root.(1)" ] [ "gone" ];
  check
    (if Sys.ocaml_version < "4.14" then [ "naked pointer" ]
     else if Sys.ocaml_version < "5" then [ "naked pointer"; "abstract" ]
     else [ "abstract" ])
    [ String.make 100_000 'x' ]

(* What is deleted lies between what lives on. *)
let neighbours_of_the_deleted () =
  let proxies = Array.init 1000 (fun i -> Ancient.mark [ i; i + 1 ]) in
  let values = Array.map Ancient.follow proxies in
  let kept i = i mod 7 = 3 in
  Array.iteri (fun i p -> if not (kept i) then Ancient.delete p) proxies;
  Gc.compact ();
  Array.iteri
    (fun i v ->
       Check.is_true "ancient where it lives" (Ancient.is_ancient v = kept i);
       if kept i then Check.equal "its value" [ i; i + 1 ] (Ancient.follow proxies.(i)))
    values;
  Array.iteri (fun i p -> if kept i then Ancient.delete p) proxies

(* A kept proxy holds no address of what was deleted. *)
let proxies_of_the_deleted () =
  let p = Ancient.mark (ref 1) in
  Ancient.delete p;
  let fields = List.init (Obj.size (Obj.repr p)) (Obj.field (Obj.repr p)) in
  Check.is_true "integers alone" (List.for_all Obj.is_int fields);
  let immediate = Ancient.mark 7 in
  Check.equal_int "an immediate" 7 (Ancient.follow immediate);
  Ancient.delete immediate;
  let deleted = function Invalid_argument "deleted" -> true | _ -> false in
  Check.raises "follow" deleted (fun () -> ignore (Ancient.follow immediate));
  Check.raises "delete" deleted (fun () -> Ancient.delete immediate);
  (* The copy of a forced lazy may be an immediate. *)
  let forced = lazy (Sys.opaque_identity 8) in
  ignore (Lazy.force forced);
  let p = Ancient.mark forced in
  Check.equal_int "forced" 8 (Lazy.force (Ancient.follow p));
  Ancient.delete p;
  Check.raises "follow" deleted (fun () -> ignore (Ancient.follow p))

let custom_registration () =
  let bad id () = Ancient.register_custom id in
  Check.raises_invalid "empty" "register_custom" (bad "");
  Check.raises_invalid "long" "register_custom" (bad (String.make 56 'x'));
  Check.raises_invalid "zero byte" "register_custom" (bad "a\000b");
  Ancient.register_custom "org.example.plain";
  Ancient.register_custom "org.example.plain"

let () =
  Check.run
    [ ("a deleted proxy says so", deleted_proxies);
      ("a shared value cannot be deleted", shared_cannot_be_deleted);
      ("is_ancient tells them apart", which_are_ancient);
      ("address_of is stable", addresses);
      ("mark leaves the original alone", original_is_unchanged);
      ("thousands of marked values come and go", many_marks);
      ("what cannot be shared is refused with its place", refusals);
      ("a refusal leaves the original as it was", the_original_survives_a_refusal);
      ("stale pointers are refused", stale_pointers);
      ("values live on between deleted ones", neighbours_of_the_deleted);
      ("proxies of what was deleted hold no address", proxies_of_the_deleted);
      ("register_custom checks identifiers", custom_registration) ]
