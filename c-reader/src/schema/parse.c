/* c-reader: the grammar of FORMAT 12.2, by recursive descent: one function for each rule, one
 * pass, and no more levels than the text may have. */
#include <string.h>

#include "schema/schema.h"

static struct schema_node *node_at(const struct schema_lexer *lexer, uint32_t number)
{
	return SCHEMA_ITEM(struct schema_node, lexer->text->nodes, number);
}

static bool failed(const struct schema_lexer *lexer)
{
	return lexer->text->code != ANCIENT_OK;
}

static void want(struct schema_lexer *lexer, int token, const char *expected)
{
	if (lexer->token == token)
		schema_lex_next(lexer);
	else
		schema_lex_refuse(lexer, expected);
}

static void want_word(struct schema_lexer *lexer, const char *word, const char *expected)
{
	if (lexer->token != SCHEMA_TOKEN_END && schema_lex_is(lexer, word))
		schema_lex_next(lexer);
	else
		schema_lex_refuse(lexer, expected);
}

static bool is_keyword(const struct schema_lexer *lexer, const char *word)
{
	return lexer->token == SCHEMA_TOKEN_KEYWORD && schema_lex_is(lexer, word);
}

static bool enter(struct schema_lexer *lexer)
{
	if (lexer->level++ < SCHEMA_LEVELS)
		return true;
	schema_refuse(lexer->text, lexer->at, "expected at most %u levels", SCHEMA_LEVELS);
	lexer->token = SCHEMA_TOKEN_END;
	return false;
}

static uint32_t take_name(struct schema_lexer *lexer)
{
	uint32_t number = schema_name_number(lexer->text, lexer->at, lexer->length);

	schema_lex_next(lexer);
	return number;
}

/* A name of this kind, which `space` of `scope` has not yet. */
static uint32_t take_new_name(struct schema_lexer *lexer, int token, const char *expected,
			      uint32_t scope, enum schema_space space, uint32_t value)
{
	uint32_t at = lexer->at, number;

	if (lexer->token != token) {
		schema_lex_refuse(lexer, expected);
		return 0;
	}
	number = schema_name_number(lexer->text, at, lexer->length);
	if (!schema_symbol_add(lexer->text, scope, number, space, value) && !failed(lexer))
		schema_refuse(lexer->text, at, "expected a name that is new here, found '%.*s'",
			      (int)lexer->length, lexer->text->bytes + at);
	schema_lex_next(lexer);
	return number;
}

/* ---- Attributes -------------------------------------------------------------------- */

struct attributes {
	bool bytes, unboxed, order, hash;
	uint32_t unboxed_at;
};

static void take_attribute(struct schema_lexer *lexer, struct attributes *attributes)
{
	uint32_t name[2] = {0, 0}, count = 0, at = lexer->at;
	bool standard = false, ours;

	do {
		schema_lex_next(lexer); /* the bracket, or a dot */
		if (lexer->token != SCHEMA_TOKEN_NAME && lexer->token != SCHEMA_TOKEN_CAPITAL) {
			schema_lex_refuse(lexer, "an attribute's name");
			return;
		}
		name[count == 0 ? 0 : 1] = take_name(lexer);
		count++;
	} while (lexer->token == '.');
	if (lexer->token == SCHEMA_TOKEN_NAME || lexer->token == SCHEMA_TOKEN_CAPITAL ||
	    lexer->token == SCHEMA_TOKEN_STRING) {
		standard = schema_lex_is(lexer, "standard");
		schema_lex_next(lexer);
	}
	want(lexer, ']', "']'");
	if (failed(lexer))
		return;
	if ((count == 1 && schema_name_is(lexer->text, name[0], "unboxed")) ||
	    (count == 2 && schema_name_is(lexer->text, name[0], "ocaml") &&
	     schema_name_is(lexer->text, name[1], "unboxed"))) {
		attributes->unboxed = true;
		attributes->unboxed_at = at;
	}
	ours = count == 2 && schema_name_is(lexer->text, name[0], "ancient");
	if (ours && schema_name_is(lexer->text, name[1], "bytes"))
		attributes->bytes = true;
	if (ours && standard && schema_name_is(lexer->text, name[1], "order"))
		attributes->order = true;
	if (ours && standard && schema_name_is(lexer->text, name[1], "hash"))
		attributes->hash = true;
}

/* All that follow here; `token` says of which kind.  from: the first node that they are
 * about. */
