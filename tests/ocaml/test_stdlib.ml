(* tests/ocaml: functions of the standard library that only read give the same result on an
   ancient value as on the original.

   [on make tests] shares a value and runs each test on the original, on the copy in a
   file and on the copy in memory: the results must be equal. *)

let on name make tests =
  ( name,
    fun () ->
      Check.with_new_md (fun md ->
          let original = make () in
          let in_file = Ancient.follow (Ancient.share md 0 original) in
          let proxy = Ancient.mark original in
          let in_memory = Ancient.follow proxy in
          List.iter
            (fun (what, f) ->
               let expected : string = f original in
               Check.equal_string (what ^ ", in a file") expected (f in_file);
               Check.equal_string (what ^ ", in memory") expected (f in_memory))
            tests;
          Check.is_true "unchanged" (compare original in_file = 0);
          Ancient.delete proxy) )

(* Results are compared as text, and by Marshal where there is no better one. *)
let show v = Digest.to_hex (Digest.string (Marshal.to_string v []))
let i = string_of_int
let b = string_of_bool
let ints l = String.concat " " (List.map string_of_int l)
let strings l = String.concat "|" l

let lists =
  let open List in
  on "List" (fun () -> init 200 (fun n -> (n * 7919) mod 211))
    [ ("length", fun l -> i (length l));
      ("compare_lengths", fun l -> i (compare_lengths l [ 1 ]));
      ("hd", fun l -> i (hd l));
      ("tl", fun l -> ints (tl l));
      ("nth", fun l -> i (nth l 100));
      ("rev", fun l -> ints (rev l));
      ("append", fun l -> ints (append l l));
      ("rev_append", fun l -> ints (rev_append l l));
      ("concat", fun l -> ints (concat [ l; l ]));
      ("iter", fun l -> let s = ref 0 in iter (fun x -> s := !s + x) l; i !s);
      ("iteri", fun l -> let s = ref 0 in iteri (fun k x -> s := !s + k * x) l; i !s);
      ("map", fun l -> ints (map succ l));
      ("mapi", fun l -> ints (mapi ( + ) l));
      ("rev_map", fun l -> ints (rev_map succ l));
      ("filter_map", fun l -> ints (filter_map (fun x -> if x > 9 then Some x else None) l));
      ("concat_map", fun l -> ints (concat_map (fun x -> [ x; x ]) l));
      ("fold_left", fun l -> i (fold_left ( - ) 0 l));
      ("fold_right", fun l -> i (fold_right ( - ) l 0));
      ("fold_left2", fun l -> i (fold_left2 (fun a x y -> a + (x * y)) 0 l l));
      ("for_all", fun l -> b (for_all (fun x -> x >= 0) l));
      ("exists", fun l -> b (exists (fun x -> x = 210) l));
      ("for_all2", fun l -> b (for_all2 ( = ) l l));
      ("mem", fun l -> b (mem 5 l));
      ("memq", fun l -> b (memq 5 l));
      ("find", fun l -> i (find (fun x -> x > 100) l));
      ("find_opt", fun l -> show (find_opt (fun x -> x > 1000) l));
      ("filter", fun l -> ints (filter (fun x -> x land 1 = 0) l));
      ("partition", fun l -> ints (fst (partition (fun x -> x land 1 = 0) l)));
      ("split, combine", fun l -> show (split (combine l l)));
      ("sort", fun l -> ints (sort Int.compare l));
      ("stable_sort", fun l -> ints (stable_sort Int.compare l));
      ("sort_uniq", fun l -> ints (sort_uniq Int.compare l));
      ("merge", fun l -> ints (merge Int.compare l l));
      ("to_seq", fun l -> ints (of_seq (to_seq l)));
      ("equal", fun l -> b (equal ( = ) l l));
      ("compare", fun l -> i (compare Int.compare l l)) ]

let assoc_lists =
  let open List in
  on "List, associations" (fun () -> init 50 (fun n -> (string_of_int n, n)))
    [ ("assoc", fun l -> i (assoc "7" l));
      ("assoc_opt", fun l -> show (assoc_opt "x" l));
      ("mem_assoc", fun l -> b (mem_assoc "49" l));
      ("remove_assoc", fun l -> show (remove_assoc "3" l));
      ("split", fun l -> strings (fst (split l))) ]

