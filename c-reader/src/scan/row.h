/* c-reader/scan: one row of one column, for the rows that were deferred. */
#ifndef ANCIENT_READER_SCAN_ROW_H
#define ANCIENT_READER_SCAN_ROW_H

#include "scan/scan_types.h"

/* Fills in a column for row `index` of the batch, whatever it holds, or fails. */
enum ancient_code ancient_reader_scan_row(const struct scan_batch *batch,
					  const struct ancient_column *column, size_t index,
					  struct ancient_error *err);

/* Fills in row `row` of the column as one without a value. */
void ancient_reader_scan_put_absent(const struct ancient_column *column, size_t row);

#endif
