(* Tables, maps and sets whose keys are of every kind that codegen makes functions for, for
   test_tool_codegen_keys.py.  Run: keyed FILE *)

type pos = [ `Noun | `Verb | `Other of int ] [@@deriving ancient]
type unit_ = Metre | Second | Named of string | Scaled of { factor : int; unit_ : unit_ }
[@@deriving ancient]
type point = { x : float; y : float } [@@deriving ancient]
type scalars =
  { yes : bool; letter : char; nothing : unit; number : float; small : int32; large : int64;
    native : nativeint; octets : bytes }
[@@deriving ancient]

type key = { key : string; b : int; point : point } [@@deriving ancient]

module Units = struct
  include Map.Make (struct type t = unit_ let compare = compare end)
  let schema v = Ancient.Schema.map_of ~standard:true singleton unit__schema v
end

module Points = struct
  include Set.Make (struct type t = point let compare = compare end)
  let schema = Ancient.Schema.set_of ~standard:true singleton point_schema
end

(* Neither its hash nor its equality is the usual one. *)
module By_option = struct
  include Hashtbl.Make (struct
      type t = int option * (int, string) result
      let equal = ( = )
      let hash (a, _) = Hashtbl.hash a + 1
    end)
  let schema v =
    Ancient.Schema.table_of create find [%ancient: int option * (int, string) result] v
end

type tables =
  { senses : (pos * int, string) Hashtbl.t;
    units : int Units.t;
    points : Points.t;
    keys : (key, int) Hashtbl.t;
    options : int By_option.t;
    scalars : (scalars, int) Hashtbl.t;
    lists : (int list, int) Hashtbl.t }
[@@deriving ancient]

let table bindings =
  let table = Hashtbl.create 8 in
  List.iter (fun (key, value) -> Hashtbl.add table key value) bindings;
  table

let () =
  let options = By_option.create 4 in
  By_option.replace options (None, Error "no") 1;
  By_option.replace options (Some 3, Ok 4) 2;
  let tables =
    { senses = table [ ((`Noun, 1), "old"); ((`Noun, 1), "new"); ((`Other 7, 2), "other") ];
      units =
        Units.of_seq
          (List.to_seq
             [ (Metre, 1); (Named "kg", 2); (Scaled { factor = 3; unit_ = Named "g" }, 3) ]);
      points = Points.of_list [ { x = 1.5; y = -0.5 }; { x = 2.; y = 0. } ];
      keys = table [ ({ key = "a"; b = 1; point = { x = 0.; y = 1. } }, 5) ];
      options;
      scalars =
        table
          [ ( { yes = true; letter = 'c'; nothing = (); number = 1.5; small = 3l; large = 4L;
                native = 5n; octets = Bytes.of_string "b" },
              6 ) ];
      lists = table [ ([ 1; 2 ], 7) ] }
  in
  Ancient.publish_many Sys.argv.(1) [ Ancient.Typed.bind 0 tables_schema tables ]