let arrays =
  let open Array in
  on "Array" (fun () -> init 200 (fun n -> string_of_int ((n * 7919) mod 211)))
    [ ("length", fun a -> i (length a));
      ("get", fun a -> get a 100);
      ("copy", fun a -> strings (to_list (copy a)));
      ("append", fun a -> strings (to_list (append a a)));
      ("concat", fun a -> strings (to_list (concat [ a; a ])));
      ("sub", fun a -> strings (to_list (sub a 10 20)));
      ("to_list", fun a -> strings (to_list a));
      ("blit from it", fun a ->
          let c = make 5 "" in blit a 3 c 0 5; strings (to_list c));
      ("iter", fun a -> let s = ref 0 in iter (fun x -> s := !s + String.length x) a; i !s);
      ("iteri", fun a -> let s = ref 0 in iteri (fun k _ -> s := !s + k) a; i !s);
      ("iter2", fun a -> let s = ref 0 in iter2 (fun x y -> if x = y then incr s) a a; i !s);
      ("map", fun a -> strings (to_list (map String.uppercase_ascii a)));
      ("mapi", fun a -> show (mapi (fun k x -> (k, x)) a));
      ("map2", fun a -> strings (to_list (map2 ( ^ ) a a)));
      ("fold_left", fun a -> fold_left ( ^ ) "" a);
      ("fold_right", fun a -> fold_right ( ^ ) a "");
      ("for_all", fun a -> b (for_all (fun x -> x <> "") a));
      ("exists", fun a -> b (exists (fun x -> x = "7") a));
      ("mem", fun a -> b (mem "7" a));
      ("memq", fun a -> b (memq a.(3) a));
      ("find_opt", fun a -> show (find_opt (fun x -> x = "7") a));
      ("to_seq", fun a -> strings (List.of_seq (to_seq a)));
      ("to_seqi", fun a -> show (List.of_seq (to_seqi a)));
      ("sort of a copy", fun a ->
          let c = copy a in sort Stdlib.compare c; strings (to_list c)) ]

let float_arrays =
  on "float array" (fun () -> Array.init 100 (fun n -> float_of_int n /. 7.))
    [ ("get", fun a -> string_of_float a.(50));
      ("fold_left", fun a -> string_of_float (Array.fold_left ( +. ) 0. a));
      ("map", fun a -> show (Array.map sqrt a));
      ("sub", fun a -> show (Array.sub a 3 7));
      ("append", fun a -> show (Array.append a a));
      ("to_list", fun a -> show (Array.to_list a));
      ("copy", fun a -> show (Array.copy a)) ]

let floatarrays =
  let open Float.Array in
  on "Float.Array" (fun () -> init 100 (fun n -> float_of_int n /. 7.))
    [ ("length", fun a -> i (length a));
      ("get", fun a -> string_of_float (get a 50));
      ("fold_left", fun a -> string_of_float (fold_left ( +. ) 0. a));
      ("to_list", fun a -> show (to_list a));
      ("map", fun a -> show (map sqrt a));
      ("mem_ieee", fun a -> b (mem_ieee 1. a));
      ("map_to_array", fun a -> show (map_to_array Fun.id a)) ]

let text =
  let open String in
  on "String" (fun () -> concat ", " (List.init 30 string_of_int))
    [ ("length", fun s -> i (length s));
      ("get", fun s -> make 1 s.[5]);
      ("sub", fun s -> sub s 5 10);
      ("concat", fun s -> concat s [ "a"; s ]);
      ("append", fun s -> s ^ s);
      ("cat of bytes", fun s -> Bytes.to_string (Bytes.cat (Bytes.of_string s) Bytes.empty));
      ("iter", fun s -> let n = ref 0 in iter (fun c -> n := !n + Char.code c) s; i !n);
      ("map", fun s -> map Char.uppercase_ascii s);
      ("trim", trim);
      ("escaped", escaped);
      ("index", fun s -> i (index s ','));
      ("rindex_opt", fun s -> show (rindex_opt s 'x'));
      ("contains", fun s -> b (contains s '9'));
      ("uppercase_ascii", uppercase_ascii);
      ("equal", fun s -> b (equal s (s ^ "")));
      ("compare", fun s -> i (compare s (s ^ "")));
      ("split_on_char", fun s -> strings (split_on_char ',' s));
      ("starts_with", fun s -> b (starts_with ~prefix:"0, 1" s));
      ("for_all", fun s -> b (for_all (fun c -> c <> 'x') s));
      ("fold_left", fun s -> i (fold_left (fun n c -> n + Char.code c) 0 s));
      ("to_seq", fun s -> of_seq (to_seq s));
      ("blit from it", fun s ->
          let c = Bytes.make 5 ' ' in blit s 3 c 0 5; Bytes.to_string c);
      ("get_int64_le", fun s -> Int64.to_string (get_int64_le s 3));
      ("Digest", fun s -> Digest.to_hex (Digest.string s));
      ("Hashtbl.hash", fun s -> i (Hashtbl.hash s));
      ("Printf", fun s -> Printf.sprintf "<%s|%S|%50s>" s s s);
      ("Format", fun s -> Format.asprintf "@[%s@]" s);
      ("Scanf", fun s -> Scanf.sscanf s "%d, %d" (fun x y -> i (x + y)));
      ("int_of_string", fun s -> i (int_of_string (sub s 0 1)));
      ("Buffer.add_string", fun s ->
          let out = Buffer.create 1 in
          Buffer.add_string out s; Buffer.add_substring out s 3 4;
          Buffer.contents out);
      ("Filename", fun s -> Filename.concat s (Filename.basename s));
      ("Stream of characters", fun s -> i (Seq.fold_left (fun n _ -> n + 1) 0 (to_seq s))) ]

