/* c-reader/scan: the rows of a scan, a batch at a time, for scan.c. */
#ifndef ANCIENT_READER_SCAN_WALK_H
#define ANCIENT_READER_SCAN_WALK_H

#include "scan/scan_types.h"

/* The next rows, at most `most` and at most SCAN_ROWS.  On an error the batch holds the rows before
 * it.
 *
 * ret_end   set to true where these are the last rows, otherwise untouched or false */
enum ancient_code scan_walk(struct ancient_scan *scan, size_t most, struct scan_batch *ret_batch,
			    bool *ret_end, struct ancient_error *err);

#endif
