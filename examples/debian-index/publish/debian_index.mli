(** examples/debian-index: parses Debian's package index, one paragraph at a time.  The
    publisher calls it, and so does tests/bench to make its input.

    The index is what [apt-cache dumpavail] prints and [/var/lib/dpkg/status] holds:
    paragraphs of [Field: value] lines, continued by lines that begin with a blank
    (Debian policy, chapter 5). *)

(** A package, as the file holds it.  The report in Python and the service in C read its
    fields by name. *)
type package = {
  name : string;
  version : string;  (** [""] where the index does not say *)
  section : string;  (** [""] likewise *)
  installed_size : int;  (** KiB, 0 where the index does not say *)
  summary : string;  (** first line of the description *)
  depends : string list;
  (** names of the packages in [Depends], of each group of alternatives the first, in
      the index's order and each once *)
}

type entry = {
  package : package;
  description : string;
  (** the whole of it, summary included, which is more than the summary only where
      the index has long descriptions *)
}

(** [fold ic ~init ~f] reads [ic] to its end and applies [f] to each package in turn.

    Paragraphs without a [Package] field, and those of packages that [Status] says are not
    installed, are passed over; so are lines that are neither a field nor the continuation
    of one.  Names, versions and sections that are equal are one string in memory.
    @raise Sys_error where [ic] cannot be read. *)
val fold : in_channel -> init:'a -> f:('a -> entry -> 'a) -> 'a

(** [first_alternatives "a (>= 1) | b, c:any [amd64]"] is [["a"; "c"]]. *)
val first_alternatives : string -> string list

(** Where an index comes from. *)
type source =
  | Apt  (** the packages this machine could install: [apt-cache dumpavail] *)
  | File of string

(** Words for a person, ["apt-cache dumpavail"] or the path. *)
val source_name : source -> string

(** [with_source source f] is [f ic] on the index of [source].
    @raise Sys_error where it cannot be opened or read; a missing or failing
    [apt-cache] shows as an empty index. *)
val with_source : source -> (in_channel -> 'a) -> 'a

(** [default_sources] are the indexes of this machine, the richest first: the first that
    holds a package is the one to use. *)
val default_sources : source list
