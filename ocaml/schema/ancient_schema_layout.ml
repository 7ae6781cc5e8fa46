(* ocaml: records of nothing but floats, which the compiler stores flat where it can see
   that they are, and otherwise like other records.  A signature that makes a float
   abstract is enough for two programs to differ, with the same schema; the one would
   then take floats for pointers.  So each program finds out what its compiler did, its
   files say it (ancient.floats: spec/FORMAT.md, 12.2), and the two are compared. *)

open Ancient_schema_type
open Ancient_schema_graph

let sample = 1.5

(* [read] gives the first field of a record whose fields are all float.  It is given one
   whose floats are boxed: code compiled for a flat one takes the pointer itself for the
   float, which is never that of the sample, and does no harm. *)
let of_accessor read () =
  let block = Obj.new_block 0 256 in (* room for fields that the schema forgot *)
  for i = 0 to Obj.size block - 1 do
    Obj.set_field block i (Obj.repr sample)
  done;
  let found : Obj.t = read (Sys.opaque_identity block) in
  if
    Obj.is_block found && Obj.tag found = Obj.double_tag
    && Float.equal (Obj.obj found : float) sample
  then Some Boxed
  else Some Flat

(* The same with the accessors of combinators, which may do more than give a field. *)
let of_fields name (fields : field list) () =
  match fields with
  | { read = Some read; label; _ } :: _ -> (
      try of_accessor (fun block -> Option.get (read block)) ()
      with e ->
        refuse "type %s: the accessor of field %S raised %s: it must only give the field"
          name label (Printexc.to_string e))
  | _ -> None

(* The declarations of such records below [root], with their layouts. *)
let records root =
  let found = ref [] in
  iter_nodes
    (fun node ->
       match node.shape with
       | Of_record { unboxed = false; decl; fields } when all_floats fields ->
         found := decl :: !found
       | _ -> ())
    root;
  !found

let of_decl decl =
  match body decl with
  | Record { layout; _ } -> layout ()
  | Alias _ | Variant _ -> None

let word = function Flat -> "flat" | Boxed -> "boxed"
