(* tests/bench: another domain, on OCaml 5; see without-domains for OCaml 4. *)

let available = true

(* [beside f] is [f ()], while another domain is there and waits. *)
let beside f =
  let mutex = Mutex.create () and condition = Condition.create () and over = ref false in
  let wait () =
    Mutex.lock mutex;
    while not !over do
      Condition.wait condition mutex
    done;
    Mutex.unlock mutex
  in
  let other = Domain.spawn wait in
  let finally () =
    Mutex.lock mutex;
    over := true;
    Condition.signal condition;
    Mutex.unlock mutex;
    Domain.join other
  in
  Fun.protect ~finally f