let bytes =
  let open Bytes in
  on "Bytes, reads" (fun () -> init 100 (fun n -> Char.chr (n * 37 land 255)))
    [ ("length", fun s -> i (length s));
      ("get", fun s -> String.make 1 (get s 7));
      ("to_string", to_string);
      ("sub_string", fun s -> sub_string s 5 6);
      ("sub", fun s -> to_string (sub s 5 6));
      ("copy", fun s -> to_string (copy s));
      ("extend", fun s -> String.sub (to_string (extend s 0 5)) 0 100);
      ("cat", fun s -> to_string (cat s s));
      ("index", fun s -> i (index s (get s 50)));
      ("map", fun s -> to_string (map Char.uppercase_ascii s));
      ("get_int32_be", fun s -> Int32.to_string (get_int32_be s 11));
      ("get_uint16_le", fun s -> i (get_uint16_le s 11));
      ("equal", fun s -> b (equal s (copy s)));
      ("Digest.bytes", fun s -> Digest.to_hex (Digest.bytes s)) ]

let contents_of_table t =
  List.sort compare (Hashtbl.fold (fun k v l -> (k, v) :: l) t [])

let tables =
  let open Hashtbl in
  let make () =
    let t = create 16 in
    for n = 0 to 499 do
      add t (string_of_int (n mod 400)) n
    done;
    t
  in
  on "Hashtbl" make
    [ ("find", fun t -> i (find t "17"));
      ("find_opt", fun t -> show (find_opt t "no"));
      ("find_all", fun t -> ints (find_all t "17"));
      ("mem", fun t -> b (mem t "399") ^ b (mem t "400"));
      ("length", fun t -> i (length t));
      ("iter", fun t -> let s = ref 0 in iter (fun _ n -> s := !s + n) t; i !s);
      ("iter that raises", fun t ->
          match iter (fun k _ -> if k = "9" then raise Exit) t with
          | () -> "ended" | exception Exit -> "raised");
      ("iter within iter", fun t ->
          let n = ref 0 in
          iter (fun _ _ -> if !n < 3 then iter (fun _ _ -> incr n) t) t; i !n);
      ("fold", fun t -> show (contents_of_table t));
      ("copy", fun t ->
          let c = copy t in replace c "new" 1; remove c "3"; i (length c));
      ("stats", fun t -> show (stats t));
      ("to_seq", fun t -> show (List.sort compare (List.of_seq (to_seq t))));
      ("to_seq_keys", fun t -> show (List.sort compare (List.of_seq (to_seq_keys t))));
      ("to_seq_values", fun t -> show (List.sort compare (List.of_seq (to_seq_values t))));
      ("rebuild", fun t -> show (contents_of_table (rebuild t)));
      ("hash", fun t -> i (hash t)) ]

let random_tables =
  let open Hashtbl in
  let make () =
    let t = create ~random:true 16 in
    List.iter (fun n -> replace t (n, string_of_int n) n) (List.init 100 Fun.id);
    t
  in
  on "Hashtbl, randomized" make
    [ ("find", fun t -> i (find t (17, "17")));
      ("fold", fun t -> show (contents_of_table t)) ]

module Int_table = Hashtbl.Make (struct
    include Int
    let hash = Hashtbl.hash
  end)

