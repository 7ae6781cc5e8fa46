/* c-reader/schema: the steps that every rule of the grammar is made of. */
#ifndef ANCIENT_READER_SCHEMA_PARSE_TOKEN_H
#define ANCIENT_READER_SCHEMA_PARSE_TOKEN_H

#include "schema/schema_types.h"

static inline struct schema_node *schema_parse_node(const struct schema_lexer *lexer,
						    uint32_t number)
{
	return SCHEMA_ITEM(struct schema_node, lexer->text->nodes, number);
}

static inline bool schema_parse_failed(const struct schema_lexer *lexer)
{
	return lexer->text->code != ANCIENT_OK;
}

/* Takes a token, or fails: "expected `expected`, found" the token. */
void ancient_reader_schema_parse_want(struct schema_lexer *lexer, int token, const char *expected);
void ancient_reader_schema_parse_want_word(struct schema_lexer *lexer, const char *word,
					   const char *expected);

bool ancient_reader_schema_parse_is_keyword(const struct schema_lexer *lexer, const char *word);

/* One level deeper; false where that is too deep. */
bool ancient_reader_schema_parse_enter(struct schema_lexer *lexer);

/* Takes a name, and gives its number. */
uint32_t ancient_reader_schema_parse_name(struct schema_lexer *lexer);

/* Takes a name of this kind, which must be new in `space` of `scope`; it stands for `value`. */
uint32_t ancient_reader_schema_parse_new_name(struct schema_lexer *lexer, int token,
					      const char *expected, uint32_t scope,
					      enum schema_space space, uint32_t value);

struct schema_attributes {
	bool bytes, unboxed, order, hash;
	uint32_t unboxed_at;
};

/* Takes all attributes that follow.
 *
 * token   of which kind: [@ or [@@
 * from    the first of the nodes that they are about */
struct schema_attributes ancient_reader_schema_parse_attributes(struct schema_lexer *lexer,
								int token, uint32_t from);

#endif
