(* tests/schema: maps and sets over strings, in the usual order and in the reverse, each with
   its schema. *)
module Key = struct
  type t = string

  let schema = Ancient.Schema.string
end

module Reverse = struct
  type t = string

  let compare a b = String.compare b a
end

let pp_nothing formatter = Format.pp_print_string formatter "..."

module Forwards = struct
  module M = Map.Make (String)
  include M
  include Ancient.Schema.For_map_standard (M) (Key)

  let pp _ formatter _ = pp_nothing formatter
end

module Backwards = struct
  module M = Map.Make (Reverse)
  include M
  include Ancient.Schema.For_map (M) (Key)

  let pp _ formatter _ = pp_nothing formatter
end

module Forward_set = struct
  module S = Set.Make (String)
  include S
  include Ancient.Schema.For_set_standard (S) (Key)

  let pp formatter _ = pp_nothing formatter
end

module Backward_set = struct
  module S = Set.Make (Reverse)
  include S
  include Ancient.Schema.For_set (S) (Key)

  let pp formatter _ = pp_nothing formatter
end
