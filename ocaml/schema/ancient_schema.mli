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

(** {1 Containers made by functors}

    {[
      module Names = struct
        module M = Map.Make (String)
        include M

        include
          Ancient.Schema.For_map_standard
            (M)
            (struct
              type t = string

              let schema = Ancient.Schema.string
            end)
      end

      type t = { sizes : int Names.t } [@@deriving ancient]
    ]}

    The order of a map or set, and the hash and equality of a table, cannot be seen.  They
    are {e unknown} with [For_map], and every lookup by C and Python goes through the
    whole; with [For_map_standard] you say that they are those of {!Stdlib.compare}, or
    {!Hashtbl.hash} and [=], and lookups are fast.  Where that is not so, lookups miss.

    @raise Invalid_argument where the module is none of the standard library's. *)

type 'a schema := 'a t

module For_map
    (M : Map.S)
    (_ : sig type t = M.key val schema : t schema end) : sig
  val schema : 'v t -> 'v M.t t
end

module For_set
    (S : Set.S)
    (_ : sig type t = S.elt val schema : t schema end) : sig
  val schema : S.t t
end

module For_hashtbl
    (H : Hashtbl.S)
    (_ : sig type t = H.key val schema : t schema end) : sig
  val schema : 'v t -> 'v H.t t
end

module For_map_standard
    (M : Map.S)
    (_ : sig type t = M.key val schema : t schema end) : sig
  val schema : 'v t -> 'v M.t t
end

module For_set_standard
    (S : Set.S)
    (_ : sig type t = S.elt val schema : t schema end) : sig
  val schema : S.t t
end

module For_hashtbl_standard
    (H : Hashtbl.S)
    (_ : sig type t = H.key val schema : t schema end) : sig
  val schema : 'v t -> 'v H.t t
end

module For_zarith (Z : sig type t val of_string : string -> t end) : sig
  val schema : Z.t t
end
(** [For_zarith (Z)], for Zarith's integers.
    @raise Invalid_argument where [Z] is not Zarith's. *)

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
    ["field \"size\" of type package: expected int, the file has string"].  [None] where
    values of either are represented, and called, alike. *)

val pp : Format.formatter -> 'a t -> unit
(** {!text}. *)
