(** examples/debian-index: builds the two tables that are published beside the packages: the
    index of words and the reverse dependencies.

    A name of a known package is physically the string that is its key in the table of
    packages, so that the file stores it once. *)

open Debian_index

(** The words of a text: runs of letters and digits, and what joins them in names
    ([c++], [lib2to3]), in lower case; letters beyond ASCII are kept as they are. *)
val words_of_text : string -> string list

(** From each word of a description to the names of the packages that have it, sorted. *)
val index_words : entry list -> (string, string array) Hashtbl.t

(** From a name to the names of the packages that depend on it, sorted.  A name need not
    be that of a package: many dependencies are on virtual ones. *)
val index_rdepends : entry list -> (string, string list) Hashtbl.t
