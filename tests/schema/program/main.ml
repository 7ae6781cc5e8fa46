(* tests/schema: the types of a real program, published and loaded again.  test_install.py
   builds it, and reads program.ancient from Python and C. *)
let dep = { Catalog.Dep.name = "libc6"; alternatives = [] }

let value =
  [ Catalog.Empty; Goods (dep, { tag = "x"; value = 3 }); Pair (1, "one");
    Stock
      { counts = Names.Forwards.singleton "vim" 2;
        removed = Names.Backward_set.of_list [ "a"; "b" ]; raw = "\xff" };
    More [ { first = Empty; rest = [| Ok Empty; Error "no" |] } ] ]

let product = { Catalog.Product.price = Money.of_float 9.5; seller = None }
let table = Bigarray.Array1.of_array Bigarray.Float64 Bigarray.c_layout [| 1.; 2. |]

let index =
  let bindings = [ ("emacs", 1); ("vim", 2); ("ed", 3); ("nano", 4) ] in
  { Catalog.Index.upwards = Names.Forwards.of_seq (List.to_seq bindings);
    downwards = Names.Backwards.of_seq (List.to_seq bindings);
    words = Names.Forward_set.of_list [ "b"; "c"; "a" ];
    removed = Names.Backward_set.of_list [ "b"; "c"; "a" ];
    prices = { list = Money.of_float 12.5; sale = Money.of_float 9.5 } }

let everything =
  [%ancient:
    Catalog.t list
    * Catalog.Product.t
    * (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t
    * (string, Catalog.large) Hashtbl.t
    * string Catalog.tagged Lazy.t
    * Catalog.Index.t]

let large : (string, Catalog.large) Hashtbl.t =
  let large = Hashtbl.create 1 in
  Hashtbl.add large "c" (`C ([ `A; `b 2 ], Catalog.Wrapped 3));
  large

let () =
  let all = (value, product, table, large, Lazy.from_val { Catalog.tag = "t"; value = "v" }, index) in
  Ancient.Typed.publish "program.ancient" everything all;
  let found = Ancient.follow (Ancient.Typed.load ~verify:true "program.ancient" everything) in
  assert (compare found all = 0);
  let _, _, _, _, _, index = found in
  assert (Names.Backwards.find "ed" index.downwards = 3);
  assert (List.map fst (Names.Backwards.bindings index.downwards) = [ "vim"; "nano"; "emacs"; "ed" ]);
  (match Ancient.Typed.load "program.ancient" [%ancient: int list] with
   | _ -> assert false
   | exception Ancient.Schema_mismatch _ -> ());
  print_string (Ancient.Schema.text everything);
  print_endline (Catalog.show_small `A)
