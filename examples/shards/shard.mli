(** One shard: a file with a table of readings, made by one worker without any other. *)

type sky =
  | Clear
  | Cloudy
  | Rain

type reading = {
  id : int;  (** of all readings of all shards *)
  station : string;
  sky : sky;
  celsius : float;
  gust : int option;  (** metres a second, where it was measured *)
  notes : string list;
}

val readings : first:int -> int -> reading array
(** [readings ~first n] are those with the ids from [first] on: each follows from its id alone. *)

val publish : folder:string -> rows:int -> int -> unit
(** [publish ~folder ~rows n] makes [folder/shard-0000n.ancient], complete, with [rows] readings under
    the name [readings].  Any number of processes and domains may do so at once, for different [n]. *)
