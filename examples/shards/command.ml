type t = {
  folder : string;
  shards : int;
  rows : int;
  workers : int;
}

let parse () =
  let number text =
    match int_of_string_opt text with
    | Some n when n > 0 -> n
    | _ ->
      prerr_endline (text ^ " is no number of shards, rows or workers");
      exit 2
  in
  match Sys.argv with
  | [| _; folder; shards; rows; workers |] ->
    { folder; shards = number shards; rows = number rows; workers = number workers }
  | _ ->
    prerr_endline ("usage: " ^ Sys.argv.(0) ^ " FOLDER SHARDS ROWS WORKERS");
    exit 2

let share { shards; workers; _ } worker =
  List.filter (fun n -> n mod workers = worker) (List.init shards (fun n -> n))

let finish { folder; shards; rows; workers } started =
  Printf.printf "%d shards of %d rows in %s by %d workers in %.2f s\n" shards rows folder workers
    (Unix.gettimeofday () -. started)
