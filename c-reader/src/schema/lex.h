/* c-reader/schema: the tokens of a text, for the parser. */
#ifndef ANCIENT_READER_SCHEMA_LEX_H
#define ANCIENT_READER_SCHEMA_LEX_H

#include "schema/schema_types.h"

/* Moves to the next token. */
void ancient_reader_schema_lex_next(struct schema_lexer *lexer);

/* Whether the token is this word. */
bool ancient_reader_schema_lex_is(const struct schema_lexer *lexer, const char *word);

/* Fails with "expected ..., found" the token. */
void ancient_reader_schema_lex_refuse(struct schema_lexer *lexer, const char *expected);

#endif