static struct attributes take_attributes(struct schema_lexer *lexer, int token, uint32_t from)
{
	struct attributes attributes = {0};

	while (lexer->token == token)
		take_attribute(lexer, &attributes);
	if (attributes.bytes) {
		for (uint32_t i = from; i < lexer->text->nodes.count; i++)
			node_at(lexer, i)->bytes = true;
		lexer->text->has_bytes = true;
	}
	return attributes;
}

/* ---- Type expressions -------------------------------------------------------------- */

static uint32_t take_type(struct schema_lexer *lexer);

static uint32_t new_node(struct schema_lexer *lexer, enum schema_node_kind kind)
{
	struct schema_node *node = schema_list_add(&lexer->text->nodes, sizeof(*node));

	if (node == NULL) {
		schema_memory(lexer->text);
		lexer->token = SCHEMA_TOKEN_END;
		return 0;
	}
	*node = (struct schema_node){.kind = kind,
				     .at = lexer->at,
				     .child = SCHEMA_NONE,
				     .last = SCHEMA_NONE,
				     .next = SCHEMA_NONE,
				     .scope = lexer->scope,
				     .decl = SCHEMA_NONE};
	return lexer->text->nodes.count - 1;
}

static void add_child(struct schema_lexer *lexer, uint32_t parent, uint32_t child)
{
	struct schema_node *node;

	if (failed(lexer))
		return;
	node = node_at(lexer, parent);
	if (node->child == SCHEMA_NONE)
		node->child = child;
	else
		node_at(lexer, node->last)->next = child;
	node->last = child;
	node->count++;
}

/* {Name "."} name: into a node whose arguments are its children. */
static uint32_t take_path(struct schema_lexer *lexer)
{
	uint32_t number = new_node(lexer, SCHEMA_NODE_PATH), count = 0;
	uint32_t first = lexer->text->path.count;
	bool last = false;

	while (!failed(lexer) && !last) {
		uint32_t *name;
		last = lexer->token == SCHEMA_TOKEN_NAME;
		if (!last && lexer->token != SCHEMA_TOKEN_CAPITAL) {
			schema_lex_refuse(lexer, count == 0 ? "a type" : "a name of this module");
			return number;
		}
		name = schema_list_add(&lexer->text->path, sizeof(*name));
		if (name == NULL) {
			schema_memory(lexer->text);
			return number;
		}
		*name = take_name(lexer);
		count++;
		if (!last)
			want(lexer, '.', "'.'");
	}
	if (!failed(lexer)) {
		node_at(lexer, number)->component = first;
		node_at(lexer, number)->components = count;
	}
	return number;
}

static uint32_t take_variable(struct schema_lexer *lexer)
{
	uint32_t number = new_node(lexer, SCHEMA_NODE_VARIABLE), at = lexer->at;
	uint32_t name = schema_name_number(lexer->text, at, lexer->length), i;

	for (i = 0; i < lexer->parameter_count && lexer->parameters[i] != name; i++)
		;
	if (failed(lexer))
		return number;
	if (i == lexer->parameter_count) {
		schema_refuse(lexer->text, at, "expected a parameter of this type, found ''%.*s'",
			      (int)lexer->length, lexer->text->bytes + at);
		return number;
	}
	node_at(lexer, number)->variable = i;
	schema_lex_next(lexer);
	return number;
}

/* "[" ["|"] poly {"|" poly} "]" */
static uint32_t take_poly(struct schema_lexer *lexer)
{
	uint32_t number = new_node(lexer, SCHEMA_NODE_POLY), group = lexer->groups++;

	schema_lex_next(lexer);
	if (!enter(lexer))
		return number;
	if (lexer->token == '|')
		schema_lex_next(lexer);
	do {
		uint32_t tag = new_node(lexer, SCHEMA_NODE_TAG);
		uint32_t name = take_new_name(lexer, SCHEMA_TOKEN_TAG, "'`' and a name", group,
					      SCHEMA_SPACE_SEEN, 0);
		if (failed(lexer))
			return number;
		node_at(lexer, tag)->name = name;
		add_child(lexer, number, tag);
		if (is_keyword(lexer, "of")) {
			schema_lex_next(lexer);
			add_child(lexer, tag, take_type(lexer));
		}
		if (lexer->token != '|')
			break;
		schema_lex_next(lexer);
	} while (!failed(lexer));
	want(lexer, ']', "'|' or ']'");
	lexer->level--;
	return number;
}

