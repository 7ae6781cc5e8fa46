(* examples/debian-index: ancient-demo-publish reads Debian's package index, builds four
   tables and publishes them in one file, which replaces the file of that name.  Readers
   that have the old file open keep it; those who open the name get the new one.

     key 0  packages   (string, Debian_index.package) Hashtbl.t
     key 1  words      (string, string array) Hashtbl.t
     key 2  rdepends   (string, string list) Hashtbl.t
     key 3  meta       meta

   The types go into the file with the values, so that the other languages see fields by
   name.  The schemas are written out by hand, so that the example needs no ppx; with
   the deriver they are [[@@deriving ancient]] behind each type. *)

open Debian_index

(* What the file says of itself. *)
type meta = {
  source : string;  (* where the index came from *)
  packages : int;
  words : int;
}

(* ---- Types ------------------------------------------------------------------------ *)

let package_schema : package Ancient.Schema.t =
  Ancient.Schema.(
    record "package"
      [ field "name" string (fun (p : package) -> p.name);
        field "version" string (fun (p : package) -> p.version);
        field "section" string (fun (p : package) -> p.section);
        field "installed_size" int (fun (p : package) -> p.installed_size);
        field "summary" string (fun (p : package) -> p.summary);
        field "depends" (list string) (fun (p : package) -> p.depends) ])

let packages_schema = Ancient.Schema.(hashtbl string package_schema)
let words_schema = Ancient.Schema.(hashtbl string (array string))
let rdepends_schema = Ancient.Schema.(hashtbl string (list string))

let meta_schema : meta Ancient.Schema.t =
  Ancient.Schema.(
    record "meta"
      [ field "source" string (fun (m : meta) -> m.source);
        field "packages" int (fun (m : meta) -> m.packages);
        field "words" int (fun (m : meta) -> m.words) ])

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

type tables = {
  packages : (string, package) Hashtbl.t;
  words : (string, string array) Hashtbl.t;
  rdepends : (string, string list) Hashtbl.t;
  meta : meta;
}

let indexing what index entries =
  let stage = Progress.start ("indexing " ^ what) in
  let table = index entries in
  Progress.finish stage (Progress.count (Hashtbl.length table) ^ " keys");
  table

let build source table =
  let entries = Hashtbl.fold (fun _ entry entries -> entry :: entries) table [] in
  let packages = Hashtbl.create (Hashtbl.length table) in
  List.iter (fun { package; _ } -> Hashtbl.replace packages package.name package) entries;
  let words = indexing "words" Tables.index_words entries in
  let rdepends = indexing "reverse dependencies" Tables.index_rdepends entries in
  let meta =
    { source = source_name source;
      packages = Hashtbl.length packages;
      words = Hashtbl.length words }
  in
  { packages; words; rdepends; meta }

let file_size path = (Unix.stat path).Unix.st_size

(* All of it in one step.  The tables have the packages' names in common, and so has the
   file: a name is stored once however many lists it is in. *)
let publish path { packages; words; rdepends; meta } =
  let stage = Progress.start ("publishing " ^ path) in
  Ancient.publish_many path
    [ Ancient.Typed.bind ~name:"packages" 0 packages_schema packages;
      Ancient.Typed.bind ~name:"words" 1 words_schema words;
      Ancient.Typed.bind ~name:"rdepends" 2 rdepends_schema rdepends;
      Ancient.Typed.bind ~name:"meta" 3 meta_schema meta ];
  Progress.finish stage (Progress.size (file_size path))

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

let print_published path started { packages; words; rdepends; meta } =
  let line key name holds count =
    Printf.printf "  key %d  %-9s %9s  %s\n" key name (Progress.count count) holds
  in
  Printf.printf "published %s: %s from %s in %.1f s\n" path
    (Progress.size (file_size path))
    meta.source
    (Unix.gettimeofday () -. started);
  line 0 "packages" "packages by name" (Hashtbl.length packages);
  line 1 "words" "words of descriptions, with the packages that have them"
    (Hashtbl.length words);
  line 2 "rdepends" "packages, with those that depend on them" (Hashtbl.length rdepends);
  line 3 "meta" "record: where this comes from, and counts" 1

let () =
  let started = Unix.gettimeofday () in
  let sources, path = parse_arguments (List.tl (Array.to_list Sys.argv)) in
  match
    let source, table = read_first sources in
    let tables = build source table in
    publish path tables;
    tables
  with
  | tables -> print_published path started tables
  | exception No_packages sources ->
    fail 1 ("no package in " ^ String.concat " or " (List.map source_name sources))
  | exception (Sys_error message | Ancient.Error { message; _ }) -> fail 1 message
  | exception Unix.Unix_error (error, call, argument) ->
    fail 1 (Printf.sprintf "%s: %s (%s)" argument (Unix.error_message error) call)
