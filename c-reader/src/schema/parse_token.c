/* c-reader/schema: the steps that every rule of the grammar (FORMAT 12.2) is made of: tokens, names
 * and attributes.  For parse.c, parse_type.c and parse_decl.c. */
#include "schema/parse_token.h"

#include "schema/lex.h"
#include "schema/schema_text.h"

void ancient_reader_schema_parse_want(struct schema_lexer *lexer, int token, const char *expected)
{
	if (lexer->token == token)
		ancient_reader_schema_lex_next(lexer);
	else
		ancient_reader_schema_lex_refuse(lexer, expected);
}

void ancient_reader_schema_parse_want_word(struct schema_lexer *lexer, const char *word,
					   const char *expected)
{
	if (lexer->token != SCHEMA_TOKEN_END && ancient_reader_schema_lex_is(lexer, word))
		ancient_reader_schema_lex_next(lexer);
	else
		ancient_reader_schema_lex_refuse(lexer, expected);
}

bool ancient_reader_schema_parse_is_keyword(const struct schema_lexer *lexer, const char *word)
{
	return lexer->token == SCHEMA_TOKEN_KEYWORD && ancient_reader_schema_lex_is(lexer, word);
}

bool ancient_reader_schema_parse_enter(struct schema_lexer *lexer)
{
	if (lexer->level++ < SCHEMA_LEVELS)
		return true;
	ancient_reader_schema_refuse(lexer->text, lexer->at, "expected at most %u levels",
				     SCHEMA_LEVELS);
	lexer->token = SCHEMA_TOKEN_END;
	return false;
}

uint32_t ancient_reader_schema_parse_name(struct schema_lexer *lexer)
{
	uint32_t number = ancient_reader_schema_name_number(lexer->text, lexer->at, lexer->length);

	ancient_reader_schema_lex_next(lexer);
	return number;
}

uint32_t ancient_reader_schema_parse_new_name(struct schema_lexer *lexer, int token,
					      const char *expected, uint32_t scope,
					      enum schema_space space, uint32_t value)
{
	uint32_t at = lexer->at, number;

	if (lexer->token != token) {
		ancient_reader_schema_lex_refuse(lexer, expected);
		return 0;
	}
	number = ancient_reader_schema_name_number(lexer->text, at, lexer->length);
	if (!ancient_reader_schema_symbol_add(lexer->text, scope, number, space, value) &&
	    !schema_parse_failed(lexer))
		ancient_reader_schema_refuse(lexer->text, at,
					     "expected a name that is new here, found '%.*s'",
					     (int)lexer->length, lexer->text->bytes + at);
	ancient_reader_schema_lex_next(lexer);
	return number;
}

/* ---- Attributes -------------------------------------------------------------------- */

static void take_attribute(struct schema_lexer *lexer, struct schema_attributes *attributes)
{
	uint32_t name[2] = {0, 0}, count = 0, at = lexer->at;
	bool standard = false, ours;

	do {
		ancient_reader_schema_lex_next(lexer); /* the bracket, or a dot */
		if (lexer->token != SCHEMA_TOKEN_NAME && lexer->token != SCHEMA_TOKEN_CAPITAL) {
			ancient_reader_schema_lex_refuse(lexer, "an attribute's name");
			return;
		}
		name[count == 0 ? 0 : 1] = ancient_reader_schema_parse_name(lexer);
		count++;
	} while (lexer->token == '.');
	if (lexer->token == SCHEMA_TOKEN_NAME || lexer->token == SCHEMA_TOKEN_CAPITAL ||
	    lexer->token == SCHEMA_TOKEN_STRING) {
		standard = ancient_reader_schema_lex_is(lexer, "standard");
		ancient_reader_schema_lex_next(lexer);
	}
	ancient_reader_schema_parse_want(lexer, ']', "']'");
	if (schema_parse_failed(lexer))
		return;
	if ((count == 1 && ancient_reader_schema_name_is(lexer->text, name[0], "unboxed")) ||
	    (count == 2 && ancient_reader_schema_name_is(lexer->text, name[0], "ocaml") &&
	     ancient_reader_schema_name_is(lexer->text, name[1], "unboxed"))) {
		attributes->unboxed = true;
		attributes->unboxed_at = at;
	}
	ours = count == 2 && ancient_reader_schema_name_is(lexer->text, name[0], "ancient");
	if (ours && ancient_reader_schema_name_is(lexer->text, name[1], "bytes"))
		attributes->bytes = true;
	if (ours && standard && ancient_reader_schema_name_is(lexer->text, name[1], "order"))
		attributes->order = true;
	if (ours && standard && ancient_reader_schema_name_is(lexer->text, name[1], "hash"))
		attributes->hash = true;
}

struct schema_attributes ancient_reader_schema_parse_attributes(struct schema_lexer *lexer,
								int token, uint32_t from)
{
	struct schema_attributes attributes = {0};

	while (lexer->token == token)
		take_attribute(lexer, &attributes);
	if (attributes.bytes) {
		for (uint32_t i = from; i < lexer->text->nodes.count; i++)
			schema_parse_node(lexer, i)->bytes = true;
		lexer->text->has_bytes = true;
	}
	return attributes;
}