/* "(" type ")", or "(" type "," type {"," type} ")" path */
static uint32_t take_parentheses(struct schema_lexer *lexer)
{
	uint32_t first, last, count = 1, path;

	schema_lex_next(lexer);
	if (!enter(lexer))
		return 0;
	first = last = take_type(lexer);
	while (lexer->token == ',' && !failed(lexer)) {
		uint32_t more;
		schema_lex_next(lexer);
		more = take_type(lexer);
		if (failed(lexer))
			return first;
		node_at(lexer, last)->next = more;
		last = more;
		count++;
	}
	want(lexer, ')', "',' or ')'");
	lexer->level--;
	if (count == 1 || failed(lexer))
		return first;
	path = take_path(lexer);
	if (failed(lexer))
		return first;
	node_at(lexer, path)->child = first;
	node_at(lexer, path)->last = last;
	node_at(lexer, path)->count = count;
	return path;
}

static uint32_t take_simple(struct schema_lexer *lexer)
{
	switch (lexer->token) {
	case SCHEMA_TOKEN_VARIABLE:
		return take_variable(lexer);
	case '(':
		return take_parentheses(lexer);
	case '[':
		return take_poly(lexer);
	default:
		return take_path(lexer);
	}
}

static uint32_t take_argument(struct schema_lexer *lexer)
{
	uint32_t number = take_simple(lexer), names = lexer->level;

	while (lexer->token == SCHEMA_TOKEN_NAME || lexer->token == SCHEMA_TOKEN_CAPITAL) {
		uint32_t path;
		if (names++ >= SCHEMA_LEVELS) {
			schema_refuse(lexer->text, lexer->at, "expected at most %u levels",
				      SCHEMA_LEVELS);
			return number;
		}
		path = take_path(lexer);
		add_child(lexer, path, number);
		number = path;
	}
	return number;
}

static uint32_t take_type(struct schema_lexer *lexer)
{
	uint32_t from = lexer->text->nodes.count, number = take_argument(lexer);

	if (lexer->token == '*') {
		uint32_t tuple = new_node(lexer, SCHEMA_NODE_TUPLE);
		add_child(lexer, tuple, number);
		while (lexer->token == '*' && !failed(lexer)) {
			schema_lex_next(lexer);
			add_child(lexer, tuple, take_argument(lexer));
		}
		number = tuple;
	}
	take_attributes(lexer, SCHEMA_TOKEN_ATTRIBUTE, from);
	return number;
}

/* ---- Declarations ------------------------------------------------------------------ */

static void check_declared(struct schema_lexer *lexer)
{
	if (lexer->text->members.count + lexer->text->constructors.count > SCHEMA_DECLARED)
		schema_refuse(lexer->text, lexer->at, "expected at most %u fields and constructors",
			      SCHEMA_DECLARED);
}

/* The place comes first: what the fields' types hold is added behind. */
static uint32_t new_member(struct schema_lexer *lexer)
{
	struct schema_member *member = schema_list_add(&lexer->text->members, sizeof(*member));

	if (member == NULL) {
		schema_memory(lexer->text);
		return 0;
	}
	*member = (struct schema_member){lexer->at, SCHEMA_NONE, 0};
	check_declared(lexer);
	return lexer->text->members.count - 1;
}

/* "{" fields "}" */
static uint32_t take_fields(struct schema_lexer *lexer, uint32_t *ret_first)
{
	uint32_t group = lexer->groups++, count = 0;

	*ret_first = lexer->text->members.count;
	schema_lex_next(lexer);
	if (!enter(lexer))
		return 0;
	do {
		uint32_t number, name, type;
		if (is_keyword(lexer, "mutable"))
			schema_lex_next(lexer);
		number = new_member(lexer);
		name = take_new_name(lexer, SCHEMA_TOKEN_NAME, "a field's name", group,
				     SCHEMA_SPACE_SEEN, 0);
		want(lexer, ':', "':'");
		type = take_type(lexer);
		if (failed(lexer))
			return 0;
		SCHEMA_ITEM(struct schema_member, lexer->text->members, number)->name = name;
		SCHEMA_ITEM(struct schema_member, lexer->text->members, number)->node = type;
		count++;
		if (lexer->token != ';')
			break;
		schema_lex_next(lexer);
	} while (lexer->token != '}' && !failed(lexer));
	want(lexer, '}', "';' or '}'");
	lexer->level--;
	return count;
}