let functorial_tables =
  let make () =
    let t = Int_table.create 7 in
    List.iter (fun n -> Int_table.replace t n (string_of_int n)) (List.init 100 Fun.id);
    t
  in
  on "Hashtbl.Make" make
    [ ("find", fun t -> Int_table.find t 17);
      ("mem", fun t -> b (Int_table.mem t 100));
      ("fold", fun t -> i (Int_table.fold (fun k s n -> n + k + String.length s) t 0)) ]

module String_map = Map.Make (String)

let maps =
  let open String_map in
  let make () = of_seq (Seq.map (fun n -> (string_of_int n, n)) (List.to_seq (List.init 300 Fun.id))) in
  on "Map" make
    [ ("find", fun m -> i (find "17" m));
      ("find_opt", fun m -> show (find_opt "no" m));
      ("find_first", fun m -> fst (find_first (fun k -> k > "2") m));
      ("find_last", fun m -> fst (find_last (fun k -> k < "2") m));
      ("mem", fun m -> b (mem "299" m));
      ("cardinal", fun m -> i (cardinal m));
      ("is_empty", fun m -> b (is_empty m));
      ("bindings", fun m -> show (bindings m));
      ("min_binding", fun m -> fst (min_binding m));
      ("max_binding", fun m -> fst (max_binding m));
      ("choose", fun m -> fst (choose m));
      ("add", fun m -> show (bindings (add "new" 1 m)));
      ("add what is there", fun m -> b (add "17" 17 m == m));
      ("remove", fun m -> i (cardinal (remove "17" m)));
      ("update", fun m -> i (find "17" (update "17" (Option.map succ) m)));
      ("union", fun m -> i (cardinal (union (fun _ x _ -> Some x) m m)));
      ("merge", fun m -> i (cardinal (merge (fun _ x _ -> x) m m)));
      ("filter", fun m -> i (cardinal (filter (fun _ n -> n > 100) m)));
      ("partition", fun m -> i (cardinal (fst (partition (fun _ n -> n > 100) m))));
      ("split", fun m -> let l, _, r = split "17" m in i (cardinal l - cardinal r));
      ("map", fun m -> show (bindings (map succ m)));
      ("mapi", fun m -> show (bindings (mapi (fun k n -> (k, n)) m)));
      ("iter", fun m -> let s = ref 0 in iter (fun _ n -> s := !s + n) m; i !s);
      ("fold", fun m -> i (fold (fun _ n s -> n + s) m 0));
      ("for_all", fun m -> b (for_all (fun _ n -> n < 300) m));
      ("exists", fun m -> b (exists (fun _ n -> n = 300) m));
      ("equal", fun m -> b (equal ( = ) m (map Fun.id m)));
      ("compare", fun m -> i (compare Int.compare m (map succ m)));
      ("to_seq", fun m -> show (List.of_seq (to_seq m)));
      ("to_rev_seq", fun m -> show (List.of_seq (to_rev_seq m)));
      ("to_seq_from", fun m -> show (List.of_seq (to_seq_from "2" m))) ]

module Int_set = Set.Make (Int)

let sets =
  let open Int_set in
  let list s = ints (elements s) in
  on "Set" (fun () -> of_list (List.init 300 (fun n -> n * 7919 mod 1009)))
    [ ("mem", fun s -> b (mem 5 s));
      ("cardinal", fun s -> i (cardinal s));
      ("elements", list);
      ("min_elt", fun s -> i (min_elt s));
      ("max_elt", fun s -> i (max_elt s));
      ("add", fun s -> list (add (-5) s));
      ("remove", fun s -> list (remove 0 s));
      ("union", fun s -> list (union s (map (fun n -> n + 1) s)));
      ("inter", fun s -> list (inter s (map (fun n -> n + 1) s)));
      ("diff", fun s -> list (diff s (map (fun n -> n + 1) s)));
      ("subset", fun s -> b (subset s (add 5 s)));
      ("equal", fun s -> b (equal s (of_list (elements s))));
      ("compare", fun s -> i (compare s (remove 0 s)));
      ("iter", fun s -> let n = ref 0 in iter (fun x -> n := !n + x) s; i !n);
      ("fold", fun s -> i (fold ( + ) s 0));
      ("filter", fun s -> list (filter (fun n -> n > 500) s));
      ("split", fun s -> let l, _, _ = split 500 s in list l);
      ("find_first", fun s -> i (find_first (fun n -> n > 500) s));
      ("to_seq", fun s -> ints (List.of_seq (to_seq s))) ]

