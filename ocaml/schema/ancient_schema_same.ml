(* ocaml/schema: tells whether two declarations are equal in name and structure.  A functor that is
   applied twice, or a function from schemas to schemas, makes such copies;
   Ancient_schema_text prints them once. *)

open Ancient_schema_type

module Pairs = Set.Make (struct
    type t = int * int
    let compare = Stdlib.compare
  end)

let rec no_hole = function
  | Hole { contents = Some t } | As_bytes t -> no_hole t
  | t -> t

(* [layout_of] gives the layout of a declaration whose fields are all float, otherwise [None]. *)
let same layout_of a b =
  let assumed = ref Pairs.empty in
  let rec types a b =
    match (no_hole a, no_hole b) with
    | Named (d, xs), Named (e, ys) -> decls d e && lists types xs ys
    | Container (c, v), Container (d, w) ->
      c == d
      || c.functor_kind = d.functor_kind
         && c.standard = d.standard && types c.key d.key
         && options types v w
    | Tuple xs, Tuple ys -> lists types xs ys
    | Applied (x, xs), Applied (y, ys) -> x = y && lists types xs ys
    | Polymorphic xs, Polymorphic ys ->
      lists (fun (n, x) (m, y) -> String.equal n m && options types x y) xs ys
    | ((Base _ | Bigarray _ | Parameter _) as x), y -> (
        match y with Base _ | Bigarray _ | Parameter _ -> x = y | _ -> false)
    | _ -> false
  and options f a b =
    match (a, b) with
    | None, None -> true
    | Some a, Some b -> f a b
    | _ -> false
  and lists : 'a. ('a -> 'a -> bool) -> 'a list -> 'a list -> bool =
    fun f xs ys -> List.compare_lengths xs ys = 0 && List.for_all2 f xs ys
  and decls d e =
    d.id = e.id
    || Pairs.mem (d.id, e.id) !assumed
    || begin
      assumed := Pairs.add (d.id, e.id) !assumed;
      String.equal (path d) (path e) && d.arity = e.arity
      && layout_of d = layout_of e
      && bodies (body d) (body e)
    end
  and bodies a b =
    match (a, b) with
    | Abstract, Abstract -> true
    | Alias x, Alias y -> types x y
    | Record x, Record y -> x.unboxed = y.unboxed && lists fields x.fields y.fields
    | Variant x, Variant y ->
      x.unboxed = y.unboxed && lists constrs x.constrs y.constrs
    | _ -> false
  and fields x y =
    String.equal x.label y.label && x.mutable_ = y.mutable_
    && types x.field_type y.field_type
  and constrs x y =
    String.equal x.constr_name y.constr_name
    && match (x.args, y.args) with
    | Constant, Constant -> true
    | Args xs, Args ys | Inline xs, Inline ys -> lists fields xs ys
    | _ -> false
  in
  decls a b
