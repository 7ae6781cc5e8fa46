(* tests/schema: Ancient.Typed: publishing with a schema, and reading with the same or
   another one. *)

module Schema = Ancient.Schema
module Typed = Ancient.Typed

let mismatch what part f =
  Check.raises what
    (function
      | Ancient.Schema_mismatch text ->
        if not (Check.contains text part) then Check.failf "%s: %S" what text;
        true
      | _ -> false)
    f

let what_is_shared_is_got () =
  List.iter
    (fun (Schemas.Sample { name; schema; value }) ->
       Check.with_new_md (fun md ->
           ignore (Typed.share md 7 schema value);
           let found = Ancient.follow (Typed.get ~verify:true md 7 schema) in
           (* tables compare by their structure; lazies hold no function once forced *)
           if compare value found <> 0 then Check.failf "%s: another value" name))
    Schemas.all

(* Every schema against each of the values: the type agrees, or there is a sentence. *)
let every_pair_agrees_or_says_why () =
  Check.with_new_md (fun md ->
      let bindings =
        List.mapi
          (fun key (Schemas.Sample { schema; value; _ }) -> Typed.bind key schema value)
          Schemas.all
      in
      ignore (Ancient.share_many md bindings);
      List.iteri
        (fun key (Schemas.Sample { name = written; schema = theirs; _ }) ->
           List.iter
             (fun (Schemas.Sample { name = read; schema = ours; _ }) ->
                let same = Schema.equal ours theirs in
                match Typed.get md key ours with
                | proxy ->
                  if not same then Check.failf "%s was read as %s" written read;
                  ignore (Sys.opaque_identity (Ancient.follow proxy))
                | exception Ancient.Schema_mismatch text ->
                  if same then Check.failf "%s as %s: %s" written read text;
                  if
                    not
                      (Check.contains text "xpected"
                       && Check.contains text (Printf.sprintf "key %d: " key))
                  then Check.failf "%s as %s: %S" written read text)
             Schemas.all)
        Schemas.all)

(* What ~verify:true looks through a value with, given values of other types than they are
   said to be. *)
let every_pair_is_told_apart_block_by_block () =
  Check.with_new_md (fun md ->
      let compiled schema = Ancient_schema_core.compile "test" schema in
      let agreed = ref 0 in
      List.iter
        (fun (Schemas.Sample { name = written; schema = theirs; value }) ->
           let value = Obj.repr (Ancient.follow (Ancient.share md 0 value)) in
           List.iter
             (fun (Schemas.Sample { name = read; schema = ours; _ }) ->
                match Ancient_schema_walk.check (compiled ours).graph value with
                | () -> incr agreed
                | exception Ancient_schema_plan.Wrong text ->
                  if Schema.equal ours theirs then
                    Check.failf "%s as %s: %s" written read text;
                  if not (Check.contains text "expected" || Check.contains text "height") then
                    Check.failf "%s as %s: %S" written read text)
             Schemas.all)
        Schemas.all;
      (* a few values are of several types: immediates, strings and bytes *)
      Check.is_true "most were told apart" (!agreed < 5 * List.length Schemas.all))

