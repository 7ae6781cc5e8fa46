(* examples/debian-index: progress on standard error; progress.mli is the manual. *)

type t = { title : string; started : float; mutable shown : float }

let on_terminal = lazy (Unix.isatty Unix.stderr)

(* Whether the cursor stands in a line that will be written again. *)
let line_open = ref false

let rewrite_line text =
  Printf.eprintf "\r\027[K%s%!" text;
  line_open := true

let start title =
  let now = Unix.gettimeofday () in
  if Lazy.force on_terminal then rewrite_line (title ^ " ...");
  { title; started = now; shown = now }

let interval = 0.1

let update stage detail =
  if Lazy.force on_terminal then begin
    let now = Unix.gettimeofday () in
    if now -. stage.shown >= interval then begin
      stage.shown <- now;
      rewrite_line (Printf.sprintf "%s ... %s" stage.title (detail ()))
    end
  end

let finish stage result =
  if Lazy.force on_terminal then rewrite_line "";
  Printf.eprintf "%s: %s (%.2f s)\n%!" stage.title result
    (Unix.gettimeofday () -. stage.started);
  line_open := false

let give_up () =
  if !line_open then prerr_newline ();
  line_open := false

let count n =
  let digits = string_of_int n in
  let length = String.length digits in
  let grouped = Buffer.create 16 in
  String.iteri
    (fun i digit ->
       if i > 0 && (length - i) mod 3 = 0 then Buffer.add_char grouped ',';
       Buffer.add_char grouped digit)
    digits;
  Buffer.contents grouped

let size bytes =
  let b = float_of_int bytes in
  if b >= 1e9 then Printf.sprintf "%.2f GB" (b /. 1e9)
  else if b >= 1e6 then Printf.sprintf "%.1f MB" (b /. 1e6)
  else if b >= 1e3 then Printf.sprintf "%.1f kB" (b /. 1e3)
  else Printf.sprintf "%d bytes" bytes
