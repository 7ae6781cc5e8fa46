(** tests/bench: the command loop and the clocks of the benchmark's OCaml programs.

    A program makes its input, prints a JSON object when it is ready, then reads commands and
    answers each with a JSON object on a line.  A command is words on a line, separated by
    tabs.  So bench.py can run the contenders of a measurement in turn, within one program or
    across several. *)

(** A fact of an answer. *)
type fact = Int of int | Float of float | String of string

(** [serve facts answer] prints [facts], then [answer words] for each line of standard input,
    to its end. *)
val serve : (string * fact) list -> (string list -> (string * fact) list) -> unit

(** [seconds f] is what [f ()] returns, and how long it took. *)
val seconds : (unit -> 'a) -> 'a * float

(** [processor_seconds f] is the same in processor time of this process, which leaves out the time
    that other processes took; for work that waits for nothing. *)
val processor_seconds : (unit -> 'a) -> 'a * float

(** KiB of this process that are in memory, shared pages included. *)
val resident_kib : unit -> int
