/* c-reader/schema: type expressions (FORMAT 12.2), by recursive descent: a function for each rule.
 * For parse.c and parse_decl.c. */
#include "schema/parse_type.h"

#include "schema/lex.h"
#include "schema/parse_token.h"
#include "schema/schema_text.h"

static uint32_t new_node(struct schema_lexer *lexer, enum schema_node_kind kind)
{
	struct schema_node *node =
		ancient_reader_schema_list_add(&lexer->text->nodes, sizeof(*node));

	if (node == NULL) {
		ancient_reader_schema_memory(lexer->text);
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

	if (schema_parse_failed(lexer))
		return;
	node = schema_parse_node(lexer, parent);
	if (node->child == SCHEMA_NONE)
		node->child = child;
	else
		schema_parse_node(lexer, node->last)->next = child;
	node->last = child;
	node->count++;
}

/* {Name "."} name: into a node whose arguments are its children. */
static uint32_t take_path(struct schema_lexer *lexer)
{
	uint32_t number = new_node(lexer, SCHEMA_NODE_PATH), count = 0;
	uint32_t first = lexer->text->path.count;
	bool last = false;

	while (!schema_parse_failed(lexer) && !last) {
		uint32_t *name;
		last = lexer->token == SCHEMA_TOKEN_NAME;
		if (!last && lexer->token != SCHEMA_TOKEN_CAPITAL) {
			ancient_reader_schema_lex_refuse(
				lexer, count == 0 ? "a type" : "a name of this module");
			return number;
		}
		name = ancient_reader_schema_list_add(&lexer->text->path, sizeof(*name));
		if (name == NULL) {
			ancient_reader_schema_memory(lexer->text);
			return number;
		}
		*name = ancient_reader_schema_parse_name(lexer);
		count++;
		if (!last)
			ancient_reader_schema_parse_want(lexer, '.', "'.'");
	}
	if (!schema_parse_failed(lexer)) {
		schema_parse_node(lexer, number)->component = first;
		schema_parse_node(lexer, number)->components = count;
	}
	return number;
}

static uint32_t take_variable(struct schema_lexer *lexer)
{
	uint32_t number = new_node(lexer, SCHEMA_NODE_VARIABLE), at = lexer->at;
	uint32_t name = ancient_reader_schema_name_number(lexer->text, at, lexer->length), i;

	for (i = 0; i < lexer->parameter_count && lexer->parameters[i] != name; i++)
		;
	if (schema_parse_failed(lexer))
		return number;
	if (i == lexer->parameter_count) {
		ancient_reader_schema_refuse(lexer->text, at,
					     "expected a parameter of this type, found ''%.*s'",
					     (int)lexer->length, lexer->text->bytes + at);
		return number;
	}
	schema_parse_node(lexer, number)->variable = i;
	ancient_reader_schema_lex_next(lexer);
	return number;
}

/* "[" ["|"] poly {"|" poly} "]" */
static uint32_t take_poly(struct schema_lexer *lexer)
{
	uint32_t number = new_node(lexer, SCHEMA_NODE_POLY), group = lexer->groups++;

	ancient_reader_schema_lex_next(lexer);
	if (!ancient_reader_schema_parse_enter(lexer))
		return number;
	if (lexer->token == '|')
		ancient_reader_schema_lex_next(lexer);
	do {
		uint32_t tag = new_node(lexer, SCHEMA_NODE_TAG);
		uint32_t name = ancient_reader_schema_parse_new_name(
			lexer, SCHEMA_TOKEN_TAG, "'`' and a name", group, SCHEMA_SPACE_SEEN, 0);
		if (schema_parse_failed(lexer))
			return number;
		schema_parse_node(lexer, tag)->name = name;
		add_child(lexer, number, tag);
		if (ancient_reader_schema_parse_is_keyword(lexer, "of")) {
			ancient_reader_schema_lex_next(lexer);
			add_child(lexer, tag, ancient_reader_schema_parse_type(lexer));
		}
		if (lexer->token != '|')
			break;
		ancient_reader_schema_lex_next(lexer);
	} while (!schema_parse_failed(lexer));
	ancient_reader_schema_parse_want(lexer, ']', "'|' or ']'");
	lexer->level--;
	return number;
}

/* "(" type ")", or "(" type "," type {"," type} ")" path */
static uint32_t take_parentheses(struct schema_lexer *lexer)
{
	uint32_t first, last, count = 1, path;

	ancient_reader_schema_lex_next(lexer);
	if (!ancient_reader_schema_parse_enter(lexer))
		return 0;
	first = last = ancient_reader_schema_parse_type(lexer);
	while (lexer->token == ',' && !schema_parse_failed(lexer)) {
		uint32_t more;
		ancient_reader_schema_lex_next(lexer);
		more = ancient_reader_schema_parse_type(lexer);
		if (schema_parse_failed(lexer))
			return first;
		schema_parse_node(lexer, last)->next = more;
		last = more;
		count++;
	}
	ancient_reader_schema_parse_want(lexer, ')', "',' or ')'");
	lexer->level--;
	if (count == 1 || schema_parse_failed(lexer))
		return first;
	path = take_path(lexer);
	if (schema_parse_failed(lexer))
		return first;
	schema_parse_node(lexer, path)->child = first;
	schema_parse_node(lexer, path)->last = last;
	schema_parse_node(lexer, path)->count = count;
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

uint32_t ancient_reader_schema_parse_argument(struct schema_lexer *lexer)
{
	uint32_t number = take_simple(lexer), names = lexer->level;

	while (lexer->token == SCHEMA_TOKEN_NAME || lexer->token == SCHEMA_TOKEN_CAPITAL) {
		uint32_t path;
		if (names++ >= SCHEMA_LEVELS) {
			ancient_reader_schema_refuse(lexer->text, lexer->at,
						     "expected at most %u levels", SCHEMA_LEVELS);
			return number;
		}
		path = take_path(lexer);
		add_child(lexer, path, number);
		number = path;
	}
	return number;
}

uint32_t ancient_reader_schema_parse_type(struct schema_lexer *lexer)
{
	uint32_t from = lexer->text->nodes.count,
		 number = ancient_reader_schema_parse_argument(lexer);

	if (lexer->token == '*') {
		uint32_t tuple = new_node(lexer, SCHEMA_NODE_TUPLE);
		add_child(lexer, tuple, number);
		while (lexer->token == '*' && !schema_parse_failed(lexer)) {
			ancient_reader_schema_lex_next(lexer);
			add_child(lexer, tuple, ancient_reader_schema_parse_argument(lexer));
		}
		number = tuple;
	}
	ancient_reader_schema_parse_attributes(lexer, SCHEMA_TOKEN_ATTRIBUTE, from);
	return number;
}
