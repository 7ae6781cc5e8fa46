(* examples/shards: ancient-shards-processes FOLDER SHARDS ROWS WORKERS publishes shards by processes,
   on OCaml 4 and 5.  No worker knows of another: each shard is a file of its own, which has its name
   once it is complete. *)

let start (command : Command.t) worker =
  match Unix.fork () with
  | 0 ->
    let publish = Shard.publish ~folder:command.folder ~rows:command.rows in
    (match List.iter publish (Command.share command worker) with
     | () -> Unix._exit 0
     | exception error ->
       prerr_endline (Printexc.to_string error);
       Unix._exit 1)
  | pid -> pid

let () =
  let started = Unix.gettimeofday () in
  let command = Command.parse () in
  let workers = List.init command.workers (start command) in
  let ended = List.map (fun pid -> snd (Unix.waitpid [] pid)) workers in
  if List.exists (fun status -> status <> Unix.WEXITED 0) ended then exit 1;
  Command.finish command started
