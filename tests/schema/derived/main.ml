(* tests/schema: README's program, and those beside it. *)
type package = { version : string; size : int } [@@deriving ancient]
type never = { used : package } [@@deriving ancient]

let () =
  let index = Hashtbl.create 16 in
  Hashtbl.replace index "vim" { version = "9.0"; size = 3800 };
  Ancient.Typed.publish "typed" [%ancient: (string, package) Hashtbl.t] index;
  let text =
    Ancient.Schema.text
      [%ancient:
        Beside.compared * int Beside.nonrecursive * Beside.abstract * char Beside.hidden
        * Beside.private_one * Beside.Left.t]
  in
  print_string text
