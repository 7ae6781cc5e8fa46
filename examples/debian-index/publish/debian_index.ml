(* examples/debian-index: parses Debian's package index; debian_index.mli is the manual. *)

type package = {
  name : string;
  version : string;
  section : string;
  installed_size : int;
  summary : string;
  depends : string list;
}

type entry = { package : package; description : string }

(* ---- Lines and paragraphs --------------------------------------------------------- *)

let is_blank c = c = ' ' || c = '\t' || c = '\r'

let is_blank_line line =
  let rec from i = i = String.length line || (is_blank line.[i] && from (i + 1)) in
  from 0

(* Only these are kept of a paragraph: most of an index is checksums and file names. *)
type paragraph = {
  mutable p_package : string;
  mutable p_status : string;
  mutable p_version : string;
  mutable p_section : string;
  mutable p_installed_size : string;
  mutable p_depends : string;
  mutable p_description : string;
}

let empty_paragraph () =
  { p_package = ""; p_status = ""; p_version = ""; p_section = "";
    p_installed_size = ""; p_depends = ""; p_description = "" }

(* Field names are compared without regard to case, and in full: Description-md5 and
   Pre-Depends are other fields than Description and Depends. *)
let set_field paragraph name value =
  match String.lowercase_ascii name with
  | "package" -> paragraph.p_package <- value
  | "status" -> paragraph.p_status <- value
  | "version" -> paragraph.p_version <- value
  | "section" -> paragraph.p_section <- value
  | "installed-size" -> paragraph.p_installed_size <- value
  | "depends" -> paragraph.p_depends <- value
  | "description" -> paragraph.p_description <- value
  | _ -> ()

(* [each_paragraph ic f] calls [f] at the end of each paragraph that has any line.  The
   lines of one field are gathered in [value], separated by newlines. *)
let each_paragraph ic f =
  let paragraph = ref (empty_paragraph ()) in
  let started = ref false in
  let field = ref "" in
  let value = Buffer.create 1024 in
  let end_field () =
    if !field <> "" then set_field !paragraph !field (Buffer.contents value);
    field := "";
    Buffer.clear value
  in
  let end_paragraph () =
    end_field ();
    if !started then f !paragraph;
    started := false;
    paragraph := empty_paragraph ()
  in
  let add_line line =
    started := true;
    if is_blank line.[0] then begin
      Buffer.add_char value '\n';
      Buffer.add_string value (String.trim line)
    end
    else begin
      end_field ();
      match String.index_opt line ':' with
      | None -> ()
      | Some colon ->
        field := String.sub line 0 colon;
        let rest = String.sub line (colon + 1) (String.length line - colon - 1) in
        Buffer.add_string value (String.trim rest)
    end
  in
  let rec loop () =
    match input_line ic with
    | line ->
      if is_blank_line line then end_paragraph () else add_line line;
      loop ()
    | exception End_of_file -> end_paragraph ()
  in
  loop ()

(* ---- Packages --------------------------------------------------------------------- *)

(* A dependency reads  name[:architecture] [(relation version)] [[archs]] [<profiles>]. *)
let dependency_name alternative =
  let s = String.trim alternative in
  let ends c = is_blank c || c = '\n' || c = ':' || c = '(' || c = '[' || c = '<' in
  let rec length i = if i < String.length s && not (ends s.[i]) then length (i + 1) else i in
  String.sub s 0 (length 0)

let first_alternatives depends =
  let add names group =
    let first =
      match String.index_opt group '|' with
      | None -> group
      | Some bar -> String.sub group 0 bar
    in
    match dependency_name first with
    | "" -> names
    | name -> if List.mem name names then names else name :: names
  in
  List.rev (List.fold_left add [] (String.split_on_char ',' depends))

(* [install ok installed]; an available package has no status. *)
let is_present status =
  status = "" || List.exists (String.equal "installed") (String.split_on_char ' ' status)

let first_line text =
  match String.index_opt text '\n' with
  | None -> text
  | Some newline -> String.sub text 0 newline

let entry_of_paragraph ~intern p =
  let package =
    { name = intern p.p_package;
      version = intern p.p_version;
      section = intern p.p_section;
      installed_size = Option.value (int_of_string_opt p.p_installed_size) ~default:0;
      summary = first_line p.p_description;
      depends = List.map intern (first_alternatives p.p_depends) }
  in
  { package; description = p.p_description }

(* [intern s] is the one string equal to [s]. *)
let make_intern () =
  let pool = Hashtbl.create 65536 in
  fun s ->
    match Hashtbl.find_opt pool s with
    | Some known -> known
    | None ->
      Hashtbl.add pool s s;
      s

let fold ic ~init ~f =
  let intern = make_intern () in
  let result = ref init in
  each_paragraph ic (fun p ->
      if p.p_package <> "" && is_present p.p_status then
        result := f !result (entry_of_paragraph ~intern p));
  !result

(* ---- Sources ---------------------------------------------------------------------- *)

type source = Apt | File of string

let source_name = function Apt -> "apt-cache dumpavail" | File path -> path

(* Through the shell, which says nothing where there is no apt-cache. *)
let apt_command = "exec apt-cache dumpavail 2>/dev/null"

let with_source source f =
  match source with
  | File path when Sys.is_directory path ->
    raise (Sys_error (path ^ ": is a directory, expected a package index"))
  | File path ->
    let ic = open_in_bin path in
    Fun.protect ~finally:(fun () -> close_in_noerr ic) (fun () -> f ic)
  | Apt -> (
      match Unix.open_process_in apt_command with
      | exception Unix.Unix_error (e, _, _) ->
        raise (Sys_error ("apt-cache: " ^ Unix.error_message e))
      | ic ->
        Fun.protect
          ~finally:(fun () -> ignore (Unix.close_process_in ic))
          (fun () -> f ic))

let default_sources = [ Apt; File "/var/lib/dpkg/status" ]
