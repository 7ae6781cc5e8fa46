/* c-reader/arrow: strings, bytes, JSON: behind the steps of append.h. */
#ifndef ANCIENT_READER_ARROW_TEXT_H
#define ANCIENT_READER_ARROW_TEXT_H

#include "arrow/arrow_types.h"

enum ancient_code ancient_reader_arrow_append_text(struct arrow_build *build,
						   struct arrow_node *node, struct scan_rows *rows);

enum ancient_code ancient_reader_arrow_append_json(struct arrow_build *build,
						   struct arrow_node *node,
						   const struct scan_rows *rows);

/* Bytes, which are not looked at, as value `slot` of a node. */
enum ancient_code ancient_reader_arrow_append_bytes(struct arrow_build *build,
						    struct arrow_node *node, uint64_t slot,
						    const void *bytes, size_t length);

#endif
