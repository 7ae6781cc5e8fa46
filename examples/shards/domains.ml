(* examples/shards: ancient-shards-domains FOLDER SHARDS ROWS WORKERS publishes shards by domains, on
   OCaml 5: as the processes do, with one heap. *)

let () =
  let started = Unix.gettimeofday () in
  let command = Command.parse () in
  let work worker () =
    let publish = Shard.publish ~folder:command.folder ~rows:command.rows in
    List.iter publish (Command.share command worker)
  in
  let workers = List.init command.workers (fun worker -> Domain.spawn (work worker)) in
  List.iter Domain.join workers;
  Command.finish command started
