/* c-reader/scan: fills in one column for a batch of rows; for scan.c.  A row that does not have the
 * commonest shape is deferred to ancient_reader_scan_row, which knows every shape that is allowed,
 * and makes the errors. */
#include "scan/batch.h"

#include <string.h>

#include "scan/row.h"
#include "scan/rows.h"

void ancient_reader_scan_column(struct scan_batch *batch, const struct ancient_column *column)
{
	struct scan_rows rows;

	rows.file = batch->file;
	rows.schema = batch->schema;
	rows.count = batch->count;
	memcpy(rows.word, scan_words(batch, column), rows.count * sizeof(rows.word[0]));
	memset(rows.state, batch->flat ? SCAN_FLAT : SCAN_PRESENT, rows.count);
	for (uint32_t i = 0; i < column->step_count; i++)
		ancient_reader_scan_rows_step(&rows, &column->steps[i]);
	if (!scan_is_length(column)) /* whose rows are all deferred, or absent */
		ancient_reader_scan_rows_put(&rows, column->type,
					     (char *)column->data +
						     batch->row * column->item_bytes);
	for (size_t i = 0; i < rows.count; i++) {
		if (rows.state[i] == SCAN_DEFERRED)
			batch->deferred[i] = batch->any_deferred = true;
		else if (rows.state[i] == SCAN_ABSENT)
			ancient_reader_scan_put_absent(column, batch->row + i);
		if (column->present != NULL)
			column->present[batch->row + i] = rows.state[i] != SCAN_ABSENT;
	}
}
