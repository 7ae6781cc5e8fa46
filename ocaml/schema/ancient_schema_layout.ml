(* ocaml/schema: finds out how this program stores records of nothing but floats.

   The compiler stores them flat, as an array of floats, where it sees that all fields are
   float, and otherwise like other records.  A signature that makes float abstract is enough
   for two programs with the same schema to differ, and one would take floats for pointers.
   So each program tests its own accessors, its files record the result (ancient.floats:
   spec/FORMAT.md, 12.2), and reading compares the two. *)

open Ancient_schema_type
open Ancient_schema_graph

let sample = 1.5

(* [read] is an accessor of the first field of a record whose fields are all float.  It is called
   on a record of boxed floats: code compiled for a flat one returns the bits of the pointer as
   a float, which differs from the sample and does no harm. *)
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

(* The same by the accessors of combinators, which are the user's code and may raise. *)
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
  | Abstract | Alias _ | Variant _ -> None

let word = function Flat -> "flat" | Boxed -> "boxed"
