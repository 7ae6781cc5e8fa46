(* tests/ocaml: values of many types, made at random, in which much is equal; for test_dedup.ml, and
   tests/interop/dedup.ml, which has them compacted by others. *)

(* ---- Types ---- *)

type t =
  | Nothing
  | Int of int
  | Text of string
  | Raw of bytes
  | Real of float
  | Numbers of int32 * int64 * nativeint
  | Pair of (t * t)
  | Many of t list
  | Array of t array
  | Floats of float array
  | Fixed of fixed
  | Changing of changing
  | Inline of { head : t; mutable tail : t }
  | Maybe of t option
  | Either of (t, string) result
  | Cell of t ref
  | Variant of [ `None | `Some of t | `Text of string ]
  | Later of t Lazy.t
  | Table of (string, t) Hashtbl.t
  | Point of point
  | Moving of moving
  | Queue of t Queue.t
  | Stack of t Stack.t

and fixed = { name : string; value : t; weight : float }
and changing = { mutable name_now : string; value_now : t }
and point = { x : float; y : float }
and moving = { mutable at : float; by : float }

let schema =
  let open Ancient.Schema in
  let case1 name ty get = case name [ arg ty get ] in
  fix (fun t ->
      let fixed =
        record "fixed"
          [ field "name" string (fun (f : fixed) -> f.name); field "value" t (fun f -> f.value);
            field "weight" float (fun f -> f.weight) ]
      and changing =
        record "changing"
          [ field ~mutable_:true "name_now" string (fun c -> c.name_now);
            field "value_now" t (fun c -> c.value_now) ]
      and point =
        record "point" [ field "x" float (fun p -> p.x); field "y" float (fun p -> p.y) ]
      and moving =
        record "moving"
          [ field ~mutable_:true "at" float (fun m -> m.at); field "by" float (fun m -> m.by) ]
      in
      variant "t"
        [ constant "Nothing" Nothing;
          case1 "Int" int (function Int v -> Some v | _ -> None);
          case1 "Text" string (function Text v -> Some v | _ -> None);
          case1 "Raw" bytes (function Raw v -> Some v | _ -> None);
          case1 "Real" float (function Real v -> Some v | _ -> None);
          case "Numbers"
            [ arg int32 (function Numbers (v, _, _) -> Some v | _ -> None);
              arg int64 (function Numbers (_, v, _) -> Some v | _ -> None);
              arg nativeint (function Numbers (_, _, v) -> Some v | _ -> None) ];
          case1 "Pair" (tuple2 t t) (function Pair v -> Some v | _ -> None);
          case1 "Many" (list t) (function Many v -> Some v | _ -> None);
          case1 "Array" (array t) (function Array v -> Some v | _ -> None);
          case1 "Floats" (array float) (function Floats v -> Some v | _ -> None);
          case1 "Fixed" fixed (function Fixed v -> Some v | _ -> None);
          case1 "Changing" changing (function Changing v -> Some v | _ -> None);
          case_record "Inline"
            [ inline "head" t (function Inline v -> Some v.head | _ -> None);
              inline ~mutable_:true "tail" t (function Inline v -> Some v.tail | _ -> None) ];
          case1 "Maybe" (option t) (function Maybe v -> Some v | _ -> None);
          case1 "Either" (result t string) (function Either v -> Some v | _ -> None);
          case1 "Cell" (ref t) (function Cell v -> Some v | _ -> None);
          case1 "Variant"
            (polymorphic
               [ tag "None" `None; tag_of "Some" t (fun v -> `Some v) Nothing;
                 tag_of "Text" string (fun v -> `Text v) "" ])
            (function Variant v -> Some v | _ -> None);
          case1 "Later" (lazy_ t) (function Later v -> Some v | _ -> None);
          case1 "Table" (hashtbl string t) (function Table v -> Some v | _ -> None);
          case1 "Point" point (function Point v -> Some v | _ -> None);
          case1 "Moving" moving (function Moving v -> Some v | _ -> None);
          case1 "Queue" (queue t) (function Queue v -> Some v | _ -> None);
          case1 "Stack" (stack t) (function Stack v -> Some v | _ -> None) ])

(* ---- Random values ---- *)

let fresh_string s = Bytes.to_string (Bytes.of_string s)

let nan_of payload = Int64.float_of_bits (Int64.logor 0x7FF8_0000_0000_0000L payload)
let floats = [| 0.; -0.; 1.5; nan_of 1L; nan_of 2L; infinity |]

(* Few leaves, so that many are equal; and what was made before is used again at times, so that
   the original shares, too. *)
let random state size =
  let int n = Random.State.int state n in
  let text () = fresh_string [| ""; "a"; "abcdefg"; "abcdefgh"; String.make 100 'x' |].(int 5) in
  let real () = floats.(int 6) +. 0. in
  let pool = ref [| Nothing |] in
  let rec make depth =
    if int 6 = 0 then !pool.(int (Array.length !pool))
    else begin
      let v = fresh depth in
      if int 4 = 0 then pool := Array.append !pool [| v |];
      v
    end
  and fresh depth =
    let below () = make (depth - 1) in
    let some_below () = List.init (int 4) (fun _ -> below ()) in
    match if depth = 0 then int 7 else int 26 with
    | 0 -> Nothing
    | 1 -> Int (int 3)
    | 2 -> Text (text ())
    | 3 -> Raw (Bytes.of_string (text ()))
    | 4 -> Real (real ())
    | 5 ->
      Numbers (Int32.of_int (int 2 - 1), Int64.of_int (int 2), Nativeint.of_int (int 2))
    | 6 -> Point { x = real (); y = real () }
    | 7 -> Pair (below (), below ())
    | 8 | 23 -> Many (some_below ())
    | 9 -> Array (Array.of_list (some_below ()))
    | 10 -> Floats (Array.init (int 3) (fun _ -> real ()))
    | 11 | 24 -> Fixed { name = text (); value = below (); weight = real () }
    | 12 -> Changing { name_now = text (); value_now = below () }
    | 13 -> Inline { head = below (); tail = below () }
    | 14 -> Maybe (if int 2 = 0 then None else Some (below ()))
    | 15 -> Either (if int 2 = 0 then Ok (below ()) else Error (text ()))
    | 16 -> Cell (ref (below ()))
    | 17 ->
      Variant (match int 3 with 0 -> `None | 1 -> `Some (below ()) | _ -> `Text (text ()))
    | 18 -> Later (Lazy.from_val (below ()))
    | 19 ->
      let table = Hashtbl.create 2 in
      List.iter (fun v -> Hashtbl.add table (text ()) v) (some_below ());
      Table table
    | 20 -> Moving { at = real (); by = real () }
    | 21 -> Queue (Stdlib.Queue.of_seq (List.to_seq (some_below ())))
    | 22 -> Stack (Stdlib.Stack.of_seq (List.to_seq (some_below ())))
    | _ -> Pair (below (), Text (text ()))
  in
  List.init size (fun _ -> make 4)

let list_schema = Ancient.Schema.list schema
