/* c-reader/schema: the encoding of a type, for schema.c. */
#ifndef ANCIENT_READER_SCHEMA_ENCODE_H
#define ANCIENT_READER_SCHEMA_ENCODE_H

#include "schema/schema_types.h"

/* The encoding of 12.5, for free(). */
void ancient_reader_schema_encode(struct schema_text *text, const struct schema_types *types,
				  char **ret_text, size_t *ret_length);

#endif
