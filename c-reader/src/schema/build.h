/* c-reader/schema: building types, for schema.c. */
#ifndef ANCIENT_READER_SCHEMA_BUILD_H
#define ANCIENT_READER_SCHEMA_BUILD_H

#include "schema/schema_types.h"

/* Builds the types that the root needs.
 *
 * bytes   whether [@ancient.bytes] makes a type different */
void ancient_reader_schema_build(struct schema_text *text, bool bytes, struct schema_types *types);
void ancient_reader_schema_types_done(struct schema_types *types);

#endif
