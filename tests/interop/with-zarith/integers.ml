(* tests/interop: Zarith's integers, where Zarith is installed. *)

let decimal_digits =
  [ "0"; "-1"; "4611686018427387903"; "4611686018427387904"; "-4611686018427387905";
    "9223372036854775808"; "-18446744073709551616";
    "123456789012345678901234567890123456789012345678901234567890" ]

(* One that an [int] holds is an immediate. *)
let dump digits =
  let z = Z.of_string digits in
  if Z.fits_int z then Values.json_int (Z.to_int z)
  else Printf.sprintf {|{"z": "%s"}|} digits

let value (digits : string) =
  ("Z.t " ^ digits, Obj.repr (Z.of_string digits), dump digits)

let values =
  let power = Z.pow (Z.of_int (-7)) 500 in
  List.map value (decimal_digits @ [ Z.to_string power ])

(* The decimal digits of a [Z.t]. *)
let digits v : string option = Some (Z.to_string (Obj.obj v))
