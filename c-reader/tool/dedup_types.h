/* c-reader/tool: what a schema says of blocks that may be shared, for `compact --dedup`. */
#ifndef ANCIENT_TOOL_DEDUP_TYPES_H
#define ANCIENT_TOOL_DEDUP_TYPES_H

#include <ancient_schema.h>

/* The words of <ancient/dedup.h>; free them.  NULL: memory is out. */
uint32_t *dedup_types_of(const struct ancient_schema *schema);

#endif
