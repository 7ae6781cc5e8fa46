(* tests/schema: types as programs have them: modules that each have a type t, some that
   need each other, parameters, polymorphic variants, an abstract float. *)
module Dep = struct
  type t = { name : string; alternatives : t list } [@@deriving ancient, show]
end

type 'a tagged = { tag : string; mutable value : 'a } [@@deriving ancient, show]

module rec Shop : sig
  type t = { title : string; sold : Product.t list } [@@deriving ancient]
end = struct
  type t = { title : string; sold : Product.t list } [@@deriving ancient]
end

and Product : sig
  type t = { price : Money.t; seller : Shop.t option } [@@deriving ancient]
end = struct
  type t = { price : Money.t; seller : Shop.t option } [@@deriving ancient]
end

module Prices = struct
  type t = { list : Money.t; sale : Money.t } [@@deriving ancient, show]
end

module Index = struct
  type t = {
    upwards : int Names.Forwards.t;
    downwards : int Names.Backwards.t;
    words : Names.Forward_set.t;
    removed : Names.Backward_set.t;
    prices : Prices.t;
  }
  [@@deriving ancient, show]
end

type t =
  | Empty
  | Goods of Dep.t * int tagged
  | Pair of (int * string)
  | Stock of {
      counts : int Names.Forwards.t;
      removed : Names.Backward_set.t;
      raw : string; [@ancient.bytes]
    }
  | More of u list
[@@deriving ancient, show]

and u = { first : t; rest : (t, string) result array } [@@deriving ancient, show]

type wrapped = Wrapped of int [@@unboxed] [@@deriving ancient]
type small = [ `A | `b of int ] [@@deriving ancient, show]
type large = [ small | `C of small list * wrapped ] [@@deriving ancient]
