/* c-reader/scan: what the files of this folder share: the steps of a column's path, and a batch of
 * rows on its way from the walk to the columns.  Types only. */
#ifndef ANCIENT_READER_SCAN_TYPES_H
#define ANCIENT_READER_SCAN_TYPES_H

#include <ancient_schema.h>

#include "base/budget.h"

/* What a step does with a value of the type `type` of the schema. */
enum column_step_kind {
	COLUMN_FIELD = 1, /* field or part `index` of a record or tuple that is a block */
	COLUMN_ARGUMENT,  /* argument `argument` of constructor `index` */
	COLUMN_RESULT,    /* Ok where index is 0, Error where it is 1 */
	COLUMN_OPTION,
	COLUMN_REF,
	COLUMN_LAZY,
	COLUMN_ITEM,   /* element `index` of a list, array or what holds one; absent: too few */
	COLUMN_LENGTH, /* the last one: how many elements, or bytes */
	COLUMN_EACH,   /* column->each, where it is `many`: all elements, of the type `argument` */
};

/* Rows of a batch: few enough that their words stay in the first-level cache. */
#define SCAN_ROWS 256u

struct scan_batch {
	struct reader_budget *budget; /* of the call, for what rows cost beside their steps */
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	uint64_t keys[SCAN_ROWS], values[SCAN_ROWS]; /* words; elements that have no key: values */
	bool flat;                                   /* the values are doubles */
	size_t count;
	size_t row;               /* of the first one, in the columns */
	bool deferred[SCAN_ROWS]; /* ancient_reader_scan_column or ancient_reader_scan_records has
				     left the row to ancient_reader_scan_row */
	bool any_deferred;
};

/* Whether the elements are bindings, with a key and a value. */
static inline bool scan_pairs(const struct ancient_iterator *it)
{
	return it->kind == ANCIENT_TYPE_HASHTBL || it->kind == ANCIENT_TYPE_HASHTABLE ||
	       it->kind == ANCIENT_TYPE_MAP;
}

/* Whether a column is the number of elements or bytes of what its path leads to. */
static inline bool scan_is_length(const struct ancient_column *column)
{
	return column->step_count > 0 &&
	       column->steps[column->step_count - 1].kind == COLUMN_LENGTH;
}

/* The words that a column starts from. */
static inline const uint64_t *scan_words(const struct scan_batch *batch,
					 const struct ancient_column *column)
{
	return column->of_key ? batch->keys : batch->values;
}

#endif
