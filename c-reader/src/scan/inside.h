/* c-reader/scan: what a column's path finds in the containers of a row; for row.c. */
#ifndef ANCIENT_READER_SCAN_INSIDE_H
#define ANCIENT_READER_SCAN_INSIDE_H

#include "scan/scan_types.h"

/* The next elements of a container that is walked for a row, at most `most` and at most SCAN_ROWS,
 * as ancient_reader_scan_walk has them; takes a step for each from the budget.
 *
 * scan      begun at the container by ancient_scan_init
 * ret_end   set to true where these are the last ones */
enum ancient_code ancient_reader_scan_inside(const struct scan_batch *batch,
					     struct ancient_scan *scan, uint64_t most,
					     struct scan_batch *ret_inside, bool *ret_end,
					     struct ancient_error *err);

/* The element `index` of a list, array, floatarray, Queue, Stack or Dynarray.
 *
 * here          the container; becomes the element
 * ret_present   false: it has no so many */
enum ancient_code ancient_reader_scan_item(const struct scan_batch *batch, uint64_t index,
					   struct ancient_typed *here, bool *ret_present,
					   struct ancient_error *err);

/* How many elements or visible bindings a container has, or bytes a string. */
enum ancient_code ancient_reader_scan_length(const struct scan_batch *batch,
					     struct ancient_typed container, int64_t *ret_length,
					     struct ancient_error *err);

#endif
