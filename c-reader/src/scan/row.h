/* c-reader/scan: one row of one column, for the rows that were deferred. */
#ifndef ANCIENT_READER_SCAN_ROW_H
#define ANCIENT_READER_SCAN_ROW_H

#include "scan/scan_types.h"

/* Takes one step of a path from *here, whatever is there, or fails.
 *
 * present   set to false where an option has nothing or the constructor is another; otherwise true
 *           or untouched */
enum ancient_code ancient_reader_scan_row_step(const struct ancient_file *file,
					       const struct ancient_schema *schema,
					       const struct ancient_column_step *step,
					       struct ancient_typed *here, bool *present,
					       struct ancient_error *err);

/* Writes a value as an item of a column of this kind. */
enum ancient_code ancient_reader_scan_row_put(const struct ancient_file *file,
					      const struct ancient_schema *schema,
					      enum ancient_column_kind kind,
					      struct ancient_typed here, void *out,
					      struct ancient_error *err);

/* Fills in a column for row `index` of the batch, whatever it holds, or fails. */
enum ancient_code ancient_reader_scan_row(const struct scan_batch *batch,
					  const struct ancient_column *column, size_t index,
					  struct ancient_error *err);

/* Takes the first `steps` steps of a column's path from row `index` of the batch.
 *
 * ret_present   false: there is no value, and *ret_here is any */
enum ancient_code ancient_reader_scan_steps(const struct scan_batch *batch,
					    const struct ancient_column *column, size_t index,
					    uint32_t steps, struct ancient_typed *ret_here,
					    bool *ret_present, struct ancient_error *err);

/* Fills in row `row` of the column as one without a value. */
void ancient_reader_scan_put_absent(const struct ancient_column *column, size_t row);

#endif
