(* ocaml/schema: the lexer and the grammar of a schema's text (spec/FORMAT.md, 12.2).  The result is
   a tree in which names are strings; Ancient_schema_parse resolves them.  Any text is read or
   refused in time proportional to its length, with recursion bounded by the limit of
   nesting. *)

open Ancient_schema_type

(* ---- Words ---- *)

type token =
  | Word of string  (** begins with a small letter; keywords too *)
  | Capital of string
  | Quoted of string  (** "..." *)
  | Sign of string
  | End

type lexer = {
  text : string;
  mutable at : int;
  mutable token : token;
  mutable start : int;  (** of the token *)
  mutable modules : int;  (** [sig]s that are open: levels of nesting too *)
}

let fail lexer format =
  Printf.ksprintf
    (fun what ->
       let line = ref 1 in
       String.iteri (fun i c -> if i < lexer.start && c = '\n' then incr line) lexer.text;
       refuse "line %d: %s" !line what)
    format

let char_at lexer i = if i < String.length lexer.text then lexer.text.[i] else '\000'

let rec skip_comment lexer depth i =
  if i >= String.length lexer.text then fail lexer "a comment without end"
  else if lexer.modules + depth > max_depth then
    fail lexer "comments nested deeper than %d" max_depth
  else if char_at lexer i = '"' then fail lexer "a quote in a comment"
  else if depth = 0 then i
  else if char_at lexer i = '(' && char_at lexer (i + 1) = '*' then
    skip_comment lexer (depth + 1) (i + 2)
  else if char_at lexer i = '*' && char_at lexer (i + 1) = ')' then
    if depth = 1 then i + 2 else skip_comment lexer (depth - 1) (i + 2)
  else skip_comment lexer depth (i + 1)

let rec skip_blanks lexer i =
  match char_at lexer i with
  | ' ' | '\t' | '\n' | '\r' -> skip_blanks lexer (i + 1)
  | '(' when char_at lexer (i + 1) = '*' ->
    lexer.start <- i;
    skip_blanks lexer (skip_comment lexer 1 (i + 2))
  | _ -> i

let rec word_end lexer i = if is_inside (char_at lexer i) then word_end lexer (i + 1) else i

let rec quoted_end lexer i =
  match char_at lexer i with
  | '"' -> i
  | '\\' -> fail lexer "a backslash in a string"
  | c when c < ' ' -> fail lexer "a string without end"
  | _ -> quoted_end lexer (i + 1)

let advance lexer =
  let start = skip_blanks lexer lexer.at in
  lexer.start <- start;
  let upto stop token =
    lexer.at <- stop;
    lexer.token <- token (String.sub lexer.text start (stop - start))
  in
  let sign length = upto (start + length) (fun text -> Sign text) in
  match char_at lexer start with
  | c when is_capital c -> upto (word_end lexer start) (fun text -> Capital text)
  | c when is_small c -> upto (word_end lexer start) (fun text -> Word text)
  | '"' -> upto (quoted_end lexer (start + 1) + 1) (fun text -> Quoted text)
  | '[' when char_at lexer (start + 1) = '@' ->
    sign (if char_at lexer (start + 2) = '@' then 3 else 2)
  | '\'' when not (is_small (char_at lexer (start + 1))) ->
    fail lexer "expected a parameter behind '"
  | '`' when not (is_small (char_at lexer (start + 1)) || is_capital (char_at lexer (start + 1)))
    -> fail lexer "expected a tag behind `"
  | '\'' | '(' | ')' | '{' | '}' | '[' | ']' | '|' | ',' | ';' | ':' | '=' | '*' | '.'
  | '`' -> sign 1
  | _ when start >= String.length lexer.text -> lexer.token <- End
  | c -> fail lexer "unexpected %C" c

let shown = function
  | Word text | Capital text | Quoted text | Sign text -> Printf.sprintf "%S" text
  | End -> "the end"

let expected lexer what = fail lexer "expected %s, found %s" what (shown lexer.token)
let is lexer token = lexer.token = token

let accept lexer token =
  let found = is lexer token in
  if found then advance lexer;
  found

let sign lexer text =
  if not (accept lexer (Sign text)) then expected lexer (Printf.sprintf "%S" text)

let keyword lexer text =
  if not (accept lexer (Word text)) then expected lexer text

let name lexer what =
  match lexer.token with
  | Word text when not (is_keyword text) ->
    if String.length text > max_name then fail lexer "a name longer than %d bytes" max_name;
    advance lexer;
    text
  | _ -> expected lexer what

let capital lexer what =
  match lexer.token with
  | Capital text ->
    if String.length text > max_name then fail lexer "a name longer than %d bytes" max_name;
    advance lexer;
    text
  | _ -> expected lexer what

