(* ocaml/schema: checks every block that can be reached from a value against its schema, for
   Ancient.Typed.get ~verify:true.  core has verified the file's structure before: every
   pointer leads to a block that is what its header says.  This check makes sure that the
   blocks are those of the type.

   The walk keeps its own stack, with a frame for each block on the way down; the frame of a
   block is dropped before its last field is entered, so a list needs one frame.  A block is
   visited once for each type it is met as, recorded as one bit for each word and type. *)

open Ancient_schema_plan

(* ---- Blocks that were visited ---- *)

external word_number : Obj.t -> (int [@untagged])
  = "ancient_ml_word_number_byte" "ancient_ml_word_number"
[@@noalloc]

let page_words = 4096

type visited = {
  pages : (int, Bytes.t) Hashtbl.t;
  mutable last_key : int;
  mutable last_page : Bytes.t;
}

let no_visits () = { pages = Hashtbl.create 64; last_key = -1; last_page = Bytes.empty }

(* An address has 47 bits, so the number of a page of 4096 words has 32; a schema has fewer than 2^18
   plans. *)
let page_of visited plan word =
  let key = (plan.number lsl 36) lor (word / page_words) in
  if key <> visited.last_key then begin
    let page =
      match Hashtbl.find_opt visited.pages key with
      | Some page -> page
      | None ->
        let page = Bytes.make (page_words / 8) '\000' in
        Hashtbl.add visited.pages key page;
        page
    in
    visited.last_key <- key;
    visited.last_page <- page
  end;
  visited.last_page

(* Records the visit; whether it is the first one. *)
let add visited plan block =
  let word = word_number block in
  let page = page_of visited plan word in
  let bit = word mod page_words in
  let byte = Char.code (Bytes.get page (bit / 8)) in
  let mask = 1 lsl (bit mod 8) in
  Bytes.set page (bit / 8) (Char.chr (byte lor mask));
  byte land mask = 0

(* ---- The walk ---- *)

type frame = { block : Obj.t; parts : parts; plan : Ancient_schema_plan.t; mutable next : int }

(* Checks [value] itself and gives what is to be checked below it. *)
let rec look plan value =
  if Obj.is_int value then
    if plan.immediate (Obj.obj value : int) then Nothing else mismatch plan value
  else
    match plan.block value with
    | Same plan -> look plan value
    | parts -> parts

let part parts i =
  match parts with
  | Fields plans -> plans.(i)
  | Each plan -> plan
  | Nothing | Same _ -> assert false (* has no frame *)

let enter visited stack plan value =
  match look plan value with
  | Nothing | Same _ -> ()
  | (Fields _ | Each _) as parts ->
    if add visited plan value then begin
      if Obj.size value > 0 then Stack.push { block = value; parts; plan; next = 0 } stack
    end
    else if plan.once then
      wrong "%s: met a second time" (Stdlib.Lazy.force plan.words)

(* Checks that [value] is of the type of [graph].
   @raise Wrong where it is not *)
let check graph value =
  let visited = no_visits () and stack = Stack.create () in
  let where frame i = Printf.sprintf "field %d of %s" i (Stdlib.Lazy.force frame.plan.words) in
  let step frame =
    let i = frame.next in
    frame.next <- i + 1;
    if i + 1 = Obj.size frame.block then ignore (Stack.pop stack);
    try enter visited stack (part frame.parts i) (Obj.field frame.block i)
    with Wrong what -> wrong "%s: %s" (where frame i) what
  in
  enter visited stack (make graph) value;
  while not (Stack.is_empty stack) do
    step (Stack.top stack)
  done
