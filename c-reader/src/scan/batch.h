/* c-reader/scan: one column of a batch, for scan.c. */
#ifndef ANCIENT_READER_SCAN_BATCH_H
#define ANCIENT_READER_SCAN_BATCH_H

#include "scan/scan_types.h"

/* Fills in a column for all rows of the batch, except those it sets in batch->deferred: rows whose
 * values are not of the commonest shape, well-formed or not. */
void ancient_reader_scan_column(struct scan_batch *batch, const struct ancient_column *column);

#endif
