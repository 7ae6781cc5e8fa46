/* c-reader/scan: the public ancient_scan_*: copies columns of a container's elements into arrays of
 * the caller's.  Works on batches of SCAN_ROWS rows: walk.c takes the elements of a batch, fill.c
 * fills in its columns, each.c those whose path has [*]. */
#include "base/advice.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/guard.h"
#include "scan/each.h"
#include "scan/fill.h"
#include "scan/scan_types.h"
#include "scan/walk.h"
#include "schema/schema.h"

enum ancient_code ancient_scan_init(const struct ancient_file *file,
				    const struct ancient_schema *schema, struct ancient_typed typed,
				    bool all, struct ancient_scan *ret_scan,
				    struct ancient_error *err)
{
	enum ancient_code code =
		ancient_iterator_init(file, schema, typed, &ret_scan->iterator, err);

	reader_scans(file);
	if (code == ANCIENT_OK) {
		ret_scan->all = all;
		ret_scan->done = false;
		ret_scan->taken = 0;
	}
	return code;
}

/* The first of `count` rows that belongs to share `share`. */
static uint64_t share_start(uint64_t count, uint64_t share, uint64_t shares)
{
	uint64_t rest = count % shares;

	return count / shares * share + (share < rest ? share : rest);
}

void ancient_scan_share(struct ancient_scan *scan, uint64_t share, uint64_t shares)
{
	struct ancient_iterator *it = &scan->iterator;
	uint64_t count = it->count;

	if (share >= shares) {
		scan->done = true;
	} else if (count > 0) { /* an array, or a table */
		it->at = share_start(count, share, shares);
		it->count = share_start(count, share + 1, shares);
	} else {
		scan->done = share > 0;
	}
}

static enum ancient_code check_columns(const struct ancient_iterator *it,
				       const struct ancient_column *columns, size_t count,
				       struct ancient_error *err)
{
	bool pairs = scan_pairs(it);

	for (size_t i = 0; i < count; i++) {
		const struct ancient_column *column = &columns[i];
		if (column->many ? column->values == NULL || column->values->offsets == NULL
				 : column->data == NULL)
			return ancient_reader_refuse(it->file->name, err, ANCIENT_E_ARGUMENT,
						     "expected memory for column %zu, found NULL",
						     i);
		if (column->schema != it->schema || (column->of_key && !pairs) ||
		    column->from != (pairs && !column->of_key ? it->value_type : it->key_type))
			return ancient_reader_refuse(
				it->file->name, err, ANCIENT_E_ARGUMENT,
				"expected column %zu to be made for elements of %.80s", i,
				it->schema->types[it->type].name);
	}
	return ANCIENT_OK;
}

/* Fills in all columns of a batch.  Errors: those of the first bad row, and of its first bad
 * column, of those without [*]; then those of the others. */
static enum ancient_code fill(struct scan_batch *batch, const struct ancient_column *columns,
			      size_t count, struct ancient_error *err)
{
	enum ancient_code code = ancient_reader_scan_fill(batch, columns, count, err);

	for (size_t i = 0; i < count && code == ANCIENT_OK; i++)
		if (columns[i].many)
			code = ancient_reader_scan_each(batch, &columns[i], err);
	return code;
}

static bool any_many(const struct ancient_column *columns, size_t count)
{
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any |= columns[i].many;
	return any;
}

enum ancient_code ancient_scan_next(struct ancient_scan *scan, const struct ancient_column *columns,
				    size_t count, size_t capacity, size_t *ret_rows,
				    struct ancient_error *err)
{
	const struct ancient_iterator *it = &scan->iterator;
	struct reader_budget budget;
	struct scan_batch batch;
	enum ancient_code code = check_columns(it, columns, count, err);
	size_t rows = 0;

	if (any_many(columns, count))
		ancient_reader_budget_resume(&budget, it->file, scan->taken);
	else
		ancient_reader_budget_init(&budget, it->file);
	for (size_t i = 0; i < count && code == ANCIENT_OK; i++)
		if (columns[i].many)
			columns[i].values->offsets[0] = (int64_t)columns[i].values->count;
	batch.budget = &budget;
	batch.file = it->file;
	batch.schema = it->schema;
	while (code == ANCIENT_OK && rows < capacity && !scan->done) {
		enum ancient_code walked = ancient_reader_scan_walk(scan, &budget, capacity - rows,
								    &batch, &scan->done, err);
		batch.row = rows;
		/* An error in the rows before the one where the walk failed is reported instead of
		 * it. */
		code = fill(&batch, columns, count, err);
		if (code == ANCIENT_OK)
			code = walked;
		rows += batch.count;
	}
	scan->taken += reader_budget_taken(&budget);
	ancient_reader_budget_done(&budget);
	code = reader_settle(it->file, code, err);
	if (code == ANCIENT_OK)
		*ret_rows = rows;
	else
		scan->done = true;
	return code;
}
