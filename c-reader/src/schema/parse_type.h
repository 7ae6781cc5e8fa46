/* c-reader/schema: type expressions, for the parser. */
#ifndef ANCIENT_READER_SCHEMA_PARSE_TYPE_H
#define ANCIENT_READER_SCHEMA_PARSE_TYPE_H

#include "schema/schema_types.h"

/* type = argument {"*" argument} {attribute}; gives the node. */
uint32_t ancient_reader_schema_parse_type(struct schema_lexer *lexer);

/* One part of a tuple, or one argument of a constructor. */
uint32_t ancient_reader_schema_parse_argument(struct schema_lexer *lexer);

#endif
