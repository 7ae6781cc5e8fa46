(** examples/debian-index: shows on standard error what the publisher is doing: one line
    that is rewritten on a terminal, one line at the end of each stage elsewhere. *)

type t

(** [start "reading apt-cache dumpavail"] begins a stage. *)
val start : string -> t

(** [update stage detail] shows [detail ()] beside the stage's title, at most ten times a
    second and on a terminal only; it is cheap to call for every package. *)
val update : t -> (unit -> string) -> unit

(** [finish stage result] ends the stage with a line that stays, and the seconds it took. *)
val finish : t -> string -> unit

(** [give_up ()] leaves the line of a stage that failed, so that what is printed next
    begins a line of its own. *)
val give_up : unit -> unit

(** [63666] is ["63,666"]. *)
val count : int -> string

(** [24_300_000] is ["24.3 MB"]. *)
val size : int -> string
