(* ocaml/demo: ancient-demo-publish, the pipeline of the demo.  Reads Debian's package
   index, builds four tables and publishes them in one file, which replaces the file that
   was there: readers that have it open keep their snapshot, the others find the new one.

     key 0  packages   (string, Debian_index.package) Hashtbl.t
     key 1  words      (string, string array) Hashtbl.t
     key 2  rdepends   (string, string list) Hashtbl.t
     key 3  meta       meta *)

open Debian_index

(* What the file says of itself. *)
type meta = {
  source : string;  (* where the index came from *)
  packages : int;
  words : int;
}

(* ---- Reading ---------------------------------------------------------------------- *)

(* Where an index holds several versions of a package, the last one wins. *)
let read_source source =
  let stage = Progress.start ("reading " ^ source_name source) in
  let table = Hashtbl.create 65536 in
  let add () entry =
    Hashtbl.replace table entry.package.name entry;
    Progress.update stage (fun () -> Progress.count (Hashtbl.length table) ^ " packages")
  in
  with_source source (fun ic -> fold ic ~init:() ~f:add);
  Progress.finish stage (Progress.count (Hashtbl.length table) ^ " packages");
  table

exception No_packages of source list

(* The first source that holds a package; an unreadable one counts as empty as long as
   another is left. *)
let read_first sources =
  let rec attempt = function
    | [] -> raise (No_packages sources)
    | source :: others -> (
        match read_source source with
        | table when Hashtbl.length table > 0 -> (source, table)
        | _ -> attempt others
        | exception Sys_error _ when others <> [] ->
          Progress.give_up ();
          attempt others)
  in
  attempt sources

(* ---- Publishing ------------------------------------------------------------------- *)

type published = { key : int; what : string; entries : int; bytes : int }

let publish_value md key what entries value =
  let stage = Progress.start ("publishing " ^ what) in
  let shared, info = Ancient.share_info md key value in
  Progress.finish stage (Progress.size info.Ancient.i_size);
  (Ancient.follow shared, { key; what; entries; bytes = info.Ancient.i_size })

let indexing what index entries =
  let stage = Progress.start ("indexing " ^ what) in
  let table = index entries in
  Progress.finish stage (Progress.count (Hashtbl.length table) ^ " keys");
  table

(* The tables that come after the first are made of the strings of the first as it lies in
   the file: a value that lives there is referred to, not copied again, so a package's
   name is stored once however many lists it is in. *)
let publish_all md source table =
  let packages = Hashtbl.create (Hashtbl.length table) in
  Hashtbl.iter (fun name entry -> Hashtbl.replace packages name entry.package) table;
  let count = Hashtbl.length packages in
  let packages, published_packages = publish_value md 0 "packages" count packages in
  let entries =
    Hashtbl.fold
      (fun name package entries ->
         { package; description = (Hashtbl.find table name).description } :: entries)
      packages []
  in
  let words = indexing "words" Tables.index_words entries in
  let _, published_words = publish_value md 1 "words" (Hashtbl.length words) words in
  let rdepends = indexing "reverse dependencies" Tables.index_rdepends entries in
  let _, published_rdepends =
    publish_value md 2 "rdepends" (Hashtbl.length rdepends) rdepends
  in
  let meta =
    { source = source_name source; packages = count; words = Hashtbl.length words }
  in
  let _, published_meta = publish_value md 3 "meta" 1 meta in
  [ published_packages; published_words; published_rdepends; published_meta ]

(* [replacing path write] gives [write] a descriptor of a new file beside [path] and, when
   it returns, puts that file in the place of [path] in one step. *)
let replacing path write =
  let folder = Filename.dirname path in
  let temporary =
    Filename.concat folder
      (Printf.sprintf ".%s.%d" (Filename.basename path) (Unix.getpid ()))
  in
  let fd = Unix.openfile temporary [ O_RDWR; O_CREAT; O_EXCL; O_CLOEXEC ] 0o666 in
  match Fun.protect ~finally:(fun () -> Unix.close fd) (fun () -> write fd) with
  | result ->
    Unix.rename temporary path;
    let folder_fd = Unix.openfile folder [ O_RDONLY; O_CLOEXEC ] 0 in
    Fun.protect
      ~finally:(fun () -> Unix.close folder_fd)
      (fun () -> Unix.fsync folder_fd);
    result
  | exception e ->
    Unix.unlink temporary;
    raise e

let publish path source table =
  replacing path (fun fd ->
      let md = Ancient.attach fd 0n in
      Fun.protect
        ~finally:(fun () -> Ancient.detach md)
        (fun () -> publish_all md source table))

(* ---- The command ------------------------------------------------------------------ *)

let usage = "usage: ancient-demo-publish [--from INDEX] FILE"

let help =
  usage
  ^ "\n\n\
     Publishes Debian's package index in FILE, for programs in OCaml, C and Python.\n\n\
    \  --from INDEX   read this file, in the form of /var/lib/dpkg/status, instead of\n\
    \                 what `apt-cache dumpavail' prints (or, where that is nothing,\n\
    \                 /var/lib/dpkg/status)\n\
    \  --help         print this"

let fail status message =
  Progress.give_up ();
  prerr_endline ("ancient-demo-publish: " ^ message);
  exit status

let parse_arguments arguments =
  let rec parse sources file = function
    | "--help" :: _ ->
      print_endline help;
      exit 0
    | "--from" :: path :: rest -> parse [ File path ] file rest
    | [ "--from" ] -> fail 2 ("--from needs a path\n" ^ usage)
    | argument :: _ when String.length argument > 1 && argument.[0] = '-' ->
      fail 2 (Printf.sprintf "unknown option %s\n%s" argument usage)
    | path :: rest when file = None -> parse sources (Some path) rest
    | argument :: _ -> fail 2 (Printf.sprintf "one FILE too many: %s\n%s" argument usage)
    | [] -> (sources, file)
  in
  match parse default_sources None arguments with
  | sources, Some file -> (sources, file)
  | _, None -> fail 2 ("which FILE?\n" ^ usage)

let print_published path started published =
  Printf.printf "published %s\n" path;
  List.iter
    (fun { key; what; entries; bytes } ->
       Printf.printf "  key %d  %-10s %9s %-9s %10s\n" key what (Progress.count entries)
         (if entries = 1 then "entry" else "entries")
         (Progress.size bytes))
    published;
  Printf.printf "  file %s, %.1f s\n"
    (Progress.size (Unix.stat path).Unix.st_size)
    (Unix.gettimeofday () -. started)

let () =
  let started = Unix.gettimeofday () in
  let sources, path = parse_arguments (List.tl (Array.to_list Sys.argv)) in
  match
    let source, table = read_first sources in
    publish path source table
  with
  | published -> print_published path started published
  | exception No_packages sources ->
    fail 1 ("no package in " ^ String.concat " or " (List.map source_name sources))
  | exception Sys_error message -> fail 1 message
  | exception Unix.Unix_error (error, call, argument) ->
    fail 1 (Printf.sprintf "%s: %s (%s)" argument (Unix.error_message error) call)
