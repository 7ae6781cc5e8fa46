(** The OCaml types of values, as values: what a typed file carries, so that Python and C
    programs see names instead of positions and OCaml programs are told of a difference
    instead of crashing on it.

    With the deriver there is nothing else to do:

    {[
      (* (preprocess (pps ancient.ppx)), or ocamlfind -package ancient.ppx *)
      type dep = { name : string; alternatives : string list }
      and t = { version : string; size : int; depends : dep list }
      [@@deriving ancient]
      (* val dep_schema : dep Ancient.Schema.t      val schema : t Ancient.Schema.t *)

      let () = Ancient.Typed.publish "idx" [%ancient: (string, t) Hashtbl.t] packages
    ]}

    Without it, the same by hand:

    {[
      let dep =
        Ancient.Schema.(
          record "dep"
            [ field "name" string (fun d -> d.name);
              field "alternatives" (list string) (fun d -> d.alternatives) ])
    ]}

    What cannot be shared has no schema: functions, objects, exceptions, GADTs.

    {b What the deriver makes.}  For a type t a value [schema], for any other NAME a value
    [NAME_schema], in structures and in signatures; for a type with parameters a function that
    takes a schema for each.  [[%ancient: ty]] is the schema of a type expression without
    variables.  What is made gives no warnings.

    A name means the type that is in scope.  The schema of [M.t] is [M.schema] where M has one,
    otherwise that of the standard library's type of this name; the compiler compares it with the
    type, so that a module or a type of yours that hides one of OCaml's is taken for what it is, or
    refused.  A module that has no schema gets one so:

    {[
      module Name = struct
        include Other_library.Name

        let schema = Ancient.Schema.(alias "Name.t" string)
      end
    ]}

    Abstract types and variants without constructors have a schema too, for parameters that no
    value depends on: [type user [@@deriving ancient]] and [type 'a id = int [@@deriving ancient]]
    make [user id].  To share a value of an abstract type itself raises [Invalid_argument].

    Mistakes (a bad name, a type of itself) raise [Invalid_argument] where the schema is
    made or first used. *)

type 'a repr = 'a Ancient_schema_core.repr
(** The representation of a schema; internal to the library. *)

type 'a t = unit -> 'a repr
(** The schema of values of type ['a].  It is a function so that recursive modules may
    hold schemas; programs pass it on and never call it.  Schemas are immutable and may be
    used from any thread. *)

(** {1 Types of OCaml} *)

val unit : unit t
val bool : bool t
val int : int t
val char : char t
val string : string t
val bytes : bytes t
val float : float t
val int32 : int32 t
val int64 : int64 t
val nativeint : nativeint t
val floatarray : floatarray t
val list : 'a t -> 'a list t
val array : 'a t -> 'a array t
val option : 'a t -> 'a option t
val result : 'a t -> 'e t -> ('a, 'e) result t
val ref : 'a t -> 'a ref t

val lazy_ : 'a t -> 'a Lazy.t t
(** The values must be forced when they are shared. *)

val tuple2 : 'a t -> 'b t -> ('a * 'b) t
val tuple3 : 'a t -> 'b t -> 'c t -> ('a * 'b * 'c) t
val tuple4 : 'a t -> 'b t -> 'c t -> 'd t -> ('a * 'b * 'c * 'd) t

val tuple5 :
  'a t -> 'b t -> 'c t -> 'd t -> 'e t -> ('a * 'b * 'c * 'd * 'e) t

val tuple6 :
  'a t -> 'b t -> 'c t -> 'd t -> 'e t -> 'f t -> ('a * 'b * 'c * 'd * 'e * 'f) t

val tuple7 :
  'a t ->
  'b t ->
  'c t ->
  'd t ->
  'e t ->
  'f t ->
  'g t ->
  ('a * 'b * 'c * 'd * 'e * 'f * 'g) t

val tuple8 :
  'a t ->
  'b t ->
  'c t ->
  'd t ->
  'e t ->
  'f t ->
  'g t ->
  'h t ->
  ('a * 'b * 'c * 'd * 'e * 'f * 'g * 'h) t

val hashtbl : 'k t -> 'v t -> ('k, 'v) Hashtbl.t t
(** Tables of {!Stdlib.Hashtbl}; those of its functor: {!For_hashtbl}. *)

val genarray :
  ('a, 'b) Bigarray.kind -> 'l Bigarray.layout -> ('a, 'b, 'l) Bigarray.Genarray.t t