(* item {text item} *)
let separated lexer text item =
  let rec more count items =
    if count > max_members then fail lexer "more than %d in a row" max_members;
    if accept lexer (Sign text) then more (count + 1) (item lexer :: items)
    else List.rev items
  in
  more 1 [ item lexer ]

(* ---- The tree ---- *)

type tree =
  | T_parameter of string
  | T_tuple of tree list
  | T_name of { modules : string list; name : string; arguments : tree list }
  | T_polymorphic of (string * tree option) list
  | T_bytes of tree

type tree_field = { t_mutable : bool; t_label : string; t_type : tree }

type tree_args =
  | T_none
  | T_args of tree list
  | T_inline of tree_field list

type tree_right =
  | T_alias of tree
  | T_record of tree_field list
  | T_variant of (string * tree_args) list

type tree_decl = {
  t_parameters : string list;
  t_name : string;
  t_right : tree_right;
  t_unboxed : bool;
  t_layout : layout option;
}

type tree_item =
  | T_types of tree_decl list
  | T_modules of { recursive : bool; modules : (string * tree_body) list }

and tree_body =
  | T_signature of tree_item list
  | T_made of functor_kind * tree * bool

type attribute = { a_name : string; payload : token option }

let attribute_word lexer =
  match lexer.token with
  | Capital _ -> capital lexer "an attribute"
  | _ -> name lexer "an attribute"

let attribute lexer =
  let a_name = String.concat "." (separated lexer "." attribute_word) in
  let payload =
    match lexer.token with
    | Word text when is_keyword text -> None
    | (Word text | Capital text) when String.length text > max_name ->
      fail lexer "a name longer than %d bytes" max_name
    | (Word _ | Capital _ | Quoted _) as token ->
      advance lexer;
      Some token
    | _ -> None
  in
  sign lexer "]";
  { a_name; payload }

let attributes_after sign lexer =
  let rec more found =
    if accept lexer (Sign sign) then more (attribute lexer :: found)
    else List.rev found
  in
  more []

(* [@ ...] of types and constructors, [@@ ...] of declarations *)
let attributes = attributes_after "[@"
let item_attributes = attributes_after "[@@"

let has name = List.exists (fun a -> String.equal a.a_name name)

let says name word =
  List.exists (fun a -> String.equal a.a_name name && a.payload = Some (Word word))

let with_bytes attributes t = if has "ancient.bytes" attributes then T_bytes t else t

(* [depth]: brackets that are open, and names behind each other. *)
let check_depth lexer depth =
  if lexer.modules + depth > max_depth then fail lexer "nested deeper than %d" max_depth

let rec parse_type depth lexer =
  check_depth lexer depth;
  let t =
    match separated lexer "*" (argument depth) with
    | [ t ] -> t
    | types -> T_tuple types
  in
  with_bytes (attributes lexer) t

and argument depth lexer =
  let first =
    match lexer.token with
    | Sign "'" ->
      advance lexer;
      T_parameter (name lexer "a parameter")
    | Sign "(" -> (
        advance lexer;
        let types = separated lexer "," (parse_type (depth + 1)) in
        match types with
        | [ t ] ->
          sign lexer ")";
          t
        | arguments ->
          sign lexer ")";
          path_to lexer arguments)
    | Sign "[" ->
      advance lexer;
      polymorphic (depth + 1) lexer
    | _ -> path_to lexer []
  in
  suffixes depth lexer first

(* t list option ...: each word is a level of nesting too. *)
and suffixes depth lexer t =
  match lexer.token with
  | Word text when not (is_keyword text) ->
    check_depth lexer (depth + 1);
    suffixes (depth + 1) lexer (path_to lexer [ t ])
  | Capital _ ->
    check_depth lexer (depth + 1);
    suffixes (depth + 1) lexer (path_to lexer [ t ])
  | _ -> t

and path_to lexer arguments =
  let rec modules found =
    match lexer.token with
    | Capital text ->
      advance lexer;
      sign lexer ".";
      modules (text :: found)
    | _ -> List.rev found
  in
  let modules = modules [] in
  T_name { modules; name = name lexer "a type"; arguments }

and polymorphic depth lexer =
  ignore (accept lexer (Sign "|"));
  let tag lexer =
    sign lexer "`";
    let name =
      match lexer.token with
      | Capital _ -> capital lexer "a tag"
      | _ -> name lexer "a tag"
    in
    (name, if accept lexer (Word "of") then Some (parse_type depth lexer) else None)
  in
  let tags = separated lexer "|" tag in
  sign lexer "]";
  T_polymorphic tags

