/* c-reader: columns (ancient_schema.h, Columns): what column.c and scan*.c share. */
#ifndef ANCIENT_READER_COLUMN_H
#define ANCIENT_READER_COLUMN_H

#include "typed/typed.h"

/* What a step does with a value of the type `type` of the schema. */
enum column_step_kind {
	COLUMN_FIELD = 1, /* field or part `index` of a record or tuple that is a block */
	COLUMN_ARGUMENT,  /* argument `argument` of constructor `index` */
	COLUMN_RESULT,    /* Ok where index is 0, Error where it is 1 */
	COLUMN_OPTION,
	COLUMN_REF,
	COLUMN_LAZY,
};

/* Rows are taken so many at a time: their words stay in the first cache. */
#define SCAN_ROWS 256u

struct scan_batch {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	uint64_t keys[SCAN_ROWS], values[SCAN_ROWS]; /* or elements: keys */
	bool flat;                                   /* they are doubles */
	size_t count;
	size_t row;               /* in the columns, of the first */
	bool doubtful[SCAN_ROWS]; /* scan_gather has left the row to scan_row */
	bool any_doubtful;
};

/* The next rows, at most `most`, at most SCAN_ROWS.  *ret_end: there are no more. */
enum ancient_code scan_walk(struct ancient_scan *scan, size_t most, struct scan_batch *ret_batch,
			    bool *ret_end, struct ancient_error *err);

/* Whether a record's fields are all floats: its block may be flat. */
bool scan_all_floats(const struct ancient_schema *schema, const struct ancient_type *type);

/* How many columns, from the first one on, are fields of the same records that scan_members
 * takes; it does what scan_gather does, for all of them together. */
#define SCAN_MEMBERS 16u
size_t scan_members_of(const struct scan_batch *batch, const struct ancient_column *columns,
		       size_t count);
void scan_members(struct scan_batch *batch, const struct ancient_column *columns, size_t count);

/* Fills a column in for all rows of the batch but those it calls doubtful: what is not just as
 * most are, good or bad. */
void scan_gather(struct scan_batch *batch, const struct ancient_column *column);

/* Fills a column in for one row, whatever it holds, or fails. */
enum ancient_code scan_row(const struct scan_batch *batch, const struct ancient_column *column,
			   size_t index, struct ancient_error *err);

/* What a row without a value has. */
void scan_put_absent(const struct ancient_column *column, size_t row);

/* Whether keys are apart from values. */
static inline bool scan_pairs(const struct ancient_iterator *it)
{
	return it->kind == ANCIENT_TYPE_HASHTBL || it->kind == ANCIENT_TYPE_HASHTABLE ||
	       it->kind == ANCIENT_TYPE_MAP;
}

/* The words a column starts from. */
static inline const uint64_t *scan_words(const struct scan_batch *batch,
					 const struct ancient_column *column)
{
	return column->of_key ? batch->keys : batch->values;
}

#endif
