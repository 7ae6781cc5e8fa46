(* tests/interop: the keys of the files and the commits that share them; used by the programs that
   write the files and by those that read them. *)

let random_count = 200

(* The values of Kinds.common from 0 on, random ones from 1000, those of Kinds.particular
   from 2000. *)
let first_random = 1000
let first_particular = 2000
let large = [ 4_000_000_000; max_int ]

(* Even keys in one commit each, odd ones in one together. *)
let share_all md order pairs =
  let single, together = List.partition (fun (key, _) -> key mod 2 = 0) pairs in
  List.iter
    (fun (key, value) -> ignore (Ancient.share_with ~order ~sync:false md key value))
    single;
  let bindings = List.map (fun (key, value) -> Ancient.bind key value) together in
  ignore (Ancient.share_many ~order ~sync:false md bindings)

(* Every key of a file, with its value: test_values.py knows which there must be. *)
let contents md =
  List.map (fun (key, _) -> (key, (Ancient.follow (Ancient.get md key) : Obj.t))) (Ancient.keys md)

let order_of_string = function
  | "depth" -> Ancient.Depth_first
  | "breadth" -> Ancient.Breadth_first
  | text -> invalid_arg (text ^ ": expected depth or breadth")

let create ?reserve path base =
  let fd = Unix.openfile path Unix.[ O_RDWR; O_CREAT; O_TRUNC ] 0o644 in
  let md = Ancient.attach_with ~base ?reserve fd in
  Unix.close fd;
  md

let attach path =
  let fd = Unix.openfile path [ Unix.O_RDONLY ] 0 in
  let md = Ancient.attach_with ~verify:true fd in
  Unix.close fd;
  md

(* ---- What only the file itself tells: read by its bytes, FORMAT.md 3 and 6 ---- *)

let read path offset length =
  let channel = open_in_bin path in
  Fun.protect
    ~finally:(fun () -> close_in channel)
    (fun () ->
       seek_in channel offset;
       really_input_string channel length)

let word path offset = String.get_int64_le (read path offset 8) 0
let in_force path = if word path 72 > word path (4096 + 72) then 0 else 4096
let base path = Int64.to_nativeint (word path (in_force path + 56))
let reserve path = Int64.to_int (word path (in_force path + 64))

(* The identifier of a custom slot from 5 on. *)
let identifier path slot =
  let customs = Int64.to_int (word path (in_force path + 96)) in
  let record = read path (customs + 64 + (64 * (slot - 5))) 56 in
  String.sub record 0 (String.index record '\000')
