(* tests/bench: small commits into a file of many keys.

   It is asked, a line each:

     make PATH KEYS        a file with so many keys, 0 and up; it stays attached
     commit PATH COUNT     COUNT times: a small value under one of its keys, in a commit of
                           its own, without waiting for the disk; "seconds" for all
     add PATH KEY          attaches a file that there is and shares a small value under KEY;
                           "seconds" for both *)

open Serve

(* About what a program keeps under a key: some words and a string.  A new one each time. *)
type small = { id : int; weight : float; name : string }

let small id = { id; weight = float_of_int id; name = Printf.sprintf "value %d" id }

type file = { md : Ancient.md; keys : int; mutable next : int }

let files : (string, file) Hashtbl.t = Hashtbl.create 8

let attach path flags =
  let fd = Unix.openfile path (O_RDWR :: O_CLOEXEC :: flags) 0o644 in
  let md = Ancient.attach_with ~sync:false fd in
  Unix.close fd;
  md

(* Of the values a million are in the heap at once. *)
let make path keys =
  let md = attach path [ O_CREAT; O_TRUNC ] in
  let rec share first =
    let count = min 1_000_000 (keys - first) in
    if count > 0 then begin
      let bind i = Ancient.bind (first + i) (small (first + i)) in
      ignore (Ancient.share_many md (List.init count bind));
      share (first + count)
    end
  in
  share 0;
  Hashtbl.replace files path { md; keys; next = 1 }

(* Keys far from each other, all of them in the end: 7919 is a prime. *)
let commit file =
  let key = file.next * 7919 mod file.keys in
  file.next <- file.next + 1;
  ignore (Ancient.share_with file.md key (small file.next))

let () =
  serve [] (function
      | [ "make"; path; keys ] -> make path (int_of_string keys); []
      | [ "commit"; path; count ] ->
        let file = Hashtbl.find files path in
        let count = int_of_string count in
        let (), time = seconds (fun () -> for _ = 1 to count do commit file done) in
        [ ("seconds", Float time) ]
      | [ "add"; path; key ] ->
        let _md, time =
          seconds (fun () ->
              let md = attach path [] in
              ignore (Ancient.share_with md (int_of_string key) (small 1));
              md)
        in
        [ ("seconds", Float time) ]
      | _ ->
        prerr_endline "bench_commit_ocaml: asked for another thing than make, commit or add";
        exit 2)