/* arg {"*" arg} */
static uint32_t take_arguments(struct schema_lexer *lexer, uint32_t *ret_first)
{
	uint32_t count = 0;

	*ret_first = lexer->text->members.count;
	for (;;) {
		uint32_t number = new_member(lexer), type = take_argument(lexer);
		if (failed(lexer))
			return 0;
		SCHEMA_ITEM(struct schema_member, lexer->text->members, number)->node = type;
		count++;
		if (lexer->token != '*')
			return count;
		schema_lex_next(lexer);
	}
}

static void take_constructor(struct schema_lexer *lexer, uint32_t group)
{
	struct schema_constructor made = {.at = lexer->at}, *constructor;
	uint32_t from = lexer->text->nodes.count;

	made.name = take_new_name(lexer, SCHEMA_TOKEN_CAPITAL, "a constructor's name", group,
				  SCHEMA_SPACE_SEEN, 0);
	if (is_keyword(lexer, "of")) {
		schema_lex_next(lexer);
		made.inline_record = lexer->token == '{';
		made.count = made.inline_record ? take_fields(lexer, &made.first)
						: take_arguments(lexer, &made.first);
	}
	take_attributes(lexer, SCHEMA_TOKEN_ATTRIBUTE, from);
	if (failed(lexer))
		return;
	constructor = schema_list_add(&lexer->text->constructors, sizeof(*constructor));
	if (constructor == NULL)
		schema_memory(lexer->text);
	else
		*constructor = made;
	check_declared(lexer);
}

/* ["|"] constr {"|" constr} */
static uint32_t take_variant(struct schema_lexer *lexer, uint32_t *ret_first)
{
	uint32_t group = lexer->groups++, count = 0, tags = 0;

	*ret_first = lexer->text->constructors.count;
	if (lexer->token == '|')
		schema_lex_next(lexer);
	for (;;) {
		uint32_t at = lexer->at;
		take_constructor(lexer, group);
		if (failed(lexer))
			return 0;
		if (SCHEMA_ITEM(struct schema_constructor, lexer->text->constructors,
				*ret_first + count)
				    ->count > 0 &&
		    ++tags > SCHEMA_TAGS)
			schema_refuse(lexer->text, at,
				      "expected at most %u constructors with arguments",
				      SCHEMA_TAGS);
		count++;
		if (lexer->token != '|')
			return count;
		schema_lex_next(lexer);
	}
}

/* A Name begins a variant, or a path where a '.' follows. */
static bool begins_variant(const struct schema_lexer *lexer)
{
	struct schema_lexer ahead = *lexer;

	if (lexer->token != SCHEMA_TOKEN_CAPITAL)
		return lexer->token == '|';
	schema_lex_next(&ahead);
	return ahead.token != '.';
}

static void take_parameters(struct schema_lexer *lexer)
{
	bool several = lexer->token == '(';

	lexer->parameter_count = 0;
	if (several)
		schema_lex_next(lexer);
	else if (lexer->token != SCHEMA_TOKEN_VARIABLE)
		return;
	do {
		uint32_t at = lexer->at, name;
		if (lexer->token != SCHEMA_TOKEN_VARIABLE) {
			schema_lex_refuse(lexer, "a type variable");
			return;
		}
		name = take_name(lexer);
		for (uint32_t i = 0; i < lexer->parameter_count; i++)
			if (lexer->parameters[i] == name)
				schema_refuse(lexer->text, at, "expected another type variable");
		if (lexer->parameter_count == SCHEMA_PARAMETERS)
			schema_refuse(lexer->text, at, "expected at most %u parameters",
				      SCHEMA_PARAMETERS);
		if (failed(lexer))
			return;
		lexer->parameters[lexer->parameter_count++] = name;
		if (!several || lexer->token != ',')
			break;
		schema_lex_next(lexer);
	} while (true);
	if (several)
		want(lexer, ')', "',' or ')'");
}

static uint32_t new_decl(struct schema_lexer *lexer, uint32_t visible)
{
	struct schema_decl *decl = schema_list_add(&lexer->text->decls, sizeof(*decl));

	if (decl == NULL) {
		schema_memory(lexer->text);
		lexer->token = SCHEMA_TOKEN_END;
		return 0;
	}
	*decl = (struct schema_decl){
		.at = lexer->at, .scope = lexer->scope, .visible = visible, .node = SCHEMA_NONE};
	if (lexer->text->decls.count > SCHEMA_TYPES)
		schema_refuse(lexer->text, lexer->at, "expected at most %u types", SCHEMA_TYPES);
	return lexer->text->decls.count - 1;
}

