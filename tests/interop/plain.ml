(* tests/interop: values of the custom type of plain_stubs.c. *)

type t

external init : unit -> unit = "plain_init"
external make : string -> t = "plain_make"
external bytes : t -> string = "plain_bytes"

let identifier = "org.example.plain"

(* Before any file that holds such values is attached. *)
let () =
  init ();
  Ancient.register_custom identifier

let hex bytes =
  String.concat ""
    (List.map (fun c -> Printf.sprintf "%02x" (Char.code c)) (List.of_seq (String.to_seq bytes)))