val array0 :
  ('a, 'b) Bigarray.kind -> 'l Bigarray.layout -> ('a, 'b, 'l) Bigarray.Array0.t t

val array1 :
  ('a, 'b) Bigarray.kind -> 'l Bigarray.layout -> ('a, 'b, 'l) Bigarray.Array1.t t

val array2 :
  ('a, 'b) Bigarray.kind -> 'l Bigarray.layout -> ('a, 'b, 'l) Bigarray.Array2.t t

val array3 :
  ('a, 'b) Bigarray.kind -> 'l Bigarray.layout -> ('a, 'b, 'l) Bigarray.Array3.t t

val as_bytes : 'a t -> 'a t
(** [as_bytes string]: Python shows such strings as [bytes], not as text.  The deriver
    writes it for [[@ancient.bytes]].  It is no difference between schemas. *)

(** {1 Records and variants}

    Names are those of the declaration.  A type may be called with its modules,
    ["Package.t"]; that is for people and no difference between schemas.

    Each field comes with its accessor.  Before the first value is shared, its first
    block must hold what the accessors say, so that a field forgotten, exchanged with
    another or named out of order raises [Invalid_argument] instead of misleading every
    reader.

    For a type with parameters write a function from schemas to schemas. *)

type 'r field

val field : ?mutable_:bool -> string -> 'a t -> ('r -> 'a) -> 'r field
(** [field "size" int (fun p -> p.size)]. *)

val record : ?unboxed:bool -> string -> 'r field list -> 'r t
(** [record name fields], all fields in the order of the declaration.  [unboxed] where it
    has [[@@unboxed]]. *)

type 'v case
type 'v arg

val constant : string -> 'v -> 'v case
(** [constant "Red" Red]: a constructor without argument. *)

val arg : 'a t -> ('v -> 'a option) -> 'v arg
(** [arg int (function Rgb (r, _, _) -> Some r | _ -> None)]. *)

val case : string -> 'v arg list -> 'v case
(** [case "Rgb" [ arg ...; arg ...; arg ... ]]: a constructor with these arguments.
    [C of (a * b)] has one, a tuple. *)

val inline : ?mutable_:bool -> string -> 'a t -> ('v -> 'a option) -> 'v arg
(** A field of an inline record, for {!case_record}. *)

val case_record : string -> 'v arg list -> 'v case
(** [case_record "Circle" [ inline "radius" float (function ...) ]]: a constructor of an
    inline record. *)

val variant : ?unboxed:bool -> string -> 'v case list -> 'v t
(** [variant name cases], all of them in the order of the declaration. *)

val alias : string -> 'a t -> 'a t
(** [alias "Money.t" float] gives a name to a type: for the text only. *)

type 'v tag

val tag : string -> 'v -> 'v tag
(** [tag "Red" `Red]. *)

val tag_of : string -> 'a t -> ('a -> 'v) -> 'a -> 'v tag
(** [tag_of "Grey" int (fun x -> `Grey x) 0]: the function makes it, and the last argument
    is a sample to try it with. *)

val polymorphic : 'v tag list -> 'v t
(** Polymorphic variants, in any order. *)

(** {1 Recursive types} *)

val fix : ('a t -> 'a t) -> 'a t
(** [fix (fun tree -> variant "tree" [ ...; case "Node" [ arg tree ...; arg tree ... ] ])].
    The recursion must go through a record or a variant. *)

val fix2 : ('a t -> 'b t -> 'a t * 'b t) -> 'a t * 'b t
(** Two types that need each other. *)

(** {1 Types of the standard library, and of others} *)

val either : 'a t -> 'b t -> ('a, 'b) Either.t t

