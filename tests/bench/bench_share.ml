(* tests/bench: publishing one value, beside the ways of writing it without ancient.

   Usage: bench_share hashtbl RECORDS [--synthetic]     a table of records (Input.table)
          bench_share logs RECORDS                      log records (Logs.make)
          bench_share flat BYTES                        strings and a bigarray (Input.flat)

   It is then asked, a line each, to write PATH, and answers with "seconds" and "bytes":

     ancient PATH              attach, share (without waiting for the disk, as the peers)
     domains PATH              the same while another domain is there (OCaml 5; the fact
                               "domains" is 1)
     marshal PATH              Marshal.to_channel
     marshal_no_sharing PATH   the same with Marshal.No_sharing
     types PATH                as ancient, with equal blocks once, by type (logs only)
     strings PATH              the same without types, numbers and strings
     numbers PATH              the same, numbers alone
     memcpy PATH               a copy of as many bytes into a mapping of a new file
                               (flat only) *)

open Serve

let usage () =
  prerr_endline "usage: bench_share hashtbl RECORDS [--synthetic] | logs RECORDS | flat BYTES";
  exit 2

let share_by put path =
  let fd = Unix.openfile path [ O_RDWR; O_CREAT; O_TRUNC; O_CLOEXEC ] 0o644 in
  let publish () =
    let md = Ancient.attach_with ~sync:false fd in
    put md;
    md
  in
  let md, time = seconds publish in
  Ancient.detach md;
  Unix.close fd;
  time

let share path value = share_by (fun md -> ignore (Ancient.share_with md 0 value)) path

let marshal path flags value =
  let write () =
    let oc = open_out_bin path in
    Marshal.to_channel oc value flags;
    close_out oc
  in
  snd (seconds write)

(* The bigarray is half of the bytes, so it is copied twice. *)
let memcpy path ({ bytes; _ } : Input.flat) =
  let half = Bigarray.Array1.dim bytes in
  let fd = Unix.openfile path [ O_RDWR; O_CREAT; O_TRUNC; O_CLOEXEC ] 0o644 in
  let copy () =
    let mapped =
      Bigarray.array1_of_genarray
        (Unix.map_file fd Bigarray.char Bigarray.c_layout true [| 2 * half |])
    in
    Bigarray.Array1.(blit bytes (sub mapped 0 half));
    Bigarray.Array1.(blit bytes (sub mapped half half))
  in
  let (), time = seconds copy in
  Unix.close fd;
  Gc.full_major () (* unmaps it *);
  time

let answer value others words =
  match words with
  | [ way; path ] ->
    let time =
      match way with
      | "ancient" -> share path value
      | "domains" -> Other_domain.beside (fun () -> share path value)
      | "marshal" -> marshal path [] value
      | "marshal_no_sharing" -> marshal path [ Marshal.No_sharing ] value
      | way -> others way path
    in
    [ ("seconds", Float time); ("bytes", Int (Unix.stat path).st_size) ]
  | _ -> usage ()

let heap_bytes value = 8 * Obj.reachable_words (Obj.repr value)
let no_others _ _ = usage ()

let serve_table records ~synthetic =
  let source, packages = Input.packages ~synthetic in
  let table = Input.table packages records in
  Gc.compact ();
  serve
    [ ("source", String source);
      ("heap_bytes", Int (heap_bytes table));
      ("domains", Int (Bool.to_int Other_domain.available)) ]
    (answer table no_others)

let serve_flat bytes =
  let flat = Input.flat bytes in
  let payload = Bigarray.Array1.size_in_bytes flat.bytes in
  serve
    [ ("heap_bytes", Int (heap_bytes flat + payload)) ]
    (answer flat (fun way path ->
         if way = "memcpy" then memcpy path flat else usage ()))

let serve_logs records =
  let logs = Logs.make records in
  let share way md =
    match way with
    | "types" -> ignore (Ancient.Typed.share ~dedup:true md 0 Logs.schema logs)
    | "strings" -> ignore (Ancient.share_with ~dedup:true ~strings:true md 0 logs)
    | "numbers" -> ignore (Ancient.share_with ~dedup:true md 0 logs)
    | _ -> usage ()
  in
  Gc.compact ();
  serve
    [ ("heap_bytes", Int (heap_bytes logs)) ]
    (answer logs (fun way -> share_by (share way)))

let () =
  match List.tl (Array.to_list Sys.argv) with
  | [ "hashtbl"; records ] -> serve_table (int_of_string records) ~synthetic:false
  | [ "hashtbl"; records; "--synthetic" ] -> serve_table (int_of_string records) ~synthetic:true
  | [ "logs"; records ] -> serve_logs (int_of_string records)
  | [ "flat"; bytes ] -> serve_flat (int_of_string bytes)
  | _ -> usage ()
