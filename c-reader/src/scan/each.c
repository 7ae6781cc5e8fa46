/* c-reader/scan: columns whose path has [*] (each.h): the elements of the lists of several rows are
 * gathered to a batch of their own, which is filled in like any other.
 *
 * Rows may share one long list: each value is taken from the budget, which the calls of a scan have
 * together. */
#include "scan/each.h"

#include <string.h>

#include "scan/fill.h"
#include "scan/inside.h"
#include "scan/row.h"
#include "scan/rows.h"

struct gathered {
	const struct scan_batch *rows;
	struct ancient_column_values *values;
	struct ancient_column element; /* the column as it begins behind the [*] */
	struct scan_batch batch;       /* elements that are not in `values` yet */
	struct scan_batch inside;      /* of one row */
};

static struct ancient_column behind(const struct ancient_column *column)
{
	const uint32_t first = column->each + 1;
	struct ancient_column element = *column;

	element.many = false;
	element.of_key = false;
	element.from = column->steps[column->each].argument;
	element.step_count = column->step_count - first;
	memcpy(element.steps, column->steps + first, element.step_count * sizeof(element.steps[0]));
	return element;
}

static enum ancient_code make_room(struct gathered *g, struct ancient_error *err)
{
	struct ancient_column_values *values = g->values;
	const size_t wanted = values->count + g->batch.count;

	if (!reader_budget_take(g->rows->budget, g->batch.count * g->element.item_bytes / 8))
		return ancient_reader_budget_fail(g->rows->budget, ANCIENT_NO_OFFSET, "column",
						  err);
	if (wanted <= values->capacity ||
	    (values->grow != NULL && values->grow(values, wanted) && wanted <= values->capacity))
		return ANCIENT_OK;
	return ancient_reader_refuse(g->rows->file->name, err, ANCIENT_E_MEMORY,
				     "column: no memory for %zu values", wanted);
}

/* Puts the elements of the batch behind the values that there are. */
static enum ancient_code flush(struct gathered *g, struct ancient_error *err)
{
	enum ancient_code code;

	if (g->batch.count == 0)
		return ANCIENT_OK;
	code = make_room(g, err);
	if (code == ANCIENT_OK) {
		g->batch.row = g->values->count;
		g->element.data = g->values->data;
		g->element.present = g->values->present;
		code = ancient_reader_scan_fill(&g->batch, &g->element, 1, err);
		g->values->count += g->batch.count;
	}
	g->batch.count = 0;
	return code;
}

/* Adds the elements in `inside`, which are of one row. */
static enum ancient_code gather(struct gathered *g, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	if (g->inside.count == 0)
		return ANCIENT_OK;
	if (g->batch.flat != g->inside.flat || g->inside.count > SCAN_ROWS - g->batch.count)
		code = flush(g, err);
	if (code != ANCIENT_OK)
		return code;
	g->batch.flat = g->inside.flat;
	memcpy(g->batch.values + g->batch.count, g->inside.values,
	       g->inside.count * sizeof(g->inside.values[0]));
	g->batch.count += g->inside.count;
	return ANCIENT_OK;
}

/* The words of the lists of all rows, by the steps before the [*]. */
static void find_lists(const struct scan_batch *batch, const struct ancient_column *column,
		       struct scan_rows *ret_lists)
{
	ret_lists->file = batch->file;
	ret_lists->schema = batch->schema;
	ret_lists->count = batch->count;
	memcpy(ret_lists->word, scan_words(batch, column),
	       batch->count * sizeof(ret_lists->word[0]));
	memset(ret_lists->state, batch->flat ? SCAN_FLAT : SCAN_PRESENT, batch->count);
	for (uint32_t i = 0; i < column->each; i++)
		ancient_reader_scan_rows_step(ret_lists, &column->steps[i]);
}

static enum ancient_code add_row(struct gathered *g, const struct ancient_column *column,
				 size_t row, const struct scan_rows *lists,
				 struct ancient_error *err)
{
	struct ancient_typed list = {{lists->word[row]}, 0, lists->state[row] == SCAN_FLAT};
	struct ancient_scan scan;
	bool present = lists->state[row] != SCAN_ABSENT, end = false;
	enum ancient_code code = ANCIENT_OK, gathered;

	if (lists->state[row] == SCAN_DEFERRED)
		code = ancient_reader_scan_steps(g->rows, column, row, column->each, &list,
						 &present, err);
	if (code != ANCIENT_OK || !present)
		return code;
	list.type = column->steps[column->each].type;
	code = ancient_scan_init(g->rows->file, g->rows->schema, list, false, &scan, err);
	while (code == ANCIENT_OK && !end) {
		code = ancient_reader_scan_inside(g->rows, &scan, SCAN_ROWS, &g->inside, &end, err);
		/* Elements before one that fails may be wrong themselves, and are told first. */
		gathered = gather(g, err);
		code = gathered != ANCIENT_OK ? gathered : code;
	}
	return code;
}

enum ancient_code ancient_reader_scan_each(const struct scan_batch *batch,
					   const struct ancient_column *column,
					   struct ancient_error *err)
{
	struct gathered g = {.rows = batch, .values = column->values, .element = behind(column)};
	int64_t *offsets = column->values->offsets + batch->row + 1;
	struct scan_rows lists;
	enum ancient_code code = ANCIENT_OK, flushed;

	find_lists(batch, column, &lists);
	g.batch.file = batch->file;
	g.batch.schema = batch->schema;
	g.batch.budget = batch->budget;
	for (size_t row = 0; row < batch->count && code == ANCIENT_OK; row++) {
		code = add_row(&g, column, row, &lists, err);
		offsets[row] = (int64_t)(g.values->count + g.batch.count);
	}
	/* What is wrong in the rows before is reported instead of what is wrong in this one. */
	flushed = flush(&g, err);
	return flushed != ANCIENT_OK ? flushed : code;
}