val uchar : Uchar.t t
(** An integer: [chr(u)] in Python. *)

val complex : Complex.t t
(** A record of [re] and [im]: [complex(c.re, c.im)] in Python. *)

val digest : Digest.t t
(** Bytes. *)

val atomic : 'a t -> 'a Atomic.t t
(** As a [ref].  One made by [Atomic.make_contended] is longer: reading it is an error. *)

val queue : 'a t -> 'a Queue.t t
(** In Python and C a sequence of the elements, the one next to be taken first. *)

val stack : 'a t -> 'a Stack.t t
(** A sequence of the elements, the topmost first. *)

val buffer : Buffer.t t
(** A record of the library's, of which [bytes(b.inner.buffer[:b.position])], or on OCaml 4
    [bytes(b.buffer[:b.position])], is the content.  OCaml 4 and 5 differ, so that each
    refuses buffers of the other: publish [Buffer.contents b]. *)

val position : Lexing.position t
val tm : Unix.tm t
val stats : Unix.stats t
val large_stats : Unix.LargeFile.stats t
val file_kind : Unix.file_kind t

module For_dynarray (D : sig
    type 'a t

    val create : unit -> 'a t
    val add_last : 'a t -> 'a -> unit
  end) : sig
  val schema : 'a t -> 'a D.t t
end
(** [For_dynarray (Dynarray)], since OCaml 5.2.  From 5.3 on a sequence of the elements; in 5.2
    a record whose field [slots] has them, and [None] in its spare room.  5.2 and later
    versions refuse dynarrays of each other. *)

module For_int63 (I : sig type t val of_int : int -> t end) : sig
  val schema : I.t t
end
(** [For_int63 (Base.Int63)]: an [int].
    @raise Invalid_argument where [I] is another kind of integer. *)

module For_zarith (Z : sig type t val of_string : string -> t end) : sig
  val schema : Z.t t
