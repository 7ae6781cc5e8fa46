(* tests/ocaml: domains (OCaml 5 only).

   While several domains run, core records copied blocks in a side table and writes to no header of
   the source, so other domains may read, follow and collect during a copy.  (With a single domain
   it marks headers: test_marks.ml.) *)

open Ancient

let run_domains n f = List.iter Domain.join (List.init n (fun i -> Domain.spawn (fun () -> f i)))

(* Until [stop], reads the newest value under [key] and checks that it is whole. *)
let watch md key stop =
  let seen = ref 0 in
  while not (Atomic.get stop) do
    let a : (int * string) array = follow (get md key) in
    let n, _ = a.(0) in
    Array.iter
      (fun (m, text) ->
         Check.equal_int "whole" n m;
         Check.equal_string "text" (string_of_int n) text)
      a;
    Check.is_true "ancient" (is_ancient a);
    Check.is_true "never back" (n >= !seen);
    seen := n
  done

let table n = Array.init 500 (fun _ -> (n, string_of_int n))

let readers_and_a_writer () =
  Check.with_new_md (fun md ->
      ignore (share md 0 (table 0));
      let stop = Atomic.make false in
      let readers = List.init 3 (fun _ -> Domain.spawn (fun () -> watch md 0 stop)) in
      for i = 1 to 200 do
        ignore (share_with ~sync:false md 0 (table i));
        if i mod 50 = 0 then Gc.compact ()
      done;
      Atomic.set stop true;
      List.iter Domain.join readers;
      verify md)

(* The source is read, hashed, compared and collected by others while it is copied. *)
let source_in_use () =
  let source = Array.init 100_000 (fun i -> (string_of_int i, [ i ], float_of_int i)) in
  let hash = Hashtbl.hash_param 500 1000 source in
  let stop = Atomic.make false in
  let reader () =
    while not (Atomic.get stop) do
      Check.equal_int "hash" hash (Hashtbl.hash_param 500 1000 source);
      Array.iteri (fun i (text, _, _) -> if i mod 100 = 0 then Check.equal_string "text" (string_of_int i) text) source;
      ignore (Sys.opaque_identity (List.init 1000 string_of_int));
      Gc.minor ()
    done
  in
  Check.with_new_md (fun md ->
      let readers = List.init 2 (fun _ -> Domain.spawn reader) in
      for i = 1 to 10 do
        let p, _ = share_with ~sync:false md i source in
        Check.is_true "equal" (follow p = source);
        let q = mark source in
        Check.is_true "equal" (follow q = source);
        delete q
      done;
      Atomic.set stop true;
      List.iter Domain.join readers)

let two_writers () =
  Check.with_path (fun path ->
      Check.with_md path (fun md ->
          let part = Array.init 1000 string_of_int in
          run_domains 2 (fun d ->
              for i = 0 to 99 do
                let key = (2 * i) + d in
                let p, _ = share_with ~sync:false md key (key, part) in
                Check.equal "its own" (key, part) (follow p)
              done);
          Check.equal_int "none is lost" 201 (generation md);
          for key = 0 to 199 do
            Check.equal "value" (key, part) (follow (get md key))
          done;
          verify md))

(* Each domain has a handle of its own, and comes and goes. *)
let many_handles () =
  Check.with_path (fun path ->
      run_domains 4 (fun d ->
          for i = 0 to 24 do
            Check.with_md path (fun md ->
                let p, _ = share_with ~sync:false md ((25 * d) + i) (d, [ i ]) in
                Check.equal "value" (d, [ i ]) (follow p);
                if i mod 8 = 0 then Gc.full_major ())
          done);
      Check.with_md path (fun md ->
          Check.equal_int "none is lost" 101 (generation md);
          for key = 0 to 99 do
            Check.equal "value" (key / 25, [ key mod 25 ]) (follow (get md key))
          done))

let marking () =
  run_domains 4 (fun d ->
      let proxies =
        Array.init 300 (fun i -> mark (d, i, Bytes.make (1 + (i * 37)) 'x'))
      in
      Array.iteri
        (fun i p ->
           let d', i', bytes = follow p in
           Check.equal "value" (d, i, 1 + (i * 37)) (d', i', Bytes.length bytes);
           if i mod 2 = 0 then delete p)
        proxies;
      Gc.full_major ();
      Array.iteri (fun i p -> if i mod 2 = 1 then delete p) proxies)

