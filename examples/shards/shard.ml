type sky =
  | Clear
  | Cloudy
  | Rain

type reading = {
  id : int;
  station : string;
  sky : sky;
  celsius : float;
  gust : int option;
  notes : string list;
}

(* With the deriver these are [[@@deriving ancient]] behind each type. *)
let sky_schema : sky Ancient.Schema.t =
  Ancient.Schema.(
    variant "sky"
      [ constant "Clear" Clear; constant "Cloudy" Cloudy; constant "Rain" Rain ])

let reading_schema : reading Ancient.Schema.t =
  Ancient.Schema.(
    record "reading"
      [ field "id" int (fun r -> r.id);
        field "station" string (fun r -> r.station);
        field "sky" sky_schema (fun r -> r.sky);
        field "celsius" float (fun r -> r.celsius);
        field "gust" (option int) (fun r -> r.gust);
        field "notes" (list string) (fun r -> r.notes) ])

let schema = Ancient.Schema.array reading_schema
let stations = Array.init 50 (fun i -> Printf.sprintf "station %02d" i)

let reading id =
  { id;
    station = stations.(id mod 50);
    sky = (match id mod 3 with 0 -> Clear | 1 -> Cloudy | _ -> Rain);
    celsius = float_of_int (id mod 400) /. 10. -. 10.;
    gust = (if id mod 4 = 0 then Some (id mod 30) else None);
    notes = List.init (id mod 3) (fun i -> Printf.sprintf "note %d" i) }

let readings ~first n = Array.init n (fun i -> reading (first + i))

let publish ~folder ~rows n =
  let path = Filename.concat folder (Printf.sprintf "shard-%05d.ancient" n) in
  Ancient.Typed.publish ~name:"readings" path schema (readings ~first:(n * rows) rows)
