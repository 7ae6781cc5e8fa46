/* c-reader/schema: the parser, for schema.c. */
#ifndef ANCIENT_READER_SCHEMA_PARSE_H
#define ANCIENT_READER_SCHEMA_PARSE_H

#include "schema/schema_types.h"

/* Parses a text: fills in its declarations and its root. */
void ancient_reader_schema_parse(struct schema_text *text);

#endif
