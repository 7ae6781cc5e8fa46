(** What [[@@deriving ancient]] and [[%ancient: t]] expand to.  Programs do not call it.

    The deriver sees names; which type a name means is known to the compiler alone.  So each
    schema of a part comes with a function that takes the part out of a value, and the two have
    to agree in its type.  A schema found in the wrong scope is a type error. *)

type 'a schema := 'a Ancient_schema.t

(** {1 Declarations} *)

type declaration

type 'r right
(** What stands right of the [=] of a type ['r]. *)

type 'r member
type 'v constructor
type 'v argument

val declare : string list -> string -> int -> declaration
(** [declare modules name arity]. *)

val define : declaration -> (unit -> 'r right) -> unit
(** The function is called when the declaration is first used. *)

type any

val any : 'a schema -> any

val named : declaration -> (unit -> any list) -> 'a schema
(** The type that was declared, of these arguments. *)

val parameter : int -> 'a schema

val record : bool -> 'r member list -> ('r -> 'r) -> 'r right
(** [record unboxed members copy].  [copy] is never called: it makes, reads and changes each
    field, without which the compiler would warn of fields that are not. *)

val member : bool -> string -> ('r -> 'a) -> 'a schema -> 'r member
(** [member mutable label get schema]. *)

val variant : bool -> 'v constructor list -> ('v -> 'v) -> 'v right
val constant : string -> 'v constructor
val constructor : string -> 'v argument list -> 'v constructor
val inline : string -> 'v argument list -> 'v constructor
val argument : ('v -> 'a option) -> 'a schema -> 'v argument
val field : bool -> string -> ('v -> 'a option) -> 'a schema -> 'v argument

val alias : 'a schema -> 'a right

val private_alias : ('a -> 'b) -> 'b schema -> 'a right
(** The function is the coercion to what the type is. *)

val abstract : 'a right

(** {1 Types} *)

type 't element

val tuple : 't element list -> 't schema
val element : ('t -> 'a) -> 'a schema -> 't element

val called : string -> 'a schema -> 'a schema
(** [called "Names" schema]: where it is the schema of a map, set or table, that is the name of the
    module that makes it. *)

type 'v tag

val polymorphic : 'v tag list -> 'v schema
val tag : string -> 'v -> 'v tag
val tag_of : string -> ('a -> 'v) -> 'a schema -> 'v tag

val inherited : ('p -> 'v) -> 'p schema -> 'v tag
(** [[ p | ... ]]: the tags of another type. *)

val included : 'p schema -> (unit -> 'v) -> 'v tag
val witness : 'p schema -> 'p
(** [included schema (fun () -> (witness schema :> t))]: the same, where the other type has no name
    any more; the function is never called. *)

val found : 'a -> 'a option
val other : 'a option
(** [Some] and [None], whatever a program calls so. *)

val missing : string -> 'a -> 'b
(** Where no schema is in scope, a value of this meaning is, with an alert that the deriver makes
    an error; where that is silenced, Invalid_argument says the same. *)

(** {1 Schemas of what a name usually means} *)

(** Opened around each file that derives.  A type of the file that is called like one of these
    has its schema under the same name, nearer. *)
module Prelude : sig
  val unit_schema : unit schema
  val bool_schema : bool schema
  val int_schema : int schema
  val char_schema : char schema
  val string_schema : string schema
  val bytes_schema : bytes schema
  val float_schema : float schema
  val int32_schema : int32 schema
  val int64_schema : int64 schema
  val nativeint_schema : nativeint schema
  val floatarray_schema : floatarray schema
  val list_schema : 'a schema -> 'a list schema
  val array_schema : 'a schema -> 'a array schema
  val option_schema : 'a schema -> 'a option schema
  val ref_schema : 'a schema -> 'a ref schema
  val result_schema : 'a schema -> 'e schema -> ('a, 'e) result schema
  val lazy_t_schema : 'a schema -> 'a lazy_t schema

  val exn_schema : 'a -> 'b
  [@@alert ancient "values of type exn cannot be shared: an exception is known by the address of \
                    its constructor in one process; share its text"]

  val in_channel_schema : 'a -> 'b
  [@@alert ancient "values of type in_channel cannot be shared: they belong to one process; share \
                    the file's name"]

  val out_channel_schema : 'a -> 'b
  [@@alert ancient "values of type out_channel cannot be shared: they belong to one process; \
                    share the file's name"]

  val format_schema : 'a -> 'b
  [@@alert ancient "values of type format have no schema; share their text (string_of_format)"]

  val format4_schema : 'a -> 'b
  [@@alert ancient "values of type format4 have no schema; share their text (string_of_format)"]

  val format6_schema : 'a -> 'b
  [@@alert ancient "values of type format6 have no schema; share their text (string_of_format)"]
end

(** The types that stand for kinds and layouts of bigarrays; opened likewise, for files that open
    {!Bigarray}. *)
module Kinds : sig
  val float16_elt_schema : 'a schema
  val float32_elt_schema : Bigarray.float32_elt schema
  val float64_elt_schema : Bigarray.float64_elt schema
  val int8_signed_elt_schema : Bigarray.int8_signed_elt schema
  val int8_unsigned_elt_schema : Bigarray.int8_unsigned_elt schema
  val int16_signed_elt_schema : Bigarray.int16_signed_elt schema
  val int16_unsigned_elt_schema : Bigarray.int16_unsigned_elt schema
  val int32_elt_schema : Bigarray.int32_elt schema
  val int64_elt_schema : Bigarray.int64_elt schema
  val int_elt_schema : Bigarray.int_elt schema
  val nativeint_elt_schema : Bigarray.nativeint_elt schema
  val complex32_elt_schema : Bigarray.complex32_elt schema
  val complex64_elt_schema : Bigarray.complex64_elt schema
  val c_layout_schema : Bigarray.c_layout schema
  val fortran_layout_schema : Bigarray.fortran_layout schema
end

(** Each module of the standard library with the schemas of its types: [schema] of [t],
    [NAME_schema] of NAME. *)
module Standard : sig
  module Hashtbl : sig
    val schema : 'k schema -> 'v schema -> ('k, 'v) Hashtbl.t schema
  end

  module Either : sig
    val schema : 'a schema -> 'b schema -> ('a, 'b) Either.t schema
  end

  module Uchar : sig
    val schema : Uchar.t schema
  end

  module Complex : sig
    val schema : Complex.t schema
  end

  module Digest : sig
    val schema : Digest.t schema
  end

  module Buffer : sig
    val schema : Buffer.t schema
  end

  module Atomic : sig
    val schema : 'a schema -> 'a Atomic.t schema
  end

  module Queue : sig
    val schema : 'a schema -> 'a Queue.t schema
  end

  module Stack : sig
    val schema : 'a schema -> 'a Stack.t schema
  end

  module Lexing : sig
    val position_schema : Lexing.position schema
  end

  module Unix : sig
    val tm_schema : Unix.tm schema
    val file_kind_schema : Unix.file_kind schema
    val stats_schema : Unix.stats schema

    module LargeFile : sig
      val stats_schema : Unix.LargeFile.stats schema
    end
  end

  (** [Dynarray], where this version of OCaml has it. *)
  include module type of struct
    include Ancient_ppx_since
  end

  module Bigarray : sig
    module Genarray : sig
      val schema :
        'a schema -> 'b schema -> 'l schema -> ('a, 'b, 'l) Bigarray.Genarray.t schema
    end

    module Array0 : sig
      val schema :
        'a schema -> 'b schema -> 'l schema -> ('a, 'b, 'l) Bigarray.Array0.t schema
    end

    module Array1 : sig
      val schema :
        'a schema -> 'b schema -> 'l schema -> ('a, 'b, 'l) Bigarray.Array1.t schema
    end

    module Array2 : sig
      val schema :
        'a schema -> 'b schema -> 'l schema -> ('a, 'b, 'l) Bigarray.Array2.t schema
    end

    module Array3 : sig
      val schema :
        'a schema -> 'b schema -> 'l schema -> ('a, 'b, 'l) Bigarray.Array3.t schema
    end
  end

  (** Of a module Z that may be Zarith's, with the function of Zarith's that is looked for in it,
      or {!not_zarith}.  A schema of another module is refused when it is first used. *)
  module Zarith (Z : sig
      type t

      val of_substring_base : int -> string -> pos:int -> len:int -> t
    end) : sig
    val schema : Z.t schema
  end

  val not_zarith : int -> string -> pos:int -> len:int -> 'a
end
