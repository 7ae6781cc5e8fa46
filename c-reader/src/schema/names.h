/* c-reader/schema: resolving names, for schema.c, and the hash of a tag, for building types. */
#ifndef ANCIENT_READER_SCHEMA_NAMES_H
#define ANCIENT_READER_SCHEMA_NAMES_H

#include "schema/schema_types.h"

/* Resolves every path of a parsed text, and refuses aliases that lead back to themselves and tags
 * whose hashes are equal. */
void ancient_reader_schema_resolve(struct schema_text *text);

/* The number of a polymorphic variant's constructor (12.3). */
int64_t ancient_reader_schema_tag_hash(const struct schema_text *text, uint32_t name);

#endif
