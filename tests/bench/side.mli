(** tests/bench: what the OCaml programs of the benchmark have in common.

    A program makes its input, says so, and then does one thing for each line it is asked,
    so that bench.py can let programs, and the sides within one, take turns.  Questions are
    words on a line with tabs between, answers are JSON objects on a line. *)

(** A fact of an answer. *)
type fact = Int of int | Float of float | String of string

(** [serve facts answer] prints [facts], then [answer words] for each line of standard input,
    to its end. *)
val serve : (string * fact) list -> (string list -> (string * fact) list) -> unit

(** [seconds f] is what [f ()] returns, and how long it took. *)
val seconds : (unit -> 'a) -> 'a * float

(** [processor_seconds f] is the same, less what other processes took: for work that waits for
    nothing. *)
val processor_seconds : (unit -> 'a) -> 'a * float

(** KiB of this process that are in memory, shared pages included. *)
val resident_kib : unit -> int
