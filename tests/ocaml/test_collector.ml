(* tests/ocaml: the collector meets ancient values, and pointers to deleted and detached ones. *)

let collect () =
  Gc.minor ();
  Gc.full_major ();
  Gc.compact ()

let table count =
  let table = Hashtbl.create count in
  for i = 1 to count do
    Hashtbl.replace table (string_of_int i) (i, float_of_int i)
  done;
  table

let alive () =
  Check.with_new_md (fun md ->
      let copy = Ancient.follow (Ancient.share md 0 (table 20000)) in
      let holders = Array.init 10000 (fun i -> ref (Hashtbl.find copy (string_of_int (i + 1)))) in
      for _ = 1 to 3 do
        collect ();
        Array.iteri
          (fun i holder -> Check.equal "value" (i + 1, float_of_int (i + 1)) !holder)
          holders
      done)

(* A generation of pointers of every kind that outlives what it points to. *)
let dangling_after_detach () =
  Check.with_path (fun path ->
      let md = Check.attach path in
      let copy = Ancient.follow (Ancient.share md 0 (table 20000)) in
      let young = Array.init 20000 (fun i -> Some (Hashtbl.find copy (string_of_int (i + 1)))) in
      let p = Ancient.get md 0 in
      Ancient.detach md;
      Check.is_true "not ancient any more" (not (Ancient.is_ancient copy));
      for _ = 1 to 3 do
        collect ();
        (* New data of the same sizes, so that freed memory is used again. *)
        ignore (Sys.opaque_identity (table 20000))
      done;
      ignore (Sys.opaque_identity (copy, young));
      Check.raises_invalid "follow names the file" "is detached" (fun () ->
          Ancient.follow (p : (string, int) Hashtbl.t Ancient.ancient)))

let dangling_after_delete () =
  let p = Ancient.mark (Array.init 20000 (fun i -> (i, string_of_int i))) in
  let values = Array.map (fun v -> Some v) (Ancient.follow p) in
  Ancient.delete p;
  for _ = 1 to 3 do
    collect ();
    ignore (Sys.opaque_identity (table 20000))
  done;
  ignore (Sys.opaque_identity values)

let attach_again () =
  Check.with_path (fun path ->
      let stale = ref [] in
      for round = 1 to 20 do
        let md = Check.attach path in
        let p = Ancient.share md 0 (table 500, round) in
        Check.equal_int "this round" round (snd (Ancient.follow p));
        stale := Ancient.follow p :: !stale;
        Ancient.detach md;
        collect ()
      done;
      ignore (Sys.opaque_identity !stale))

(* An array of bigarray views on the file, kept after the file has gone: they live in
   the heap, with finalizers. *)
let bigarray_views () =
  Check.with_path (fun path ->
      let md = Check.attach path in
      let big = Bigarray.(Array1.init float64 c_layout 10000 float_of_int) in
      let copy = Ancient.follow (Ancient.share md 0 big) in
      let views = Array.init 1000 (fun i -> Bigarray.Array1.sub copy i 9) in
      Array.iteri (fun i view -> Check.equal "view" (float_of_int i) view.{0}) views;
      Gc.full_major ();
      Ancient.detach md;
      ignore (Sys.opaque_identity views);
      collect ());
  collect ()

(* Allocation and collection while the copy is being made, in another thread. *)
let threads () =
  Check.with_new_md (fun md ->
      let stop = ref false in
      let churn () =
        while not !stop do
          ignore (Sys.opaque_identity (List.init 1000 string_of_int));
          Thread.yield ()
        done
      in
      let work key () =
        for i = 1 to 20 do
          let value = table 200 in
          let p = Ancient.share md key (i, value) in
          Check.equal "shared" (i, value) (Ancient.follow p)
        done
      in
      let churner = Thread.create churn () in
      let workers = List.init 4 (fun key -> Thread.create (work key) ()) in
      List.iter Thread.join workers;
      stop := true;
      Thread.join churner;
      Check.equal_int "no commit is lost" 81 (Ancient.generation md))

(* The proxies' values are not roots the collector can be hurt by. *)
let weak () =
  let w = Weak.create 1 in
  let p = Ancient.mark (ref 5) in
  Weak.set w 0 (Some (Ancient.follow p));
  collect ();
  Check.is_true "a weak pointer to an ancient value"
    (match Weak.get w 0 with Some r -> !r = 5 | None -> true);
  Ancient.delete p;
  Weak.set w 0 None

let () =
  Check.run
    [ ("collections and compactions leave ancient values alone", alive);
      ("pointers into a detached file do no harm", dangling_after_detach);
      ("pointers into deleted memory do no harm", dangling_after_delete);
      ("a file can be attached and detached again and again", attach_again);
      ("bigarray views outlive their file", bigarray_views);
      ("threads share while others allocate", threads);
      ("weak pointers may lead to ancient values", weak) ]
