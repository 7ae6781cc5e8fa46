/* c-reader/schema: type declarations (FORMAT 12.2): records, variants, aliases, with parameters and
 * attributes.  For parse.c. */
#include "schema/parse_decl.h"

#include "schema/lex.h"
#include "schema/parse_token.h"
#include "schema/parse_type.h"
#include "schema/schema_text.h"

static void check_declared(struct schema_lexer *lexer)
{
	if (lexer->text->members.count + lexer->text->constructors.count > SCHEMA_DECLARED)
		ancient_reader_schema_refuse(lexer->text, lexer->at,
					     "expected at most %u fields and constructors",
					     SCHEMA_DECLARED);
}

/* Adds the member before its type is parsed, because that may add members of its own. */
static uint32_t new_member(struct schema_lexer *lexer)
{
	struct schema_member *member =
		ancient_reader_schema_list_add(&lexer->text->members, sizeof(*member));

	if (member == NULL) {
		ancient_reader_schema_memory(lexer->text);
		return 0;
	}
	*member = (struct schema_member){.at = lexer->at, .name = SCHEMA_NONE};
	check_declared(lexer);
	return lexer->text->members.count - 1;
}

/* "{" fields "}" */
static uint32_t take_fields(struct schema_lexer *lexer, uint32_t *ret_first)
{
	uint32_t group = lexer->groups++, count = 0;

	*ret_first = lexer->text->members.count;
	ancient_reader_schema_lex_next(lexer);
	if (!ancient_reader_schema_parse_enter(lexer))
		return 0;
	do {
		bool is_mutable = ancient_reader_schema_parse_is_keyword(lexer, "mutable");
		uint32_t number, name, type;
		if (is_mutable)
			ancient_reader_schema_lex_next(lexer);
		number = new_member(lexer);
		name = ancient_reader_schema_parse_new_name(
			lexer, SCHEMA_TOKEN_NAME, "a field's name", group, SCHEMA_SPACE_SEEN, 0);
		ancient_reader_schema_parse_want(lexer, ':', "':'");
		type = ancient_reader_schema_parse_type(lexer);
		if (schema_parse_failed(lexer))
			return 0;
		*SCHEMA_ITEM(struct schema_member, lexer->text->members, number) =
			(struct schema_member){
				SCHEMA_ITEM(struct schema_member, lexer->text->members, number)->at,
				name, type, is_mutable};
		count++;
		if (lexer->token != ';')
			break;
		ancient_reader_schema_lex_next(lexer);
	} while (lexer->token != '}' && !schema_parse_failed(lexer));
	ancient_reader_schema_parse_want(lexer, '}', "';' or '}'");
	lexer->level--;
	return count;
}

/* arg {"*" arg} */
static uint32_t take_arguments(struct schema_lexer *lexer, uint32_t *ret_first)
{
	uint32_t count = 0;

	*ret_first = lexer->text->members.count;
	for (;;) {
		uint32_t number = new_member(lexer),
			 type = ancient_reader_schema_parse_argument(lexer);
		if (schema_parse_failed(lexer))
			return 0;
		SCHEMA_ITEM(struct schema_member, lexer->text->members, number)->node = type;
		count++;
		if (lexer->token != '*')
			return count;
		ancient_reader_schema_lex_next(lexer);
	}
}

static void take_constructor(struct schema_lexer *lexer, uint32_t group)
{
	struct schema_constructor made = {.at = lexer->at}, *constructor;
	uint32_t from = lexer->text->nodes.count;

	made.name = ancient_reader_schema_parse_new_name(
		lexer, SCHEMA_TOKEN_CAPITAL, "a constructor's name", group, SCHEMA_SPACE_SEEN, 0);
	if (ancient_reader_schema_parse_is_keyword(lexer, "of")) {
		ancient_reader_schema_lex_next(lexer);
		made.inline_record = lexer->token == '{';
		made.count = made.inline_record ? take_fields(lexer, &made.first)
						: take_arguments(lexer, &made.first);
	}
	ancient_reader_schema_parse_attributes(lexer, SCHEMA_TOKEN_ATTRIBUTE, from);
	if (schema_parse_failed(lexer))
		return;
	constructor =
		ancient_reader_schema_list_add(&lexer->text->constructors, sizeof(*constructor));
	if (constructor == NULL)
		ancient_reader_schema_memory(lexer->text);
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
		ancient_reader_schema_lex_next(lexer);
	for (;;) {
		uint32_t at = lexer->at;
		take_constructor(lexer, group);
		if (schema_parse_failed(lexer))
			return 0;
		if (SCHEMA_ITEM(struct schema_constructor, lexer->text->constructors,
				*ret_first + count)
				    ->count > 0 &&
		    ++tags > SCHEMA_TAGS)
			ancient_reader_schema_refuse(
				lexer->text, at, "expected at most %u constructors with arguments",
				SCHEMA_TAGS);
		count++;
		if (lexer->token != '|')
			return count;
		ancient_reader_schema_lex_next(lexer);
	}
}

