/* c-reader/dump: typed values without parts as JSON (ancient_schema.h, Dump). */
#ifndef ANCIENT_READER_TYPED_DUMP_LEAF_H
#define ANCIENT_READER_TYPED_DUMP_LEAF_H

#include <ancient_schema.h>

#include "dump/dump_output.h"

/* Writes the value, whose type is `type`; false: it has parts, and nothing was done. */
bool ancient_reader_typed_dump_leaf(struct dump_output *out, const struct ancient_schema *schema,
				    const struct ancient_type *type, struct ancient_typed typed);

#endif
