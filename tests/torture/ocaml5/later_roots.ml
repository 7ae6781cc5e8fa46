(* tests/torture: roots that only OCaml 5 has: continuations, and the stack of a domain that sleeps.
   Each calls [take] with what it begins to hold, and [let_go] afterwards. *)

open Effect
open Effect.Deep

type _ Effect.t += Sleep : unit t

let continuations : (unit, unit) continuation option array = Array.make 32 None
let turn = ref 0

(* The pointer stays on the stack of the continuation; the one whose place it takes goes on. *)
let suspend (take : Obj.t -> unit) (let_go : string -> Obj.t -> unit) part =
  let place = !turn mod Array.length continuations in
  incr turn;
  let before = continuations.(place) in
  take part;
  match_with
    (fun () ->
       perform Sleep;
       let_go "a continuation" part)
    ()
    { retc = Fun.id;
      exnc = raise;
      effc =
        (fun (type a) (e : a Effect.t) ->
           match e with
           | Sleep ->
             Some
               (fun (k : (a, _) continuation) -> continuations.(place) <- Some k)
           | _ -> None) };
  Option.iter (fun k -> continue k ()) before

(* There is a domain now and then: meanwhile copies are made in another way. *)
let sleeper : (Keeper.t * unit Domain.t) option ref = ref None

let wake let_go =
  Option.iter
    (fun (keeper, domain) ->
       let_go "nobody" (Keeper.stop keeper);
       Domain.join domain)
    !sleeper;
  sleeper := None

let in_domain (take : Obj.t -> unit) (let_go : string -> Obj.t -> unit) part =
  incr turn;
  if !turn mod 50 = 0 then wake let_go;
  match !sleeper with
  | Some (keeper, _) ->
    take part;
    let_go "nobody" (Keeper.give keeper part)
  | None ->
    if !turn mod 5 = 0 then begin
      take part;
      let keeper = Keeper.make part in
      sleeper := Some (keeper, Domain.spawn (fun () -> Keeper.run (let_go "a domain") keeper))
    end

let kinds = [| suspend; in_domain |]
let close () = wake (fun _ _ -> ())
