/* c-reader/scan: the values of some rows on their way along a path, for batch.c and arrow/. */
#ifndef ANCIENT_READER_SCAN_ROWS_H
#define ANCIENT_READER_SCAN_ROWS_H

#include "scan/scan_types.h"

enum scan_state {
	SCAN_ABSENT,
	SCAN_PRESENT,
	SCAN_FLAT,    /* the word is a double */
	SCAN_DEFERRED /* the word is not of the commonest shape, well-formed or not */
};

/* The value of each row, at the step that the path has come to. */
struct scan_rows {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	size_t count;
	uint64_t word[SCAN_ROWS];
	uint8_t state[SCAN_ROWS];
};

/* Takes a step for all rows that are present.  A row that becomes SCAN_DEFERRED keeps its word, for
 * ancient_reader_scan_row_step. */
void ancient_reader_scan_rows_step(struct scan_rows *rows, const struct ancient_column_step *step);

/* Writes the values of all rows, of a type that a column can have, to `out`: items as enum
 * ancient_column_kind describes them.  Rows that are not SCAN_PRESENT or SCAN_FLAT afterwards have
 * any value there. */
void ancient_reader_scan_rows_put(struct scan_rows *rows, uint32_t type, void *out);

/* Whether a record's fields are all floats, so that its block may be flat. */
bool ancient_reader_scan_all_floats(const struct ancient_schema *schema,
				    const struct ancient_type *type);

#endif