static void take_right_side(struct schema_lexer *lexer, struct schema_decl *decl)
{
	if (lexer->token == '{') {
		decl->kind = SCHEMA_DECL_RECORD;
		decl->count = take_fields(lexer, &decl->first);
	} else if (begins_variant(lexer)) {
		decl->kind = SCHEMA_DECL_VARIANT;
		decl->count = take_variant(lexer, &decl->first);
	} else {
		decl->node = take_type(lexer);
		if (!failed(lexer))
			decl->kind = node_at(lexer, decl->node)->kind == SCHEMA_NODE_POLY
					     ? SCHEMA_DECL_POLY
					     : SCHEMA_DECL_ALIAS;
	}
}

/* One field, or one constructor with one argument. */
static bool may_be_unboxed(const struct schema_lexer *lexer, const struct schema_decl *decl)
{
	if (decl->kind == SCHEMA_DECL_VARIANT)
		return decl->count == 1 && SCHEMA_ITEM(struct schema_constructor,
						       lexer->text->constructors, decl->first)
							   ->count == 1;
	return decl->kind == SCHEMA_DECL_RECORD && decl->count == 1;
}

/* [params] name "=" rhs {item_attr} */
static void take_declaration(struct schema_lexer *lexer, uint32_t visible)
{
	uint32_t from = lexer->text->nodes.count, number;
	struct attributes attributes;
	struct schema_decl decl;

	take_parameters(lexer);
	number = new_decl(lexer, visible);
	if (failed(lexer))
		return;
	decl = *SCHEMA_ITEM(struct schema_decl, lexer->text->decls, number);
	decl.parameters = lexer->parameter_count;
	decl.name = take_new_name(lexer, SCHEMA_TOKEN_NAME, "a type's name", lexer->scope,
				  SCHEMA_SPACE_TYPE, number);
	want(lexer, '=', "'='");
	take_right_side(lexer, &decl);
	attributes = take_attributes(lexer, SCHEMA_TOKEN_ITEM_ATTRIBUTE, from);
	lexer->parameter_count = 0;
	if (failed(lexer))
		return;
	decl.from = from;
	decl.to = lexer->text->nodes.count;
	decl.unboxed = attributes.unboxed;
	if (decl.unboxed && !may_be_unboxed(lexer, &decl))
		schema_refuse(lexer->text, attributes.unboxed_at,
			      "expected [@@unboxed] on one field, or on one constructor with one "
			      "argument");
	*SCHEMA_ITEM(struct schema_decl, lexer->text->decls, number) = decl;
}

/* ---- Modules ----------------------------------------------------------------------- */

static void take_items(struct schema_lexer *lexer);

static void add_type(struct schema_lexer *lexer, const char *name, uint32_t at,
		     const struct schema_decl *decl)
{
	uint32_t number = new_decl(lexer, 0), name_number;
	struct schema_decl *made;

	if (failed(lexer))
		return;
	/* The name is in the text: "key" and "elt" behind "type", and the "t" of any of them
	 * in that word. */
	name_number = schema_name_number(lexer->text, at, (uint32_t)strlen(name));
	if (failed(lexer))
		return;
	made = SCHEMA_ITEM(struct schema_decl, lexer->text->decls, number);
	*made = *decl;
	made->at = at;
	made->name = name_number;
	made->scope = lexer->scope;
	schema_symbol_add(lexer->text, lexer->scope, name_number, SCHEMA_SPACE_TYPE, number);
}