let stacks =
  let make () = Stack.of_seq (List.to_seq (List.init 50 Fun.id)) in
  on "Stack" make
    [ ("iter", fun s -> let n = ref 0 in Stack.iter (fun x -> n := (!n * 3) + x) s; i !n);
      ("fold", fun s -> i (Stack.fold ( - ) 0 s));
      ("top", fun s -> i (Stack.top s));
      ("length", fun s -> i (Stack.length s));
      ("is_empty", fun s -> b (Stack.is_empty s));
      ("to_seq", fun s -> ints (List.of_seq (Stack.to_seq s)));
      ("copy", fun s -> let c = Stack.copy s in Stack.push 7 c; i (Stack.length c)) ]

let queues =
  let make () = Queue.of_seq (List.to_seq (List.init 50 Fun.id)) in
  on "Queue" make
    [ ("iter", fun q -> let n = ref 0 in Queue.iter (fun x -> n := (!n * 3) + x) q; i !n);
      ("fold", fun q -> i (Queue.fold ( - ) 0 q));
      ("peek", fun q -> i (Queue.peek q));
      ("length", fun q -> i (Queue.length q));
      ("to_seq", fun q -> ints (List.of_seq (Queue.to_seq q)));
      ("copy", fun q -> let c = Queue.copy q in Queue.push 7 c; i (Queue.length c)) ]

let buffers =
  let make () = let out = Buffer.create 8 in Buffer.add_string out "some text here"; out in
  on "Buffer, reads" make
    [ ("contents", Buffer.contents);
      ("sub", fun o -> Buffer.sub o 5 4);
      ("nth", fun o -> String.make 1 (Buffer.nth o 3));
      ("length", fun o -> i (Buffer.length o));
      ("to_bytes", fun o -> Bytes.to_string (Buffer.to_bytes o));
      ("to_seq", fun o -> String.of_seq (Buffer.to_seq o));
      ("add_buffer", fun o ->
          let out = Buffer.create 1 in Buffer.add_buffer out o; Buffer.contents out) ]

let forced x =
  let l = Lazy.from_fun (fun () -> Sys.opaque_identity x) in
  ignore (Lazy.force l);
  l

let lazies =
  let make () = (Array.init 10 (fun n -> forced (float_of_int n)), forced "text", forced (forced 1.5)) in
  on "Lazy, forced" make
    [ ("force", fun (_, l, _) -> Lazy.force l);
      ("force of floats", fun (a, _, _) -> show (Array.map Lazy.force a));
      ("force of a lazy", fun (_, _, l) -> string_of_float (Lazy.force (Lazy.force l)));
      ("is_val", fun (a, l, _) -> b (Lazy.is_val l && Lazy.is_val a.(3)));
      ("map over them", fun (a, _, _) ->
          (* An array of lazies must not turn into an array of floats. *)
          let copy = Array.map Fun.id a in
          string_of_float (Lazy.force copy.(7)) ^ i (Obj.tag (Obj.repr copy)));
      ("Array.of_list", fun (a, _, _) ->
          let copy = Array.of_list (Array.to_list a) in
          string_of_float (Lazy.force copy.(7)));
      ("in a pattern", fun (_, l, _) -> match l with lazy s -> s) ]

let numbers =
  let make () = (7l, -7L, 77n, 1.25, Int64.max_int) in
  on "Int32, Int64, Nativeint, Float" make
    [ ("arithmetic", fun (a, l, n, f, m) ->
          Printf.sprintf "%ld %Ld %nd %h %Lx" (Int32.succ a) (Int64.mul l l)
            (Nativeint.neg n) (f *. 2.) m);
      ("compare", fun (a, l, n, f, _) ->
          ints [ compare a 7l; compare l 0L; compare n 77n; compare f 2. ]);
      ("equal", fun (a, l, _, _, _) -> b (a = 7l && Int64.equal l (-7L)));
      ("hash", fun (a, l, n, f, _) ->
          ints [ Hashtbl.hash a; Hashtbl.hash l; Hashtbl.hash n; Hashtbl.hash f ]);
      ("Marshal", fun v -> show (Marshal.from_string (Marshal.to_string v []) 0 : int32 * int64 * nativeint * float * int64)) ]

