/* c-reader/schema: type declarations, for the parser. */
#ifndef ANCIENT_READER_SCHEMA_PARSE_DECL_H
#define ANCIENT_READER_SCHEMA_PARSE_DECL_H

#include "schema/schema_types.h"

/* [params] name "=" rhs {item_attr}; seen from place `visible` of the text on. */
void ancient_reader_schema_parse_decl(struct schema_lexer *lexer, uint32_t visible);

/* Adds an empty declaration, and gives its number. */
uint32_t ancient_reader_schema_parse_new_decl(struct schema_lexer *lexer, uint32_t visible);

#endif