/* A Name begins a variant, or a path where a '.' follows. */
static bool begins_variant(const struct schema_lexer *lexer)
{
	struct schema_lexer ahead = *lexer;

	if (lexer->token != SCHEMA_TOKEN_CAPITAL)
		return lexer->token == '|';
	ancient_reader_schema_lex_next(&ahead);
	return ahead.token != '.';
}

static void take_parameters(struct schema_lexer *lexer)
{
	bool several = lexer->token == '(';

	lexer->parameter_count = 0;
	if (several)
		ancient_reader_schema_lex_next(lexer);
	else if (lexer->token != SCHEMA_TOKEN_VARIABLE)
		return;
	do {
		uint32_t at = lexer->at, name;
		if (lexer->token != SCHEMA_TOKEN_VARIABLE) {
			ancient_reader_schema_lex_refuse(lexer, "a type variable");
			return;
		}
		name = ancient_reader_schema_parse_name(lexer);
		for (uint32_t i = 0; i < lexer->parameter_count; i++)
			if (lexer->parameters[i] == name)
				ancient_reader_schema_refuse(lexer->text, at,
							     "expected another type variable");
		if (lexer->parameter_count == SCHEMA_PARAMETERS)
			ancient_reader_schema_refuse(lexer->text, at,
						     "expected at most %u parameters",
						     SCHEMA_PARAMETERS);
		if (schema_parse_failed(lexer))
			return;
		lexer->parameters[lexer->parameter_count++] = name;
		if (!several || lexer->token != ',')
			break;
		ancient_reader_schema_lex_next(lexer);
	} while (true);
	if (several)
		ancient_reader_schema_parse_want(lexer, ')', "',' or ')'");
}

uint32_t ancient_reader_schema_parse_new_decl(struct schema_lexer *lexer, uint32_t visible)
{
	struct schema_decl *decl =
		ancient_reader_schema_list_add(&lexer->text->decls, sizeof(*decl));

	if (decl == NULL) {
		ancient_reader_schema_memory(lexer->text);
		lexer->token = SCHEMA_TOKEN_END;
		return 0;
	}
	*decl = (struct schema_decl){
		.at = lexer->at, .scope = lexer->scope, .visible = visible, .node = SCHEMA_NONE};
	if (lexer->text->decls.count > SCHEMA_TYPES)
		ancient_reader_schema_refuse(lexer->text, lexer->at, "expected at most %u types",
					     SCHEMA_TYPES);
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
		decl->node = ancient_reader_schema_parse_type(lexer);
		if (!schema_parse_failed(lexer))
			decl->kind = schema_parse_node(lexer, decl->node)->kind == SCHEMA_NODE_POLY
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
void ancient_reader_schema_parse_decl(struct schema_lexer *lexer, uint32_t visible)
{
	uint32_t from = lexer->text->nodes.count, number;
	struct schema_attributes attributes;
	struct schema_decl decl;

	take_parameters(lexer);
	number = ancient_reader_schema_parse_new_decl(lexer, visible);
	if (schema_parse_failed(lexer))
		return;
	decl = *SCHEMA_ITEM(struct schema_decl, lexer->text->decls, number);
	decl.parameters = lexer->parameter_count;
	decl.name = ancient_reader_schema_parse_new_name(lexer, SCHEMA_TOKEN_NAME, "a type's name",
							 lexer->scope, SCHEMA_SPACE_TYPE, number);
	ancient_reader_schema_parse_want(lexer, '=', "'='");
	take_right_side(lexer, &decl);
	attributes =
		ancient_reader_schema_parse_attributes(lexer, SCHEMA_TOKEN_ITEM_ATTRIBUTE, from);
	lexer->parameter_count = 0;
	if (schema_parse_failed(lexer))
		return;
	decl.from = from;
	decl.to = lexer->text->nodes.count;
	decl.unboxed = attributes.unboxed;
	if (decl.unboxed && !may_be_unboxed(lexer, &decl))
		ancient_reader_schema_refuse(
			lexer->text, attributes.unboxed_at,
			"expected [@@unboxed] on one field, or on one constructor with one "
			"argument");
	*SCHEMA_ITEM(struct schema_decl, lexer->text->decls, number) = decl;
}
