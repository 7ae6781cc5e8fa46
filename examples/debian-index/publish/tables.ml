(* examples/debian-index: the index of words and the reverse dependencies; tables.mli is the
   manual. *)

open Debian_index

(* ---- Words ------------------------------------------------------------------------ *)

(* Bytes beyond ASCII belong to letters, except those of U+2000 to U+207F, which are
   dashes, quotes and other punctuation: E2 80 .. and E2 81 .. in UTF-8. *)
let is_punctuation text i =
  text.[i] = '\xE2'
  && i + 2 < String.length text
  && (text.[i + 1] = '\x80' || text.[i + 1] = '\x81')

let is_word_char = function
  | 'a' .. 'z' | 'A' .. 'Z' | '0' .. '9' | '\x80' .. '\xFF' -> true
  | _ -> false

let words_of_text text =
  let length = String.length text in
  let add words start stop =
    if stop > start then String.lowercase_ascii (String.sub text start (stop - start)) :: words
    else words
  in
  (* [start] is where the word under way began, [i] where it may end. *)
  let rec scan words start i =
    if i >= length then List.rev (add words start length)
    else if is_punctuation text i then scan (add words start i) (i + 3) (i + 3)
    else if is_word_char text.[i] || (text.[i] = '+' && i > start) then scan words start (i + 1)
    else scan (add words start i) (i + 1) (i + 1)
  in
  scan [] 0 0

(* ---- Inverted tables -------------------------------------------------------------- *)

(* Gathers lists of names under keys.  Names arrive in descending order, so that the lists
   come out ascending, and a name that repeats is at the head of its list. *)
let gather table key name =
  match Hashtbl.find_opt table key with
  | None -> Hashtbl.add table key (ref [ name ])
  | Some { contents = newest :: _ } when newest == name -> ()
  | Some names -> names := name :: !names

let descending entries =
  List.sort (fun a b -> String.compare b.package.name a.package.name) entries

(* The table proper, made once the number of keys is known. *)
let finish gathered value_of_names =
  let table = Hashtbl.create (Hashtbl.length gathered) in
  Hashtbl.iter (fun key names -> Hashtbl.replace table key (value_of_names !names)) gathered;
  table

let index_words entries =
  let gathered = Hashtbl.create 65536 in
  List.iter
    (fun { package; description } ->
       List.iter (fun word -> gather gathered word package.name) (words_of_text description))
    (descending entries);
  finish gathered Array.of_list

let index_rdepends entries =
  let gathered = Hashtbl.create 65536 in
  List.iter
    (fun { package; _ } ->
       List.iter (fun on -> gather gathered on package.name) package.depends)
    (descending entries);
  finish gathered Fun.id
