/* c-reader/scan: several columns that are fields of the same records, for scan.c. */
#ifndef ANCIENT_READER_SCAN_RECORDS_H
#define ANCIENT_READER_SCAN_RECORDS_H

#include "scan/scan_types.h"

/* How many of the columns, from the first one on, ancient_reader_scan_records takes together; 0:
 * the first one is for ancient_reader_scan_column. */
size_t ancient_reader_scan_records_of(const struct scan_batch *batch,
				      const struct ancient_column *columns, size_t count);

/* Does what ancient_reader_scan_column does, for that many columns at once. */
void ancient_reader_scan_records(struct scan_batch *batch, const struct ancient_column *columns,
				 size_t count);

#endif
