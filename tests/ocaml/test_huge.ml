(* tests/ocaml: an array of more than 2^31 bytes, and values that are very deep, with
   the stack of 8 MB that Meson's test sets.  Takes 2.2 GB of disk and three times that of memory;
   skipped where there is less. *)

let words = (1 lsl 28) + 12345

let available_bytes () =
  let channel = open_in "/proc/meminfo" in
  Fun.protect
    ~finally:(fun () -> close_in channel)
    (fun () ->
       let rec find () =
         let line = input_line channel in
         match Scanf.sscanf line "MemAvailable: %d kB" Fun.id with
         | kilobytes -> kilobytes * 1024
         | exception Scanf.Scan_failure _ -> find ()
       in
       find ())

let check what (a : int array) =
  Check.equal_int (what ^ ", length") words (Array.length a);
  List.iter
    (fun i -> Check.equal_int what (i * 3) a.(i))
    [ 0; 1; words / 2; (1 lsl 28) - 1; 1 lsl 28; words - 1 ]

let array () =
  Check.with_path (fun path ->
      Check.in_child (fun () ->
          Check.with_md path (fun md ->
              let a = Array.make words 0 in
              for i = 0 to words - 1 do
                Array.unsafe_set a i (i * 3)
              done;
              let p, info = Ancient.share_with ~sync:false md 0 a in
              Check.equal_int "size" ((words + 1) * 8) info.i_size;
              check "in this process" (Ancient.follow p)));
      Check.in_child (fun () ->
          Check.with_md path (fun md ->
              check "in another process" (Ancient.follow (Ancient.get md 0)))))

(* ---- Depth ---- *)

(* A fifth of it, which is beyond that stack as well, unless ANCIENT_TORTURE is set: ./run torture. *)
let part count = if Sys.getenv_opt "ANCIENT_TORTURE" = None then count / 5 else count

(* Shared in both orders, looked at here and in another process. *)
let deep make check () =
  Check.with_path (fun path ->
      Check.in_child (fun () ->
          Check.with_md path (fun md ->
              let p, _ = Ancient.share_with ~sync:false md 0 (make ()) in
              check (Ancient.follow p);
              let p, _ =
                Ancient.share_with ~order:Ancient.Breadth_first ~sync:false md 0 (make ())
              in
              check (Ancient.follow p)));
      Check.in_child (fun () ->
          Check.with_md path (fun md -> check (Ancient.follow (Ancient.get md 0)))))

let list_length = part 50_000_000

let long_list () =
  Check.with_path (fun path ->
      Check.in_child (fun () ->
          let rec add n acc = if n = 0 then acc else add (n - 1) (n :: acc) in
          Check.with_md path (fun md ->
              let _, info =
                Ancient.share_with ~sync:false md 0 (add list_length [])
              in
              Check.equal_int "three words each" (list_length * 24) info.i_size));
      Check.in_child (fun () ->
          Check.with_md path (fun md ->
              let rec sum n = function [] -> n | x :: rest -> sum (n + x) rest in
              Check.equal_int "sum"
                (list_length * (list_length + 1) / 2)
                (sum 0 (Ancient.follow (Ancient.get md 0) : int list)))))

type tree = Leaf | Node of { left : tree; number : int; right : tree }

let depth = part 10_000_000

(* Neither field is the last of the path to the bottom: it turns at each step. *)
let zigzag () =
  let rec grow n t =
    if n > depth then t
    else
      grow (n + 1)
        (if n land 1 = 0 then Node { left = t; number = n; right = Leaf }
         else Node { left = Leaf; number = n; right = t })
  in
  grow 1 Leaf

let check_zigzag t =
  let rec down n = function
    | Leaf -> n
    | Node { left = Leaf; number; right } when number land 1 = 1 -> down (n + 1) right
    | Node { left; number; right = Leaf } when number land 1 = 0 -> down (n + 1) left
    | Node _ -> Check.failf "another shape at depth %d" n
  in
  Check.equal_int "depth" depth (down 0 t)

(* A ring of nodes of which each also leads back, and a long way on. *)
type node = { mutable next : node; mutable back : node; mutable far : node; id : int }

let ring_size = part 5_000_000

let ring () =
  let rec first = { next = first; back = first; far = first; id = 0 } in
  let nodes = Array.init ring_size (fun id -> { next = first; back = first; far = first; id }) in
  Array.iteri
    (fun i n ->
       n.next <- nodes.((i + 1) mod ring_size);
       n.back <- nodes.((i + ring_size - 1) mod ring_size);
       n.far <- nodes.(i * 7919 mod ring_size))
    nodes;
  nodes.(0)

let check_ring start =
  let rec go n node =
    if node.id <> n || node.next.back != node || node.far.id <> n * 7919 mod ring_size then
      Check.failf "another shape at node %d" n;
    if node.next != start then go (n + 1) node.next
    else Check.equal_int "all around" (ring_size - 1) n
  in
  go 0 start

let () =
  if available_bytes () < 6 * words * 4 then begin
    print_endline "skipped: too little memory";
    exit 77
  end;
  Check.run [ ("an array beyond 2^31 bytes", array);
              ("a very long list", long_list);
              ("a very deep tree", deep zigzag check_zigzag);
              ("a cyclic graph of very many nodes", deep ring check_ring) ]
