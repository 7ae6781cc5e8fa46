(* tests/schema: one record of amounts, published or loaded.  Built with money.mli its floats are
   boxed, without it they are flat; test_install.py exchanges the files of both.

     prices write FILE | read FILE *)
type t = { list : Money.t; sale : Money.t } [@@deriving ancient, show]

let () =
  match Sys.argv with
  | [| _; "write"; path |] ->
    Ancient.Typed.publish path schema { list = Money.of_float 12.5; sale = Money.of_float 9.5 }
  | [| _; "read"; path |] -> (
      match Ancient.Typed.load path schema with
      | prices -> print_endline (show (Ancient.follow prices))
      | exception Ancient.Schema_mismatch text -> print_endline text)
  | _ -> exit 2
