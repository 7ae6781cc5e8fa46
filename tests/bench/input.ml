(* tests/bench: makes the values that are measured; see input.mli. *)

open Debian_index

type record = {
  name : string;
  version : string;
  section : string;
  installed_size : int;
  weight : float;
  summary : string;
  depends : string list;
}

(* ---- Packages --------------------------------------------------------------------- *)

(* As many invented packages as Debian has, and about as long, from a fixed seed. *)
let invented_count = 60_000

let syllables = [| "ba"; "co"; "de"; "fi"; "gra"; "ka"; "lib"; "mo"; "nu"; "py"; "re"; "xo" |]
let sections = [| "admin"; "devel"; "games"; "libs"; "net"; "python"; "science"; "web" |]

let invented () =
  let state = Random.State.make [| 20261123 |] in
  let pick choices = choices.(Random.State.int state (Array.length choices)) in
  let word () = String.concat "" (List.init (2 + Random.State.int state 3) (fun _ -> pick syllables)) in
  let names = Array.init invented_count (fun i -> Printf.sprintf "%s%d" (word ()) i) in
  let number bound = Random.State.int state bound in
  Array.map
    (fun name ->
       { name;
         version = Printf.sprintf "%d.%d.%d-%d" (number 10) (number 30) (number 10) (number 5);
         section = pick sections;
         installed_size = number 100_000;
         summary = String.concat " " (List.init (4 + number 6) (fun _ -> word ()));
         depends = List.init (number 10) (fun _ -> pick names) })
    names

let read source =
  match with_source source (fun ic -> fold ic ~init:[] ~f:(fun all e -> e.package :: all)) with
  | packages -> Array.of_list (List.rev packages)
  | exception Sys_error _ -> [||]

let packages ~synthetic =
  let rec first = function
    | [] -> ("invented packages", invented ())
    | source :: others ->
      match read source with
      | [||] -> first others
      | packages -> (source_name source, packages)
  in
  first (if synthetic then [] else default_sources)

(* ---- Records ---------------------------------------------------------------------- *)

let fresh s = Bytes.to_string (Bytes.of_string s)

(* The names of one round over the packages: the same string wherever the round needs it. *)
let round_names packages round =
  let names = Hashtbl.create (Array.length packages) in
  Array.iter
    (fun (package : package) ->
       Hashtbl.replace names package.name (Printf.sprintf "%s~%d" package.name round))
    packages;
  names

let record names (package : package) =
  let name_of s = match Hashtbl.find_opt names s with Some name -> name | None -> fresh s in
  { name = name_of package.name;
    version = fresh package.version;
    section = package.section;
    installed_size = package.installed_size;
    weight = float_of_int package.installed_size /. 1024.;
    summary = fresh package.summary;
    depends = List.map name_of package.depends }

let table packages n =
  let table = Hashtbl.create n in
  let rec round number =
    let names = round_names packages number in
    Array.iter
      (fun package ->
         if Hashtbl.length table < n then begin
           let record = record names package in
           Hashtbl.replace table record.name record
         end)
      packages;
    if Hashtbl.length table < n then round (number + 1)
  in
  if n > 0 then round 0;
  table

let record_schema =
  Ancient.Schema.(
    record "record"
      [ field "name" string (fun r -> r.name);
        field "version" string (fun r -> r.version);
        field "section" string (fun r -> r.section);
        field "installed_size" int (fun r -> r.installed_size);
        field "weight" float (fun r -> r.weight);
        field "summary" string (fun r -> r.summary);
        field "depends" (list string) (fun r -> r.depends) ])

let table_schema = Ancient.Schema.(hashtbl string record_schema)

(* ---- Bytes ------------------------------------------------------------------------ *)

type flat = {
  strings : string array;
  bytes : (char, Bigarray.int8_unsigned_elt, Bigarray.c_layout) Bigarray.Array1.t;
}

let string_bytes = 65536

let flat n =
  let count = (n + (2 * string_bytes) - 1) / (2 * string_bytes) in
  let letter i = Char.chr (32 + (i mod 90)) in
  let bytes = Bigarray.(Array1.create char c_layout (count * string_bytes)) in
  Bigarray.Array1.fill bytes 'b';
  { strings = Array.init count (fun i -> String.make string_bytes (letter i)); bytes }
