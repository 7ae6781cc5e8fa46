/* c-reader/scan: fills in the columns of a batch: batch.c and records.c most rows, row.c those that
 * they deferred. */
#include "scan/fill.h"

#include "scan/batch.h"
#include "scan/records.h"
#include "scan/row.h"

enum ancient_code ancient_reader_scan_fill(struct scan_batch *batch,
					   const struct ancient_column *columns, size_t count,
					   struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	batch->any_deferred = false;
	for (size_t i = 0; i < batch->count; i++)
		batch->deferred[i] = false;
	for (size_t i = 0, taken; i < count; i += taken) {
		taken = ancient_reader_scan_records_of(batch, &columns[i], count - i);
		if (taken > 0) {
			ancient_reader_scan_records(batch, &columns[i], taken);
		} else {
			if (!columns[i].many)
				ancient_reader_scan_column(batch, &columns[i]);
			taken = 1;
		}
	}
	for (size_t row = 0; batch->any_deferred && row < batch->count; row++)
		for (size_t i = 0; batch->deferred[row] && i < count && code == ANCIENT_OK; i++)
			if (!columns[i].many)
				code = ancient_reader_scan_row(batch, &columns[i], row, err);
	return code;
}
