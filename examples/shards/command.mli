(** The command line of both programs. *)

type t = {
  folder : string;
  shards : int;
  rows : int;  (** of each *)
  workers : int;
}

val parse : unit -> t
(** Of [Sys.argv]; ends the program where it is wrong. *)

val share : t -> int -> int list
(** [share command worker] are the shards that this worker publishes, from 0 to [workers - 1]. *)

val finish : t -> float -> unit
(** [finish command started] prints what was done since then. *)