/* ("Map.S" | "Set.S" | "Hashtbl.S") "with" "type" ("key" | "elt") "=" type {item_attr} */
static void take_functor(struct schema_lexer *lexer, uint32_t inside)
{
	struct schema_decl decl = {.kind = SCHEMA_DECL_CONTAINER, .parameters = 1};
	struct attributes attributes;
	uint32_t outside = lexer->scope, from = lexer->text->nodes.count, word, type_word;
	const char *key = "key";

	if (schema_lex_is(lexer, "Map")) {
		decl.container = ANCIENT_TYPE_MAP;
	} else if (schema_lex_is(lexer, "Hashtbl")) {
		decl.container = ANCIENT_TYPE_HASHTABLE;
	} else if (schema_lex_is(lexer, "Set")) {
		decl.container = ANCIENT_TYPE_SET;
		decl.parameters = 0;
		key = "elt";
	} else {
		schema_lex_refuse(lexer, "'sig', Map.S, Set.S or Hashtbl.S");
		return;
	}
	schema_lex_next(lexer);
	want(lexer, '.', "'.'");
	want_word(lexer, "S", "'S'");
	want_word(lexer, "with", "'with'");
	type_word = lexer->at;
	want_word(lexer, "type", "'type'");
	word = lexer->at;
	want_word(lexer, key, key);
	want(lexer, '=', "'='");
	lexer->parameter_count = 0;
	decl.node = take_type(lexer);
	attributes = take_attributes(lexer, SCHEMA_TOKEN_ITEM_ATTRIBUTE, from);
	decl.standard =
		decl.container == ANCIENT_TYPE_HASHTABLE ? attributes.hash : attributes.order;
	if (failed(lexer))
		return;
	lexer->scope = inside;
	decl.from = from;
	decl.to = lexer->text->nodes.count;
	add_type(lexer, "t", type_word, &decl);
	decl.kind = SCHEMA_DECL_ALIAS;
	decl.parameters = 0;
	add_type(lexer, key, word, &decl);
	lexer->scope = outside;
}

/* Name ":" body.  recursive: seen from `start` on, otherwise from its end on. */
static void take_module(struct schema_lexer *lexer, bool recursive, uint32_t start)
{
	uint32_t number = lexer->text->scopes.count, outside = lexer->scope, name;
	struct schema_scope *scope = schema_list_add(&lexer->text->scopes, sizeof(*scope));

	if (scope == NULL) {
		schema_memory(lexer->text);
		lexer->token = SCHEMA_TOKEN_END;
		return;
	}
	*scope = (struct schema_scope){outside, 0, recursive ? start : UINT32_MAX};
	name = take_new_name(lexer, SCHEMA_TOKEN_CAPITAL, "a module's name", outside,
			     SCHEMA_SPACE_MODULE, number);
	want(lexer, ':', "':'");
	if (failed(lexer))
		return;
	SCHEMA_ITEM(struct schema_scope, lexer->text->scopes, number)->name = name;
	if (is_keyword(lexer, "sig")) {
		schema_lex_next(lexer);
		if (!enter(lexer))
			return;
		lexer->scope = number;
		take_items(lexer);
		want_word(lexer, "end", "'type', 'module' or 'end'");
		lexer->scope = outside;
		lexer->level--;
	} else {
		take_functor(lexer, number);
	}
	if (!recursive && !failed(lexer))
		SCHEMA_ITEM(struct schema_scope, lexer->text->scopes, number)->visible = lexer->at;
}

static void take_items(struct schema_lexer *lexer)
{
	while (!failed(lexer)) {
		uint32_t start = lexer->at;
		bool recursive;
		if (is_keyword(lexer, "type")) {
			do {
				schema_lex_next(lexer); /* "type", "and" */
				take_declaration(lexer, start);
			} while (is_keyword(lexer, "and") && !failed(lexer));
			continue;
		}
		if (!is_keyword(lexer, "module"))
			return;
		schema_lex_next(lexer);
		recursive = is_keyword(lexer, "rec");
		if (recursive)
			schema_lex_next(lexer);
		take_module(lexer, recursive, start);
		while (recursive && is_keyword(lexer, "and") && !failed(lexer)) {
			schema_lex_next(lexer);
			take_module(lexer, true, start);
		}
	}
}

/* {item} "val" "root" ":" type {item_attr} */
void schema_parse(struct schema_text *text)
{
	struct schema_lexer lexer = {.text = text};
	struct schema_scope *outermost = schema_list_add(&text->scopes, sizeof(*outermost));

	if (outermost == NULL) {
		schema_memory(text);
		return;
	}
	*outermost = (struct schema_scope){SCHEMA_NONE, SCHEMA_NONE, 0};
	schema_lex_next(&lexer);
	take_items(&lexer);
	want_word(&lexer, "val", "'type', 'module' or 'val'");
	want_word(&lexer, "root", "'root'");
	want(&lexer, ':', "':'");
	uint32_t from = text->nodes.count;
	text->root = take_type(&lexer);
	take_attributes(&lexer, SCHEMA_TOKEN_ITEM_ATTRIBUTE, from);
	if (text->code == ANCIENT_OK && lexer.token != SCHEMA_TOKEN_END)
		schema_lex_refuse(&lexer, "the end");
}