let bigarrays =
  let open Bigarray in
  let make () =
    (Array1.init float64 c_layout 100 (fun n -> float_of_int n /. 3.),
     Array2.init int32 fortran_layout 5 7 (fun r c -> Int32.of_int ((r * 100) + c)))
  in
  on "Bigarray" make
    [ ("get", fun (v, m) -> string_of_float v.{50} ^ Int32.to_string m.{2, 3});
      ("dim", fun (v, m) -> ints [ Array1.dim v; Array2.dim1 m; Array2.dim2 m ]);
      ("sub", fun (v, _) -> show (Array1.sub v 10 5).{2});
      ("slice", fun (_, m) -> show (Array2.slice_right m 3));
      ("reshape", fun (_, m) -> show (reshape_1 (genarray_of_array2 m) 35).{7});
      ("blit from it", fun (v, _) ->
          let c = Array1.create float64 c_layout 100 in Array1.blit v c; show c.{99});
      ("fill of a copy", fun (v, _) ->
          let c = Array1.create float64 c_layout 100 in
          Array1.blit v c; Array1.fill c 0.; show v.{99});
      ("compare", fun (v, m) -> ints [ compare v v; compare m m ]);
      ("hash", fun (v, m) -> ints [ Hashtbl.hash v; Hashtbl.hash m ]);
      ("size_in_bytes", fun (v, _) -> i (Array1.size_in_bytes v));
      ("Marshal", show) ]

type record = { name : string; mutable hits : int; tags : string list; at : float }

let polymorphic =
  let make () =
    Array.init 50 (fun n ->
        { name = string_of_int n; hits = n; tags = [ "a"; string_of_int n ]; at = float_of_int n })
  in
  on "polymorphic primitives" make
    [ ("=", fun a -> b (a = Array.copy a));
      ("<>", fun a -> b (a.(0) <> a.(1)));
      ("compare", fun a -> ints [ compare a.(0) a.(1); compare a.(3) a.(2) ]);
      ("min, max", fun a -> (min a.(5) a.(6)).name ^ (max a.(5) a.(6)).name);
      ("Hashtbl.hash", fun a -> ints (Array.to_list (Array.map Hashtbl.hash a)));
      ("Hashtbl.hash_param", fun a -> i (Hashtbl.hash_param 100 1000 a));
      ("Hashtbl.seeded_hash", fun a -> i (Hashtbl.seeded_hash 7 a));
      ("as keys of a table", fun a ->
          let t = Hashtbl.create 10 in
          Array.iteri (fun n r -> Hashtbl.replace t r n) a;
          i (Hashtbl.find t { (a.(9)) with hits = 9 }));
      ("Marshal.to_string", fun a -> Marshal.to_string a []);
      ("Marshal.to_string, no sharing", fun a -> Marshal.to_string a [ Marshal.No_sharing ]);
      ("Marshal and back", fun a -> b ((Marshal.from_bytes (Marshal.to_bytes a []) 0 : record array) = a));
      ("Obj.reachable_words", fun a -> b (Obj.reachable_words (Obj.repr (Array.copy a)) > 0));
      ("Obj.dup", fun a -> (Obj.obj (Obj.dup (Obj.repr a.(7))) : record).name);
      ("with", fun a -> { (a.(7)) with hits = 0 }.name);
      ("Option, Result, Seq", fun a ->
          i (Seq.fold_left (fun n r -> n + r.hits) 0 (Array.to_seq a))
          ^ Option.value ~default:"" (Option.map (fun r -> r.name) (Some a.(3)))) ]

(* What a channel writes and Marshal reads back. *)
let channels () =
  Check.with_new_md (fun md ->
      let value = List.init 1000 (fun n -> (string_of_int n, float_of_int n)) in
      let copy = Ancient.follow (Ancient.share md 0 value) in
      Check.with_path (fun path ->
          let out = open_out_bin path in
          Marshal.to_channel out copy [];
          output_value out copy;
          output_string out (fst (List.nth copy 999));
          close_out out;
          let ic = open_in_bin path in
          Check.equal "Marshal" value (Marshal.from_channel ic);
          Check.equal "input_value" value (input_value ic);
          Check.equal_string "output_string" "999" (input_line ic);
          close_in ic))

let () =
  Check.run
    [ lists; assoc_lists; arrays; float_arrays; floatarrays; text; bytes; tables;
      random_tables; functorial_tables; maps; sets; stacks; queues; buffers;
      lazies; numbers; bigarrays; polymorphic;
      ("channels", channels) ]
