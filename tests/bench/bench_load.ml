(* tests/bench: opening an ancient file in OCaml, beside reading a marshalled value.

   It is asked, a line each:

     attach PATH COUNT  attaches the file and follows what it has under key 0, COUNT times;
                        "seconds" is the median of one
     touch PATH         reads all of a file (Input.flat), a byte of each page at least, and
                        keeps it attached; "sum"
     marshal PATH       Marshal.from_channel; answers with "seconds"
     memory PATH        the same once, in a fresh process; answers with "kib", the growth of
                        the memory in use *)

open Serve

let load path =
  let ic = open_in_bin path in
  let value : Obj.t = Marshal.from_channel ic in
  close_in ic;
  value

(* The last thing is a look at the value. *)
let attach path =
  let fd = Unix.openfile path [ O_RDONLY; O_CLOEXEC ] 0 in
  let md = Ancient.attach fd 0n in
  Unix.close fd;
  ignore (Sys.opaque_identity (Obj.tag (Obj.repr (Ancient.follow (Ancient.get md 0)))));
  md

let median times =
  Array.sort compare times;
  times.(Array.length times / 2)

let attach_often path count =
  let once _ =
    let md, time = seconds (fun () -> attach path) in
    Ancient.detach md;
    time
  in
  median (Array.init count once)

let touch path =
  let flat : Input.flat = Ancient.follow (Ancient.get (attach path) 0) in
  let sum = ref 0 in
  let pages length byte =
    for page = 0 to (length - 1) / 4096 do
      sum := !sum + Char.code (byte (4096 * page))
    done
  in
  Array.iter (fun s -> pages (String.length s) (String.get s)) flat.strings;
  pages (Bigarray.Array1.dim flat.bytes) (Bigarray.Array1.get flat.bytes);
  !sum

let answer = function
  | [ "touch"; path ] -> [ ("sum", Int (touch path)) ]
  | [ "attach"; path; count ] -> [ ("seconds", Float (attach_often path (int_of_string count))) ]
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
    prerr_endline "bench_load: asked for another thing than attach, marshal or memory";
    exit 2

let () = serve [ ("version", String Sys.ocaml_version) ] answer
