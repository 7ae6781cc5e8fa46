(* tests/ocaml: custom blocks: views of bigarrays, registered types in a program that lacks them,
   and padding bytes that their owner left undefined.

   Every kind, layout and rank of bigarray, Zarith's integers and a registered type are read
   natively in another process, and dumped, by tests/interop. *)

open Bigarray

let collect () =
  Gc.minor ();
  Gc.full_major ();
  Gc.compact ()

(* ---- Processes ---- *)

(* This program once more, in another process with code at other addresses. *)
let again arguments =
  let command = Array.of_list (Sys.executable_name :: arguments) in
  flush_all ();
  Check.wait
    (Unix.create_process command.(0) command Unix.stdin Unix.stdout Unix.stderr)

(* ---- Views of bigarrays ---- *)

let file_size path = (Unix.stat path).Unix.st_size

let grid layout =
  let first : type l. l Bigarray.layout -> int = function
    | C_layout -> 0
    | Fortran_layout -> 1
  in
  let a = Array2.create float64 layout 300 400 in
  for i = 0 to 299 do
    for j = 0 to 399 do
      a.{i + first layout, j + first layout} <- float_of_int ((1000 * i) + j)
    done
  done;
  a

let c_grid = grid c_layout
let fortran_grid = grid fortran_layout

(* Views into the middle of a large array; each is a value of its own. *)
let views () =
  let r = Obj.repr in
  let line = reshape_1 (genarray_of_array2 c_grid) 120000 in
  [ ("sub", r (Array1.sub line 5000 10));
    ("sub of a sub", r (Array1.sub (Array1.sub line 5000 10) 3 4));
    ("empty sub", r (Array1.sub line 5000 0));
    ("sub of rows", r (Array2.sub_left c_grid 7 2));
    ("sub of columns", r (Array2.sub_right fortran_grid 7 2));
    ("row", r (Array2.slice_left c_grid 8));
    ("column", r (Array2.slice_right fortran_grid 9));
    ("element", r (Genarray.slice_left (genarray_of_array2 c_grid) [| 8; 9 |]));
    ("reshape of a sub",
     r (reshape (genarray_of_array1 (Array1.sub line 777 24)) [| 2; 1; 3; 4 |]));
    ("the other layout of a sub",
     r (Array1.change_layout (Array1.sub line 5000 10) fortran_layout));
    ("Genarray.sub_left", r (Genarray.sub_left (genarray_of_array2 c_grid) 299 1)) ]

let views_are_shared () =
  List.iter
    (fun (name, view) ->
       Check.with_path (fun path ->
           Check.with_md path (fun md ->
               let p = Ancient.share md 0 (name, view) in
               Check.equal name (name, view) (Ancient.follow p);
               let q = Ancient.mark view in
               Check.equal (name ^ ", marked") view (Ancient.follow q);
               Ancient.delete q);
           Check.is_true (name ^ ": its own elements alone are in the file")
             (file_size path < 8192 + 4096 + 8192);
           Check.in_child (fun () ->
               Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
                   Ancient.verify md;
                   Check.equal name (name, view) (Ancient.follow (Ancient.get md 0))))))
    (views ())

