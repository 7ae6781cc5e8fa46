/* c-reader/scan: columns whose path has [*], for scan.c. */
#ifndef ANCIENT_READER_SCAN_EACH_H
#define ANCIENT_READER_SCAN_EACH_H

#include "scan/scan_types.h"

/* Adds the values of all rows of the batch to column->values, and its offsets. */
enum ancient_code ancient_reader_scan_each(const struct scan_batch *batch,
					   const struct ancient_column *column,
					   struct ancient_error *err);

#endif
