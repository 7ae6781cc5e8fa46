(* tests/schema: the values of schemas.ml in a file, and files of strangers read as them.

     strangers write FILE            publishes them: key I is number I, named as it is
     strangers read GOOD FILE ...    gets each key of each file with its type, after a check
                                     of every block, and uses what it gets; GOOD stays
                                     attached, so that what has its base lies elsewhere
                                     ("" for none)
     strangers write-twice FILE      key 0 in generations 2 and 3
     strangers read-older FILE       gets key 0 of generation 2, in the same way

   test_strangers.py damages files and checks that the second never crashes. *)

module Typed = Ancient.Typed

let write path =
  Ancient.publish_many path
    (List.mapi
       (fun key (Schemas.Sample { name; schema; value }) -> Typed.bind ~name key schema value)
       Schemas.all)

(* What any value allows.  A comparison with the value that was published ends. *)
let use value published =
  ignore (Hashtbl.hash value);
  ignore (Marshal.to_string value []);
  (try ignore (compare value published) with Invalid_argument _ -> ());
  Gc.minor ()

let use_table (table : (string, Schemas.package) Hashtbl.t) =
  ignore (Hashtbl.find_opt table "vim");
  ignore (Hashtbl.find_all table "emacs");
  Hashtbl.iter (fun _ p -> ignore (p.Schemas.version ^ p.Schemas.version)) table;
  let copy = Hashtbl.copy table in
  for i = 0 to 40 do
    Hashtbl.add copy (string_of_int i) Schemas.vim
  done

let use_map map =
  let module M = Schemas.Strings_map in
  ignore (M.find_opt "a" map);
  ignore (M.fold (fun key n sum -> String.length key + n + sum) map 0);
  try ignore (M.cardinal (M.remove "a" (M.add "c" 3 map))) with Invalid_argument _ -> ()

let use_set set =
  let module S = Schemas.Ints_set in
  ignore (S.mem 3 set);
  try ignore (S.elements (S.union set (S.of_list [ 2; 5 ]))) with Invalid_argument _ -> ()

let rec use_tree depth = function
  | Schemas.Leaf | Nothing -> 0
  | Node (left, i, right) when depth < 12 -> use_tree (depth + 1) left + i + use_tree (depth + 1) right
  | Grove { owner; trees } when depth < 12 ->
    Array.fold_left (fun sum tree -> sum + use_tree (depth + 1) tree) (String.length owner)
      (Array.sub trees 0 (min 4 (Array.length trees)))
  | Node _ | Grove _ -> 0

type outcome = Got | Mismatch | Damaged

let attempt f =
  match f () with
  | () -> Got
  | exception (Ancient.Schema_mismatch _ | Ancient.Error { code = No_key; _ }) -> Mismatch
  | exception Ancient.Error _ -> Damaged

let got md name schema use () =
  use (Ancient.follow (Typed.get_named ~verify:true md name schema))

let use_all md =
  let each key (Schemas.Sample { schema; value; _ }) () =
    use (Ancient.follow (Typed.get ~verify:true md key schema)) value
  in
  List.mapi each Schemas.all
  @ [ got md "table of packages" Ancient.Schema.(hashtbl string Schemas.package) use_table;
      got md "map of standard order" (Schemas.Strings_schema.schema Ancient.Schema.int) use_map;
      got md "set" Schemas.Ints_schema.schema use_set;
      got md "recursive variant" Schemas.tree (fun tree -> ignore (use_tree 0 tree)) ]

let attach path =
  let fd = Unix.openfile path Unix.[ O_RDONLY; O_CLOEXEC ] 0 in
  Fun.protect
    ~finally:(fun () -> Unix.close fd)
    (fun () -> Ancient.attach_with ~read_only:true fd)

(* After the first damage nothing else is tried: the whole file is verified each time. *)
let rec outcomes = function
  | [] -> []
  | f :: rest -> (
      match attempt f with
      | Damaged -> [ Damaged ]
      | outcome -> outcome :: outcomes rest)

let read path =
  match attach path with
  | exception Ancient.Error _ -> [ Damaged ]
  | md ->
    let found = outcomes (use_all md) in
    Ancient.detach md;
    found

let texts = Ancient.Schema.(list string)

let write_twice path =
  let fd = Unix.openfile path Unix.[ O_RDWR; O_CREAT; O_TRUNC; O_CLOEXEC ] 0o644 in
  let md = Ancient.attach fd 0n in
  List.iter
    (fun text -> ignore (Ancient.Typed.share md 0 texts [ text; text ]))
    [ String.make 200 'x'; "newer" ];
  Ancient.detach md;
  Unix.close fd

let read_older path =
  let fd = Unix.openfile path Unix.[ O_RDONLY; O_CLOEXEC ] 0 in
  let md = Ancient.attach_with ~generation:2 fd in
  match Ancient.follow (Typed.get ~verify:true md 0 texts) with
  | found ->
    use found [];
    List.iter print_endline found
  | exception Ancient.Error { rule = Some rule; _ } -> print_endline rule

let () =
  match Array.to_list Sys.argv with
  | [ _; "write"; path ] -> write path
  | [ _; "write-twice"; path ] -> write_twice path
  | [ _; "read-older"; path ] -> read_older path
  | _ :: "read" :: good :: paths ->
    if good <> "" then ignore (attach good);
    List.iter
      (fun path ->
         Printf.printf "%s%!" path;
         let found = read path in
         let count outcome = List.length (List.filter (( = ) outcome) found) in
         Printf.printf " %d got %d mismatches %d damaged\n%!" (count Got) (count Mismatch)
           (count Damaged))
      paths
  | _ ->
    prerr_endline "usage: strangers (write|write-twice|read-older) FILE | read GOOD FILE ...";
    exit 2
