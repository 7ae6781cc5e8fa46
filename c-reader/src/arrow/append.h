/* c-reader/arrow: rows to nodes. */
#ifndef ANCIENT_READER_ARROW_APPEND_H
#define ANCIENT_READER_ARROW_APPEND_H

#include "arrow/arrow_types.h"

/* Appends a value for each row, absent ones included, to a node and all below it.
 *
 * rows   at most SCAN_ROWS, not of this node's own level
 * Errors: TOO_LARGE, and build->full, where the batch would pass build->most; those of the typed
 * accessors, with build->failed; MEMORY.  After any of them the batch is to be set back. */
enum ancient_code ancient_reader_arrow_append(struct arrow_build *build, struct arrow_node *node,
					      const struct scan_rows *rows);

enum ancient_code ancient_reader_arrow_no_room(struct arrow_build *build);

/* A row as a typed value. */
static inline struct ancient_typed arrow_typed(const struct scan_rows *rows, size_t i,
					       uint32_t type)
{
	struct ancient_typed typed = ancient_typed_of((struct ancient_value){rows->word[i]}, type);

	typed.flat = rows->state[i] == SCAN_FLAT;
	return typed;
}

static inline bool arrow_is_there(const struct scan_rows *rows, size_t i)
{
	return rows->state[i] != SCAN_ABSENT;
}

#endif
