(* tests/interop: shares what one file holds into another, which is made anew, at the same base,
   with the same reserve and in the same commits.

   Usage: share_again FROM TO (depth|breadth)

   TO is attached first, so FROM finds its base taken and is relocated. *)

let () =
  match Sys.argv with
  | [| _; source; target; order |] ->
    let reserve = Layout.reserve source in
    let there = Layout.create ~reserve target (Layout.base source) in
    let here = Layout.attach source in
    Layout.share_all there (Layout.order_of_string order) (Layout.contents here);
    Ancient.detach here;
    Ancient.detach there
  | _ ->
    prerr_endline "usage: share_again FROM TO (depth|breadth)";
    exit 2
