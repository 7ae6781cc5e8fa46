(* Containers over strings, in the usual order and in the reverse. *)
module Key = struct
  type t = string

  let schema = Ancient.Schema.string
end

module Forwards = struct
  module M = Map.Make (String)
  include M
  include Ancient.Schema.For_map_standard (M) (Key)

  let pp _ formatter _ = Format.pp_print_string formatter "<map>"
end

module Backwards = struct
  module S = Set.Make (struct
      type t = string

      let compare a b = String.compare b a
    end)

  include S
  include Ancient.Schema.For_set (S) (Key)

  let pp formatter _ = Format.pp_print_string formatter "<set>"
end