end
(** [For_zarith (Z)], for Zarith's integers.
    @raise Invalid_argument where [Z] is not Zarith's. *)

(** {2 Versions of OCaml}

    A schema says how this program's version represents a type, so that what another version
    represents otherwise is another type: [Ancient.Typed.get] raises
    {!Ancient.Schema_mismatch}, which says so, and C and Python read either.  {!Ancient.get},
    without a schema, trusts the program, and crashes.  From OCaml 4.13 to 5.4 these differ:

    - [Buffer.t]: 4.13 and 4.14, 5.0 and later;
    - [Dynarray.t]: 5.2, 5.3 and later;
    - [Random.State.t]: 4.13 and 4.14, 5.0 and later; it has no schema;
    - bigarrays of [float16_elt]: unknown before 5.2;
    - types of [compiler-libs], nearly each version.

    All others that can be shared are alike in these versions, among them [Hashtbl.t],
    [Map.S.t], [Set.S.t], [Queue.t], [Stack.t], [Atomic.t], [Complex.t], [Uchar.t], [Either.t],
    [Digest.t], forced [Lazy.t], [Lexing.position], [Unix.tm], [Unix.stats].

    These cannot be shared, or have no schema:

    - [Weak.t], [Ephemeron], [Obj.t]: what is in them depends on the collector; share the values;
    - [Random.State.t]: share the seed, or, since 5.1, [to_binary_string];
    - [Seq.t], [Format.formatter], [Lexing.lexbuf], objects, first-class modules: functions;
      share a list, or [Seq.memoize]d elements as an array;
    - [in_channel], [out_channel], [Thread.t], [Mutex.t], [Condition.t], [Domain.t] and their
      like: parts of a process;
    - [exn], extensible variants, GADTs, existentials: declare a variant of what is needed. *)

(** {1 Containers made by functors}

    By one line more than the module itself, which the deriver finds:

    {[
      module Names = struct
        include Map.Make (String)
        let schema v = Ancient.Schema.(map_of ~standard:true singleton string v)
      end

      module Words = struct
        include Set.Make (String)
        let schema = Ancient.Schema.(set_of ~standard:true singleton string)
      end

      module Table = struct
        include Hashtbl.Make (Key)
        let schema v = Ancient.Schema.table_of create find Key.schema v
      end

      type t = { sizes : int Names.t; words : Words.t } [@@deriving ancient]
    ]}

    Modules of [MoreLabels] and of [Hashtbl.MakeSeeded] go the same way, and any others whose values
    are represented like those of the standard library.

    The order of a map or set, and the hash and equality of a table, cannot be seen.  They
    are {e unknown}, and every lookup by C and Python goes through the whole; with
    [~standard:true] you say that they are those of {!Stdlib.compare}, or {!Hashtbl.hash}
    and [=], and lookups are fast.  Where that is not so, lookups miss; so leave it out for
    [MakeSeeded].

    What holds a function cannot be shared, as [Base.Map.t] and [Base.Hashtbl.t], which carry
    their comparator: publish [Base.Map.to_alist m], or a [Map] of the standard library.

    @raise Invalid_argument where the module is represented in another way. *)

val map_of : ?standard:bool -> ('k -> 'v -> 'm) -> 'k t -> 'v t -> 'm t
(** [map_of singleton key value], with the [singleton] of a module that [Map.Make] made. *)

val set_of : ?standard:bool -> ('k -> 's) -> 'k t -> 's t
(** [set_of singleton element], with the [singleton] of a module that [Set.Make] made. *)

val table_of : ?standard:bool -> (int -> 'h) -> ('h -> 'k -> 'v) -> 'k t -> 'v t -> 'h t
(** [table_of create find key value], with functions of a module that [Hashtbl.Make] or
    [Hashtbl.MakeSeeded] made. *)

(** The same by functors, for modules with a [schema] of their own:

    {[
      module Version_map = Map.Make (Version)
      module S = Ancient.Schema.For_map (Version_map) (Version)
      (* S.schema : 'v Ancient.Schema.t -> 'v Version_map.t Ancient.Schema.t *)
    ]} *)

type 'a schema := 'a t

module For_map
    (M : sig type key type 'a t val singleton : key -> 'a -> 'a t end)
    (_ : sig type t = M.key val schema : t schema end) : sig
  val schema : 'v t -> 'v M.t t
end

module For_set
    (S : sig type elt type t val singleton : elt -> t end)
    (_ : sig type t = S.elt val schema : t schema end) : sig
  val schema : S.t t
end

module For_hashtbl
    (H : sig type key type 'a t val length : 'a t -> int end)
    (_ : sig type t = H.key val schema : t schema end) : sig
  val schema : 'v t -> 'v H.t t
end

module For_map_standard
    (M : sig type key type 'a t val singleton : key -> 'a -> 'a t end)
    (_ : sig type t = M.key val schema : t schema end) : sig
  val schema : 'v t -> 'v M.t t
end

module For_set_standard
    (S : sig type elt type t val singleton : elt -> t end)
    (_ : sig type t = S.elt val schema : t schema end) : sig
  val schema : S.t t
end

module For_hashtbl_standard
    (H : sig type key type 'a t val length : 'a t -> int end)
    (_ : sig type t = H.key val schema : t schema end) : sig
  val schema : 'v t -> 'v H.t t
end

(** {1 What is made of a schema} *)

val text : 'a t -> string
(** The declarations that ['a] needs and [val root : 'a], in the syntax of an OCaml
    interface (spec/FORMAT.md, 12.2).  Two types of the same name get different ones. *)

val fingerprint : 'a t -> string
(** 16 bytes that are the same for types of the same structure: the same names of fields
    and constructors, in the same order, of the same types.  The names of types and
    modules do not count. *)

val equal : 'a t -> 'b t -> bool
(** Of the same fingerprint. *)

val first_difference : 'a t -> 'b t -> string option
(** [first_difference expected found] says where they part:
    ["field \"size\" of type package: expected int, the file has string"], and below the
    first step the path, in which [[_]] is any element: [(at [_].depends[_].name)].  [None] where
    values of either are represented, and called, alike. *)

val pp : Format.formatter -> 'a t -> unit
(** {!text}. *)
