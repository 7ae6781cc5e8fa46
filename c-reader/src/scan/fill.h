/* c-reader/scan: the columns of a batch, for scan.c and each.c. */
#ifndef ANCIENT_READER_SCAN_FILL_H
#define ANCIENT_READER_SCAN_FILL_H

#include "scan/scan_types.h"

/* Fills in the columns of a batch, without those that are `many`.  Errors: those of the first bad
 * row, and of its first bad column. */
enum ancient_code ancient_reader_scan_fill(struct scan_batch *batch,
					   const struct ancient_column *columns, size_t count,
					   struct ancient_error *err);

#endif