(* An array with views has a proxy that counts them, on the C heap. *)
let proxied () =
  Check.with_path (fun path ->
      let whole = Array1.init float64 c_layout 10000 float_of_int in
      let view = Array1.sub whole 100 50 in
      Check.with_md path (fun md ->
          let copy = Ancient.follow (Ancient.share md 0 (whole, whole, view)) in
          let a, b, c = copy in
          Check.is_true "one array stays one" (a == b);
          Check.equal "the array" whole a;
          Check.equal "the view" view c;
          collect ();
          whole.{100} <- -1.;
          Check.equal "a copy" 100. c.{0};
          let size = file_size path in
          (* Two of the file's own arrays: neither is copied again. *)
          ignore (Ancient.share md 1 (a, c));
          Check.is_true "referred to" (file_size path - size < 16384);
          (* A view of the file's array is a new block on the heap. *)
          let fresh = Array1.sub a 9990 10 in
          let p = Ancient.share md 2 fresh in
          Check.equal "a view of what is shared, shared" fresh (Ancient.follow p);
          Ancient.verify md))

let mapped () =
  Check.with_path (fun data ->
      Check.with_fd data (fun fd ->
          let a = array1_of_genarray (Unix.map_file fd int c_layout true [| 1000 |]) in
          for i = 0 to 999 do a.{i} <- i * i done;
          Check.with_new_md (fun md ->
              let copy = Ancient.follow (Ancient.share md 0 (a, Array1.sub a 10 5)) in
              a.{10} <- 0;
              Check.equal_int "a copy" 100 (fst copy).{10};
              Check.equal_int "of the view too" 100 (snd copy).{0};
              Ancient.verify md);
          (* Nothing of it may unmap the copy. *)
          a.{10} <- 100;
          let p = Ancient.mark a in
          for _ = 1 to 100 do
            ignore (Sys.opaque_identity (Array1.sub (Ancient.follow p) 0 10))
          done;
          collect ();
          Check.equal_int "marked" 100 (Ancient.follow p).{10};
          Ancient.delete p))

(* Views made on the heap of arrays in a file, and of marked ones, keep their operations
   when what they look into has gone. *)
let views_outlive_it () =
  let make a2 a1 =
    Array.init 500 (fun i ->
        Obj.repr
          [| Obj.repr (Array1.sub a1 i 9);
             Obj.repr (Array2.slice_left a2 (i mod 300));
             Obj.repr (Genarray.slice_left (genarray_of_array2 a2) [| 3; i mod 400 |]);
             Obj.repr (reshape (genarray_of_array1 (Array1.sub a1 i 8)) [| 2; 2; 2 |]);
             Obj.repr (Array1.change_layout a1 fortran_layout);
             Obj.repr (Array1.sub (Array1.sub a1 i 9) 2 3) |])
  in
  let drop_half views = Array.iteri (fun i _ -> if i mod 2 = 0 then views.(i) <- Obj.repr 0) views in
  let outlive views gone =
    Gc.full_major ();
    drop_half views;
    gone ();
    collect ();
    Array.fill views 0 (Array.length views) (Obj.repr 0);
    collect ()
  in
  let value = (c_grid, Array1.init int16_signed c_layout 600 Fun.id) in
  Check.with_path (fun path ->
      Check.with_md path (fun md -> ignore (Ancient.share md 0 value));
      for _ = 1 to 3 do
        let md = Check.attach path in
        let a2, a1 = Ancient.follow (Ancient.get md 0) in
        let views = make a2 a1 in
        ignore (Sys.opaque_identity value);
        outlive views (fun () -> Ancient.detach md)
      done;
      let p = Ancient.mark value in
      let a2, a1 = Ancient.follow p in
      outlive (make a2 a1) (fun () -> Ancient.delete p));
  collect ()

(* ---- Bytes that nobody has defined ---- *)

(* The upper half of an int32 is whatever was in memory. *)
let int32_upper_half () =
  let odd = Int32.of_string (Sys.opaque_identity "-5") in
  Obj.set_raw_field (Obj.repr odd) 1 0x7A7A7A7A_FFFFFFFBn;
  Check.equal "still itself" (-5l) odd;
  Check.with_new_md (fun md ->
      let copy = Ancient.follow (Ancient.share md 0 [ odd ]) in
      Check.equal "sign-extended" (-5n) (Obj.raw_field (Obj.repr (List.hd copy)) 1);
      Check.equal "equal" [ odd ] copy)

(* ---- Types of the program's own ---- *)

type stamp

external link : unit -> unit = "stamp_link"
external make : int -> int -> stamp = "stamp_make"
external get : stamp -> int = "stamp_get"

let identifier = "org.example.stamp"
let other = "org.example.other-stamp"
let stamps = Array.init 100 (fun i -> make 0 (i * i))

let register () =
  Ancient.register_custom identifier;
  Ancient.register_custom other

let shared_stamps path =
  register ();
  Check.with_md path (fun md ->
      ignore (Ancient.share md 0 (stamps, make 0 7, make 1 8));
      Ancient.verify md)

let read_while path f = register (); Check.with_md ~flags:[ Unix.O_RDONLY ] path f

let read path f =
  Check.with_md ~flags:[ Unix.O_RDONLY ] path (fun md ->
      f (Ancient.follow (Ancient.get md 0) : stamp array * stamp * stamp))

(* In a program that has the types. *)
let with_types path =
  link ();
  read path (fun (copies, seven, eight) ->
      Check.is_true "compare" (compare copies stamps = 0 && compare seven (make 0 6) > 0);
      Check.is_true "structural equality" (copies = stamps && seven <> make 0 6);
      Check.equal_int "hash" (Hashtbl.hash (make 0 7)) (Hashtbl.hash seven);
      let back : stamp array = Marshal.from_string (Marshal.to_string copies []) 0 in
      Check.is_true "Marshal" (back = stamps);
      Check.equal_int "its own functions" 8 (get eight);
      Check.is_true "types differ" (compare seven eight <> 0);
      collect ())

(* In a program that lacks them. *)
let without_types path =
  let raises what f =
    Check.raises what (function Invalid_argument text -> Check.contains text "abstract" | _ -> false) f
  in
  read path (fun (copies, seven, eight) ->
      Check.equal_int "its bytes are there" 49 (get copies.(7));
      collect ();
      raises "compare" (fun () -> compare seven copies.(0));
      raises "compare with one of another type" (fun () -> compare seven eight);
      raises "=" (fun () -> seven = copies.(0));
      raises "Marshal" (fun () -> Marshal.to_string copies []);
      (* Hashing cannot raise (the compiler calls it as a function that never does): all
         such values hash alike. *)
      ignore (Hashtbl.hash seven);
      Check.is_true "a value of a type that is there"
        (compare (Obj.repr seven) (Obj.repr 5L) <> 0);
      Check.raises_invalid "mark" ("custom value \"" ^ identifier ^ "\" that is not registered at root.(0).(0)")
        (fun () -> Ancient.mark (copies, seven, eight));
      register ();
      Check.with_new_md (fun md ->
          let copy = Ancient.follow (Ancient.share md 0 copies) in
          Check.equal_int "registered, it can be copied" 49 (get copy.(7)));
      collect ())

(* Two identifiers, of which the second comes in a later commit. *)
let later path =
  link ();
  read_while path (fun md ->
      let first : stamp = Ancient.follow (Ancient.get md 0) in
      Check.in_child (fun () -> Check.with_md path (fun md -> ignore (Ancient.share md 1 (make 1 2))));
      let second : stamp = Ancient.follow (Ancient.get md 1) in
      Check.is_true "the first" (compare first (make 0 1) = 0);
      Check.is_true "linked when it was met" (compare second (make 1 2) = 0))

let later_identifiers () =
  Check.with_path (fun path ->
      register ();
      Check.with_md path (fun md -> ignore (Ancient.share md 0 (make 0 1)));
      again [ "--later"; path ])

let in_a_program mode () =
  Check.with_path (fun path ->
      shared_stamps path;
      again [ "--" ^ mode; path ])

let unregistered () =
  Check.raises_invalid "says its identifier"
    "Ancient.mark: custom value \"org.example.stamp\" that is not registered at root.(1)"
    (fun () -> Ancient.mark (0, make 0 1))

let () =
  match Sys.argv with
  | [| _; "--with-types"; path |] -> with_types path
  | [| _; "--without-types"; path |] -> without_types path
  | [| _; "--later"; path |] -> later path
  | _ ->
    Check.run
      [ ("views of bigarrays are shared without what they do not show", views_are_shared);
        ("a bigarray with views is copied once, and without its proxy", proxied);
        ("a mapped file's bigarray is copied", mapped);
        ("views outlive the file or the memory they look into", views_outlive_it);
        ("the upper half of an int32 is its sign", int32_upper_half);
        ("a type that is not registered is refused", unregistered);
        ("types of the program's own work in another program", in_a_program "with-types");
        ("a program without the type raises on use", in_a_program "without-types");
        ("an identifier of a later commit is linked", later_identifiers) ]
