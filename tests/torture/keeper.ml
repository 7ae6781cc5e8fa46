(* tests/torture: a thread or domain that sleeps with a pointer on its stack and nowhere else, and takes
   another when it is woken. *)

type order = Sleep | Hold of Obj.t | Stop

type t = {
  mutex : Mutex.t;
  woken : Condition.t;
  mutable order : order;
}

let make part = { mutex = Mutex.create (); woken = Condition.create (); order = Hold part }

(* What was given before and not taken yet, or an integer. *)
let exchange keeper order =
  Mutex.lock keeper.mutex;
  let before = match keeper.order with Hold part -> part | Sleep | Stop -> Obj.repr 0 in
  keeper.order <- order;
  Condition.signal keeper.woken;
  Mutex.unlock keeper.mutex;
  before

let give keeper part = exchange keeper (Hold part)
let stop keeper = exchange keeper Stop

let next keeper =
  Mutex.lock keeper.mutex;
  while (match keeper.order with Sleep -> true | Hold _ | Stop -> false) do
    Condition.wait keeper.woken keeper.mutex
  done;
  let order = keeper.order in
  keeper.order <- Sleep;
  Mutex.unlock keeper.mutex;
  order

(* [let_go] is called with what was held. *)
let rec run let_go keeper =
  match next keeper with
  | Sleep | Stop -> ()
  | Hold part -> hold let_go keeper part

and hold let_go keeper part =
  let order = next keeper in
  let_go part;
  match order with Sleep | Stop -> () | Hold part -> hold let_go keeper part
