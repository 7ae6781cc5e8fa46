/* c-reader/scan: the rows of a scan, a batch at a time, for scan.c. */
#ifndef ANCIENT_READER_SCAN_WALK_H
#define ANCIENT_READER_SCAN_WALK_H

#include "base/budget.h"
#include "scan/scan_types.h"

/* The next rows, at most `most` and at most SCAN_ROWS.  On an error the batch holds the rows before
 * it.
 *
 * budget    of the call: what it takes to find hidden bindings
 * ret_end   set to true where these are the last rows, otherwise untouched or false */
enum ancient_code ancient_reader_scan_walk(struct ancient_scan *scan, struct reader_budget *budget,
					   size_t most, struct scan_batch *ret_batch, bool *ret_end,
					   struct ancient_error *err);

#endif