(* The library reads a buffer up to its position without looking at its bytes' length. *)
let buffers_that_would_be_read_past_their_end () =
  Check.with_new_md (fun md ->
      let buffer = Buffer.create 8 in
      Buffer.add_string buffer "hello";
      ignore (Typed.share md 0 Schema.buffer buffer);
      let found = Ancient.follow (Typed.get ~verify:true md 0 Schema.buffer) in
      Check.equal_string "content" "hello" (Buffer.contents found);
      List.iter
        (fun position ->
           Obj.set_field (Obj.repr buffer) 1 (Obj.repr position);
           ignore (Typed.share md 0 Schema.buffer buffer);
           mismatch "position" "length or position is wrong" (fun () ->
               Typed.get ~verify:true md 0 Schema.buffer))
        [ 9; 1000; -1 ])

let the_message_names_the_field () =
  Check.with_new_md (fun md ->
      ignore
        (Typed.share md 0 Schemas.package_text
           { Schemas.t_version = "1"; t_size = "2"; t_depends = [] });
      mismatch "field"
        "key 0: field \"size\" of type Index.Package.t: expected int, the file has string"
        (fun () -> Typed.get md 0 Schemas.package))

let no_schema_no_type () =
  Check.with_new_md (fun md ->
      ignore (Ancient.share md 0 5);
      mismatch "untyped" "no schema" (fun () -> Typed.get md 0 Schema.int);
      ignore (Typed.share md 0 Schema.int 5);
      Check.equal_int "typed" 5 (Ancient.follow (Typed.get md 0 Schema.int));
      ignore (Ancient.share md 0 6);
      mismatch "untyped again" "no schema" (fun () -> Typed.get md 0 Schema.int);
      Check.raises_code "no key" No_key (fun () -> Typed.get md 1 Schema.int);
      Check.raises_invalid "negative" "-1" (fun () -> Typed.get md (-1) Schema.int))

let by_name () =
  Check.with_new_md (fun md ->
      ignore (Typed.share md ~name:"numbers" 3 Schema.(list int) [ 1; 2 ]);
      Check.is_true "found"
        (Ancient.follow (Typed.get_named md "numbers" Schema.(list int)) = [ 1; 2 ]);
      mismatch "other type" "name \"numbers\"" (fun () ->
          Typed.get_named md "numbers" Schema.int);
      Check.raises_code "no name" No_key (fun () ->
          Typed.get_named md "letters" Schema.int))

let whole_files () =
  Check.with_path @@ fun path ->
  Typed.publish path ~name:"table" Schema.(hashtbl string Schemas.package) Schemas.table;
  let table = Ancient.follow (Typed.load ~verify:true path Schema.(hashtbl string Schemas.package)) in
  Check.equal_int "size" 3506 (Hashtbl.find table "vim").Schemas.size;
  mismatch "other type" (path ^ ", key 0: ") (fun () -> Typed.load path Schema.int)

(* The same structure by other declarations has another fingerprint, and the same bytes. *)
let the_same_structure_is_taken () =
  let open Schemas in
  let point name : point Schema.t =
    Schema.(record name [ field "x" float (fun p -> p.x); field "y" float (fun p -> p.y) ])
  in
  let two = Schema.tuple2 (point "a") (point "b") in
  let once = point "p" in
  let one = Schema.tuple2 once once in
  Check.is_true "other fingerprints" (not (Schema.equal one two));
  Check.with_new_md (fun md ->
      ignore (Typed.share md 0 one ({ x = 1.; y = 2. }, { x = 3.; y = 4. }));
      let _, p = Ancient.follow (Typed.get md 0 two) in
      Check.is_true "value" (p.y = 4.))

(* ---- Records of floats ---- *)

module Hidden : sig
  type t

  val of_float : float -> t
  val schema : t Schema.t
end = struct
  type t = float

  let of_float x = x
  let schema = Schema.float
end

type hidden = { hx : Hidden.t; hy : Hidden.t }

let hidden : hidden Schema.t =
  Schema.(
    record "point"
      [ field "x" Hidden.schema (fun p -> p.hx); field "y" Hidden.schema (fun p -> p.hy) ])

let some_point = { Schemas.x = 1.; y = 2. }
let some_hidden = { hx = Hidden.of_float 1.; hy = Hidden.of_float 2. }

let flat_is_not_boxed () =
  Check.is_true "the compiler sees one" (Obj.tag (Obj.repr some_point) = Obj.double_array_tag);
  Check.is_true "and not the other" (Obj.tag (Obj.repr some_hidden) = 0);
  Check.is_true "one type" (Schema.equal Schemas.point hidden);
  Check.with_new_md (fun md ->
      ignore (Typed.share md 0 Schemas.point some_point);
      ignore (Typed.share md 1 hidden some_hidden);
      Check.is_true "flat" ((Ancient.follow (Typed.get md 0 Schemas.point)).y = 2.);
      Check.is_true "boxed"
        (compare (Ancient.follow (Typed.get md 1 hidden)) some_hidden = 0);
      mismatch "flat as boxed"
        "key 0: type point: expected its floats boxed, in the file they are flat" (fun () ->
            Typed.get md 0 hidden);
      mismatch "boxed as flat"
        "key 1: type point: expected its floats flat, in the file they are boxed" (fun () ->
            Typed.get md 1 Schemas.point))

(* As texts are that were written by hand. *)
let without_attributes schema =
  let compiled = Ancient_schema_core.compile "test" schema in
  let text = "type point = { x : float; y : float }\nval root : point list\n" in
  let silent = Some { compiled with text } in
  fun () -> { (schema ()) with Ancient_schema_core.compiled = silent }

let files_that_do_not_say_it_are_looked_through () =
  Check.with_new_md (fun md ->
      let flat = Schema.list Schemas.point and boxed = Schema.list hidden in
      ignore (Typed.share md 0 (without_attributes flat) [ some_point; some_point ]);
      ignore (Typed.share md 1 (without_attributes boxed) [ some_hidden ]);
      ignore (Typed.share md 2 (without_attributes boxed) []);
      Check.is_true "flat" (Ancient.follow (Typed.get md 0 flat) = [ some_point; some_point ]);
      ignore (Typed.get md 1 boxed);
      ignore (Typed.get md 2 flat);
      mismatch "flat as boxed" "expected point, found an array of 2 floats" (fun () ->
          Typed.get md 0 boxed);
      mismatch "boxed as flat" "expected point, found a block of tag 0" (fun () ->
          Typed.get md 1 flat))

(* The runtime looks at the elements, whatever the compiler sees. *)
let arrays_are_flat_however_they_are_made () =
  let x = Hidden.of_float 1. in
  let arrays =
    [ [| x; x |]; Array.make 3 x; Array.init 2 (fun _ -> x); Array.map Fun.id [| x |];
      Array.of_list [ x ]; Array.append [| x |] [| x |]; [||] ]
  in
  List.iter
    (fun a ->
       Check.is_true "flat"
         (Array.length a = 0 || Obj.tag (Obj.repr a) = Obj.double_array_tag))
    arrays;
  Check.with_new_md (fun md ->
      let hidden = Schema.(list (array Hidden.schema)) in
      ignore (Typed.share md 0 hidden arrays);
      let floats = Typed.get ~verify:true md 0 Schema.(list (array float)) in
      Check.is_true "read as floats" (List.hd (Ancient.follow floats) = [| 1.; 1. |]))

(* ---- Accessors ---- *)

type pair = { left : int; right : int; other : string }

let left = Schema.field "left" Schema.int (fun p -> p.left)
let right = Schema.field "right" Schema.int (fun p -> p.right)
let other = Schema.field "other" Schema.string (fun p -> p.other)
let pair = { left = 1; right = 2; other = "o" }

let accessors_are_checked () =
  let refused what part fields =
    Check.with_new_md (fun md ->
        let schema = Schema.(list (option (record "pair" fields))) in
        Check.raises_invalid what part (fun () ->
            Typed.share md 0 schema [ None; Some pair ]);
        Check.raises "nothing was shared" (fun e -> e = Not_found) (fun () ->
            Ancient.get md 0))
  in
  refused "exchanged" "the accessor of field \"right\"" [ right; left; other ];
  refused "forgotten" "3 fields, the schema 2" [ left; right ];
  refused "twice" "field 1" [ left; Schema.field "right" Schema.int (fun p -> p.left); other ];
  Check.with_new_md (fun md ->
      let schema = Schema.(list (option (record "pair" [ left; right; other ]))) in
      ignore (Typed.share md 0 schema [ None; Some pair ]))

type shape = Dot | Circle of float * int | Square of { side : float; name : string }

let shape first second =
  Schema.(
    variant "shape"
      [ constant "Dot" Dot; case "Circle" [ first; second ];
        case_record "Square"
          [ inline "side" float (function Square s -> Some s.side | _ -> None);
            inline "name" string (function Square s -> Some s.name | _ -> None) ] ])

let matchers_are_checked () =
  let radius = Schema.(arg float (function Circle (r, _) -> Some r | _ -> None)) in
  let number = Schema.(arg int (function Circle (_, n) -> Some n | _ -> None)) in
  let shapes = [| Dot; Square { side = 1.; name = "s" }; Circle (2., 3) |] in
  Check.with_new_md (fun md ->
      ignore (Typed.share md 0 (Schema.array (shape radius number)) shapes);
      Check.raises_invalid "exchanged" "constructor Circle" (fun () ->
          Typed.share md 1 (Schema.array (shape number radius)) shapes))

let accessors_deep_inside_are_found () =
  let module Names = Map.Make (String) in
  let module Names_schema = Schema.For_map_standard (Names) (Schemas.Back) in
  let wrong = Schema.record "pair" [ right; left; other ] in
  let schema =
    Schema.(tuple2 unit (hashtbl int (result (Names_schema.schema (lazy_ (ref wrong))) string)))
  in
  let table = Hashtbl.create 1 in
  Hashtbl.add table 1 (Ok Names.(add "a" (Lazy.from_val (ref pair)) empty));
  Check.with_new_md (fun md ->
      Check.raises_invalid "deep" "type pair" (fun () -> Typed.share md 0 schema ((), table)))

let () =
  Check.run
    [ ("what is shared is got", what_is_shared_is_got);
      ("every pair agrees or says why", every_pair_agrees_or_says_why);
      ("every pair is told apart, block by block", every_pair_is_told_apart_block_by_block);
      ("records of floats, flat and boxed, are told apart", flat_is_not_boxed);
      ("files that do not say how are looked through",
       files_that_do_not_say_it_are_looked_through);
      ("arrays are flat however they are made", arrays_are_flat_however_they_are_made);
      ("buffers that would be read past their end", buffers_that_would_be_read_past_their_end);
      ("the message names the field", the_message_names_the_field);
      ("where there is no schema", no_schema_no_type);
      ("by name", by_name);
      ("whole files", whole_files);
      ("the same structure by other declarations is taken", the_same_structure_is_taken);
      ("accessors are checked", accessors_are_checked);
      ("matchers are checked", matchers_are_checked);
      ("accessors deep inside are found", accessors_deep_inside_are_found) ]
