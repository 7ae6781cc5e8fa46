/* c-reader/schema: the types of a schema as the public header shows them, for schema.c. */
#ifndef ANCIENT_READER_SCHEMA_SHOW_H
#define ANCIENT_READER_SCHEMA_SHOW_H

#include "schema/schema_types.h"

/* Fills in the types of `schema`: names, and pointers in place of numbers. */
void ancient_reader_schema_show(struct schema_text *text, const struct schema_types *types,
				struct ancient_schema *schema);

#endif