let field lexer =
  let t_mutable = accept lexer (Word "mutable") in
  let t_label = name lexer "a field" in
  sign lexer ":";
  { t_mutable; t_label; t_type = parse_type 1 lexer }

(* After the opening brace. *)
let fields lexer =
  let rec more found =
    let found = field lexer :: found in
    if accept lexer (Sign ";") && not (is lexer (Sign "}")) then more found
    else List.rev found
  in
  let fields = more [] in
  sign lexer "}";
  fields

let constr lexer =
  let name = capital lexer "a constructor" in
  let args =
    if not (accept lexer (Word "of")) then T_none
    else if accept lexer (Sign "{") then T_inline (fields lexer)
    else T_args (separated lexer "*" (argument 0))
  in
  let bytes = attributes lexer in
  ( name,
    match args with
    | T_args args -> T_args (List.map (with_bytes bytes) args)
    | args -> args )

let right lexer =
  match lexer.token with
  | Sign "{" ->
    advance lexer;
    T_record (fields lexer)
  | Sign "|" ->
    advance lexer;
    T_variant (separated lexer "|" constr)
  | Capital _ when (
    (* M.t is a type, C a constructor *)
    let next = skip_blanks lexer lexer.at in
    char_at lexer next <> '.') -> T_variant (separated lexer "|" constr)
  | _ -> T_alias (parse_type 0 lexer)

let parameter lexer =
  sign lexer "'";
  name lexer "a parameter"

let parameters lexer =
  match lexer.token with
  | Sign "'" -> [ parameter lexer ]
  | Sign "(" ->
    advance lexer;
    let parameters = separated lexer "," parameter in
    sign lexer ")";
    parameters
  | _ -> []

let decl lexer =
  let t_parameters = parameters lexer in
  let t_name = name lexer "the name of a type" in
  sign lexer "=";
  let t_right = right lexer in
  let attributes = item_attributes lexer in
  let t_right =
    match t_right with
    | T_alias t -> T_alias (with_bytes attributes t)
    | t -> t
  in
  { t_parameters; t_name; t_right;
    t_unboxed = has "unboxed" attributes || has "ocaml.unboxed" attributes;
    t_layout =
      (if says "ancient.floats" "flat" attributes then Some Flat
       else if says "ancient.floats" "boxed" attributes then Some Boxed
       else None) }

let made lexer =
  let kind =
    match lexer.token with
    | Capital "Map" -> Map
    | Capital "Set" -> Set
    | Capital "Hashtbl" -> Hashtable
    | _ -> expected lexer "sig, Map.S, Set.S or Hashtbl.S"
  in
  advance lexer;
  sign lexer ".";
  if not (accept lexer (Capital "S")) then expected lexer "S";
  keyword lexer "with";
  keyword lexer "type";
  keyword lexer (match kind with Set -> "elt" | Map | Hashtable -> "key");
  sign lexer "=";
  let key = parse_type 0 lexer in
  let attributes = item_attributes lexer in
  let standard =
    says
      (match kind with Hashtable -> "ancient.hash" | _ -> "ancient.order")
      "standard" attributes
  in
  T_made (kind, with_bytes attributes key, standard)

let and_more lexer item =
  let rec more found =
    if accept lexer (Word "and") then more (item lexer :: found) else List.rev found
  in
  more [ item lexer ]

let rec items lexer =
  check_depth lexer 0;
  let rec more found =
    match lexer.token with
    | Word "type" ->
      advance lexer;
      more (T_types (and_more lexer decl) :: found)
    | Word "module" ->
      advance lexer;
      let recursive = accept lexer (Word "rec") in
      let modules =
        if recursive then and_more lexer module_ else [ module_ lexer ]
      in
      more (T_modules { recursive; modules } :: found)
    | _ -> List.rev found
  in
  more []

and module_ lexer =
  let name = capital lexer "the name of a module" in
  sign lexer ":";
  if accept lexer (Word "sig") then begin
    lexer.modules <- lexer.modules + 1;
    let items = items lexer in
    lexer.modules <- lexer.modules - 1;
    keyword lexer "end";
    (name, T_signature items)
  end
  else (name, made lexer)

type tree_schema = { items : tree_item list; root : tree }

(* @raise Refused *)
let syntax text =
  if String.length text > max_text then refuse "longer than %d bytes" max_text;
  if String.contains text '\000' then refuse "a 0 byte";
  let lexer = { text; at = 0; token = End; start = 0; modules = 0 } in
  advance lexer;
  let items = items lexer in
  keyword lexer "val";
  keyword lexer "root";
  sign lexer ":";
  let root = parse_type 0 lexer in
  let root = with_bytes (item_attributes lexer) root in
  if lexer.token <> End then expected lexer "the end";
  { items; root }
