(* tests/bench: reading a marshalled value back, beside which opening an ancient file is
   measured.

   It is asked, a line each:

     marshal PATH       Marshal.from_channel; answers with "seconds"
     memory PATH        the same once, in a fresh process; answers with "kib", the growth of
                        the memory in use *)

open Side

let load path =
  let ic = open_in_bin path in
  let value : Obj.t = Marshal.from_channel ic in
  close_in ic;
  value

let answer = function
  | [ "marshal"; path ] ->
    let value, time = seconds (fun () -> load path) in
    ignore (Sys.opaque_identity value);
    Gc.compact () (* so that each run finds the heap that the first one found *);
    [ ("seconds", Float time) ]
  | [ "memory"; path ] ->
    let before = resident_kib () in
    let value = load path in
    let after = resident_kib () in
    ignore (Sys.opaque_identity value);
    [ ("kib", Int (after - before)) ]
  | _ ->
    prerr_endline "bench_load: asked for another thing than marshal PATH or memory PATH";
    exit 2

let () = serve [] answer
