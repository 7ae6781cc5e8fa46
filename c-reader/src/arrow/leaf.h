/* c-reader/arrow: numbers, bools, constructors: behind the steps of append.h. */
#ifndef ANCIENT_READER_ARROW_LEAF_H
#define ANCIENT_READER_ARROW_LEAF_H

#include "arrow/arrow_types.h"

enum ancient_code ancient_reader_arrow_append_leaf(struct arrow_build *build,
						   struct arrow_node *node, struct scan_rows *rows);

/* Writes the values of leaves, deferred ones too, to `out`; rows that are absent: zeros. */
enum ancient_code ancient_reader_arrow_put(struct arrow_build *build, const struct arrow_node *node,
					   struct scan_rows *rows, enum ancient_column_kind kind,
					   void *out, size_t item_bytes);

/* Which constructors the rows have, at a node of a variant's type, to `out`; 0 where absent. */
enum ancient_code ancient_reader_arrow_constructors_of(struct arrow_build *build,
						       const struct arrow_node *node,
						       struct scan_rows *rows, int64_t *out);

/* Those as the values of ARROW_DICTIONARY or ARROW_NAMES. */
enum ancient_code ancient_reader_arrow_append_tags(struct arrow_build *build,
						   struct arrow_node *node,
						   const int64_t *constructors, size_t count);

#endif
