(** tests/bench: makes the values that are measured, from Debian's package index or invented;
    every OCaml program of the benchmark uses it, so that anybody can make the same input. *)

(** A record of seven blocks and a list; about what a pipeline publishes. *)
type record = {
  name : string;
  version : string;
  section : string;  (** one string for all records of a section *)
  installed_size : int;
  weight : float;
  summary : string;
  depends : string list;  (** of names that are other records' names too *)
}

(** [packages ~synthetic] are this machine's package index, in its order, and what to call
    it; invented ones, the same on each machine, where there is none or [synthetic]
    wants them. *)
val packages : synthetic:bool -> string * Debian_index.package array

(** [table packages n] has [n] records: [packages] over and over, under new names and with
    strings of their own each time. *)
val table : Debian_index.package array -> int -> (string, record) Hashtbl.t

(** Their types. *)
val record_schema : record Ancient.Schema.t

val table_schema : (string, record) Hashtbl.t Ancient.Schema.t

(** What is mostly bytes: strings of 64 KiB, and a bigarray, each half of it. *)
type flat = {
  strings : string array;
  bytes : (char, Bigarray.int8_unsigned_elt, Bigarray.c_layout) Bigarray.Array1.t;
}

(** [flat n] holds [n] bytes, rounded up to 128 KiB. *)
val flat : int -> flat
