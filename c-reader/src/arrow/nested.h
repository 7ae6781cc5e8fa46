/* c-reader/arrow: lists, maps, bigarrays: behind the steps of append.h. */
#ifndef ANCIENT_READER_ARROW_NESTED_H
#define ANCIENT_READER_ARROW_NESTED_H

#include "arrow/arrow_types.h"

enum ancient_code ancient_reader_arrow_append_list(struct arrow_build *build,
						   struct arrow_node *node,
						   const struct scan_rows *rows);

enum ancient_code ancient_reader_arrow_append_numbers(struct arrow_build *build,
						      struct arrow_node *node,
						      const struct scan_rows *rows);

#endif
