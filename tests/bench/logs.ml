(* tests/bench: log records that repeat themselves as those of programs do: few machines and services,
   some thousand messages, most of them a few; every string and number in a block of its own. *)

type level = Debug | Info | Warning | Error
type place = { host : string; service : string; version : string * int }

type entry = {
  time : float;
  level : level;
  place : place;
  message : string;
  tags : string list;
  user : string option;
  latency : float;
  status : int32;
}

let schema =
  let open Ancient.Schema in
  let level =
    variant "level"
      [ constant "Debug" Debug; constant "Info" Info; constant "Warning" Warning;
        constant "Error" Error ]
  in
  let place =
    record "place"
      [ field "host" string (fun p -> p.host); field "service" string (fun p -> p.service);
        field "version" (tuple2 string int) (fun p -> p.version) ]
  in
  array
    (record "entry"
       [ field "time" float (fun e -> e.time); field "level" level (fun e -> e.level);
         field "place" place (fun e -> e.place); field "message" string (fun e -> e.message);
         field "tags" (list string) (fun e -> e.tags);
         field "user" (option string) (fun e -> e.user);
         field "latency" float (fun e -> e.latency);
         field "status" int32 (fun e -> e.status) ])

(* [make n] is the same [n] records each time. *)
let make n =
  let state = Random.State.make [| 42 |] in
  let any n = Random.State.int state n in
  (* the first of [n] far more often than the last *)
  let often n =
    let x = Random.State.float state 1. in
    int_of_float (float n *. x *. x *. x)
  in
  let text = Printf.sprintf in
  let fresh status = Int32.add status (Sys.opaque_identity 0l) in
  let entry i =
    { time = 1.7e9 +. float (i / 3);
      level = (match any 10 with 0 -> Debug | 1 -> Warning | 2 -> Error | _ -> Info);
      place =
        { host = text "node%03d.example.org" (any 40); service = text "service-%d" (any 12);
          version = (text "1.%d.0" (any 3), any 3) };
      message =
        (if any 4 = 0 then text "request %d took too long" (any 1_000_000)
         else text "GET /api/v1/item/%d" (often 2000));
      tags = List.init (any 4) (fun _ -> text "tag%d" (any 8));
      user = (if any 2 = 0 then None else Some (text "user%05d" (often 20_000)));
      latency = float (often 4000) /. 1000.;
      status = (match any 20 with 0 -> fresh 500l | 1 -> fresh 404l | _ -> fresh 200l) }
  in
  Array.init n entry