(* Of several that delete one value, one does. *)
let one_deletes () =
  for _ = 1 to 50 do
    let p = mark [ 1 ] and done_ = Atomic.make 0 in
    run_domains 4 (fun _ ->
        match delete p with
        | () -> Atomic.incr done_
        | exception Invalid_argument _ -> ());
    Check.equal_int "once" 1 (Atomic.get done_)
  done

(* Detached by one while others are sharing: they finish, or are told. *)
let detach_meanwhile () =
  for _ = 1 to 20 do
    Check.with_path (fun path ->
        let md = Check.attach path in
        ignore (share md 0 [ 0 ]);
        let started = Atomic.make 0 in
        let workers =
          List.init 3 (fun d ->
              Domain.spawn (fun () ->
                  let rec go n =
                    match share_with ~sync:false md (d + 1) [ n ] with
                    | _ ->
                      if n = 3 then Atomic.incr started;
                      go (n + 1)
                    | exception Invalid_argument text ->
                      Check.is_true text (Check.contains text "is detached")
                  in
                  go 1))
        in
        while Atomic.get started < 3 do Domain.cpu_relax () done;
        detach md;
        List.iter Domain.join workers;
        Check.with_md path (fun md ->
            verify md;
            for d = 1 to 3 do
              Check.is_true "published" ((follow (get md d) : int list) >= [ 3 ])
            done))
  done

(* Pointers to what is gone, in the heaps of all domains. *)
let dangling () =
  Check.with_path (fun path ->
      let md = Check.attach path in
      let words = follow (share md 0 (List.init 1000 string_of_int)) in
      let ready = Atomic.make 0 and gone = Atomic.make false in
      let holders =
        List.init 3 (fun _ ->
            Domain.spawn (fun () ->
                let held = Array.init 1000 (fun _ -> Some words) in
                Atomic.incr ready;
                while not (Atomic.get gone) do Gc.minor () done;
                for _ = 1 to 5 do
                  Gc.full_major ();
                  ignore (Sys.opaque_identity (List.init 10000 string_of_int))
                done;
                ignore (Sys.opaque_identity held)))
      in
      while Atomic.get ready < 3 do Domain.cpu_relax () done;
      detach md;
      Atomic.set gone true;
      List.iter Domain.join holders;
      Gc.compact ())

(* ---- What only OCaml 5 has, and cannot be shared ---- *)

type _ Effect.t += Get : int Effect.t

let continuation () =
  let refusal = ref "" in
  Effect.Deep.try_with
    (fun () -> ignore (Effect.perform Get))
    ()
    { effc =
        (fun (type a) (effect_ : a Effect.t) ->
           match effect_ with
           | Get ->
             Some
               (fun (k : (a, unit) Effect.Deep.continuation) ->
                  (match mark (1, [ Obj.repr k ]) with
                   | _ -> ()
                   | exception Invalid_argument text -> refusal := text);
                  Effect.Deep.continue k 5)
           | _ -> None) };
  Check.equal_string "refused" "Ancient.mark: continuation at root.(1).(0)" !refusal

let domain_values () =
  let refused what v =
    Check.raises_invalid what "Ancient.mark: " (fun () -> mark v)
  in
  let d = Domain.spawn (fun () -> ()) in
  refused "a domain" (Obj.repr d);
  refused "a key of domain-local storage" (Obj.repr (Domain.DLS.new_key (fun () -> 0)));
  refused "a semaphore" (Obj.repr (Semaphore.Binary.make true));
  refused "an effect" (Obj.repr Get);
  Domain.join d;
  let p = mark (Atomic.make 5) in
  Check.equal_int "an atomic is a reference" 5 (Atomic.get (follow p));
  delete p

let () =
  Check.run
    (* A program that has had domains cannot fork: no test here does. *)
    [ ("domains follow and read while another shares", readers_and_a_writer);
      ("other domains use the source while it is copied", source_in_use);
      ("two domains share at once", two_writers);
      ("domains attach, share and detach on their own", many_handles);
      ("domains mark and delete at once", marking);
      ("one of several deletes succeeds", one_deletes);
      ("a detach waits for those who share", detach_meanwhile);
      ("pointers to what is gone, in every domain", dangling);
      ("a continuation is refused", continuation);
      ("domains, their storage and semaphores are refused", domain_values) ]
