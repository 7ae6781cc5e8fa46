/* python/column: the rows that one thread copies: their memory, how the rows of a view are divided
 * among threads, and how they become one column again.  Called by take.c and threads.c. */
#include "column/share.h"

#include "module/errors.h"
#include "module/snapshot.h"
#include "module/text.h"
#include "typed/schema.h"
#include "typed/value.h"

#include <stddef.h>
#include <string.h>

#define SHARE_ROWS 4096  /* fewer rows of an array are not worth a thread */
#define SHARE_WORDS 8192 /* nor are fewer words of a table's file */

int py_job_fail(const struct py_column_job *job, const struct ancient_error *err)
{
	struct py_snapshot *snapshot = job->view->view.snapshot;

	py_raise(snapshot->state, snapshot->name, err);
	return -1;
}

int py_column_no_memory(void)
{
	PyErr_NoMemory();
	return -1;
}

/* ---- A share ---------------------------------------------------------------------- */

int py_share_new(struct py_column_job *job, struct py_column_share *share)
{
	const struct py_typed *view = job->view;

	share->job = job;
	share->columns = PyMem_Calloc(job->count + 1, sizeof *share->columns);
	share->outputs = PyMem_Calloc(job->count + 1, sizeof *share->outputs);
	if (share->columns == NULL || share->outputs == NULL)
		return py_column_no_memory();
	if (ancient_scan_init(view->view.snapshot->file, view->schema->schema, py_typed_of(view),
			      false, &share->scan, &share->err) != ANCIENT_OK)
		return py_job_fail(job, &share->err);
	return 0;
}

void py_share_done(struct py_column_share *share)
{
	for (size_t i = 0; share->outputs != NULL && i < share->job->count; i++) {
		if (!share->borrows) {
			py_large_free(&share->outputs[i].data);
			py_large_free(&share->outputs[i].present);
			py_large_free(&share->outputs[i].offsets);
		}
		Py_XDECREF(share->outputs[i].list);
	}
	PyMem_Free(share->columns);
	PyMem_Free(share->outputs);
	for (size_t t = 0; share->texts.bits != 0 && t < (size_t)1 << share->texts.bits; t++)
		Py_XDECREF((PyObject *)(uintptr_t)share->texts.entries[t].value);
	py_wordmap_done(&share->texts);
}

int py_share_add_column(struct py_column_share *share, size_t i, PyObject *path, bool keys)
{
	enum ancient_code code;
	PyObject *bytes;

	if (!PyUnicode_Check(path)) {
		PyErr_Format(PyExc_TypeError, "a column's path is str, not %.200s",
			     Py_TYPE(path)->tp_name);
		return -1;
	}
	bytes = py_utf8(path);
	if (bytes == NULL)
		return -1;
	if (strlen(PyBytes_AS_STRING(bytes)) != (size_t)PyBytes_GET_SIZE(bytes)) {
		Py_DECREF(bytes);
		PyErr_SetString(PyExc_ValueError, "a column's path has no null character");
		return -1;
	}
	code = ancient_column_init(&share->scan, keys, PyBytes_AS_STRING(bytes), &share->columns[i],
				   &share->err);
	Py_DECREF(bytes);
	if (code != ANCIENT_OK)
		return py_job_fail(share->job, &share->err);
	if (py_column_is_text(&share->columns[i])) {
		share->outputs[i].list = PyList_New(0);
		return share->outputs[i].list == NULL ? -1 : 0;
	}
	return 0;
}

bool py_column_resize(struct py_large *memory, size_t items, size_t item_bytes)
{
	return items <= (size_t)PY_SSIZE_T_MAX / item_bytes &&
	       py_large_resize(memory, items * item_bytes);
}

/* Makes room for values, for twice as many as there are. */
static bool grow(struct ancient_column_values *values, size_t wanted)
{
	const struct ancient_column *column = values->context;
	struct py_column_output *output =
		(struct py_column_output *)((char *)values -
					    offsetof(struct py_column_output, values));
	const size_t room = wanted < PY_STEP_ROWS ? PY_STEP_ROWS : wanted;

	if (room > SIZE_MAX / 2 || !py_column_resize(&output->data, 2 * room, column->item_bytes) ||
	    (column->optional && !py_column_resize(&output->present, 2 * room, 1)))
		return false;
	values->data = output->data.at;
	values->present = column->optional ? (uint8_t *)output->present.at : NULL;
	values->capacity = 2 * room;
	return true;
}

/* Memory for so many rows; of strings, which become objects, for those of one step. */
static bool reserve(struct py_column_share *share, size_t room)
{
	for (size_t i = 0; i < share->job->count; i++) {
		const struct ancient_column *column = &share->columns[i];
		struct py_column_output *outputs = &share->outputs[i];
		size_t rows = py_column_is_text(column) ? PY_STEP_ROWS : room;

		if (column->many) {
			if (!py_column_resize(&outputs->offsets, rows + 1, sizeof(int64_t)))
				return false;
			continue;
		}
		if (!py_column_resize(&outputs->data, rows, column->item_bytes) ||
		    (column->optional && !py_column_resize(&outputs->present, rows, 1)))
			return false;
	}
	share->capacity = room;
	return true;
}

/* Where the next rows of column i go. */
static void aim(struct py_column_share *share, size_t i)
{
	struct ancient_column *column = &share->columns[i];
	struct py_column_output *output = &share->outputs[i];
	const size_t at = py_column_is_text(column) ? 0 : share->rows;

	if (column->many) {
		output->values.offsets = (int64_t *)output->offsets.at + at;
		output->values.grow = grow;
		output->values.context = column;
		if (py_column_is_text(column))
			output->values.count = 0;
		column->values = &output->values;
		return;
	}
	column->data = output->data.at + at * column->item_bytes;
	column->present = column->optional ? (uint8_t *)output->present.at + at : NULL;
}

bool py_share_step(struct py_column_share *share, size_t *ret_rows, bool *ret_end)
{
	size_t wanted = share->limit - share->rows < PY_STEP_ROWS ? share->limit - share->rows
								  : PY_STEP_ROWS;

	if (share->limit == SIZE_MAX && share->capacity - share->rows < PY_STEP_ROWS &&
	    !reserve(share, 2 * share->capacity + PY_STEP_ROWS)) {
		share->no_memory = true;
		return false;
	}
	for (size_t i = 0; i < share->job->count; i++)
		aim(share, i);
	share->code = ancient_scan_next(&share->scan, share->columns, share->job->count, wanted,
					ret_rows, &share->err);
	if (share->code != ANCIENT_OK)
		return false;
	share->rows += *ret_rows;
	*ret_end = *ret_rows < wanted || share->rows == share->limit;
	return true;
}

/* ---- All shares ------------------------------------------------------------------- */

/* How many shares there are: strings become objects, which one thread makes; and with [*] nobody
 * knows where the values of a share go. */
static size_t shares_of(const struct py_column_job *job, uint64_t rows, size_t threads)
{
	const struct py_typed *view = job->view;
	enum ancient_type_kind kind = py_schema_type(view->schema, view->type)->kind;
	uint64_t most = 1;

	if (job->array)
		most += rows / SHARE_ROWS;
	else if (kind == ANCIENT_TYPE_HASHTBL || kind == ANCIENT_TYPE_HASHTABLE)
		most += view->view.snapshot->words / SHARE_WORDS;
	for (size_t i = 0; i < job->count; i++)
		if (py_column_is_text(&job->shares[0].columns[i]) || job->shares[0].columns[i].many)
			most = 1;
	return threads < most ? threads : (size_t)most;
}

/* The shares after the first, which has the columns and, of an array, the memory of all: each a
 * part of it, as long as ancient_scan_share says. */
static int share_out(struct py_column_job *job, uint64_t rows, size_t shares)
{
	struct py_column_share *all = &job->shares[0];
	size_t rest = rows % shares;

	for (size_t s = 0; s < shares; s++) {
		struct py_column_share *share = &job->shares[s];

		job->share_count = s + 1;
		if (s > 0 && py_share_new(job, share) < 0)
			return -1;
		ancient_scan_share(&share->scan, s, shares);
		share->limit = job->array ? rows / shares + (s < rest) : SIZE_MAX;
		if (s == 0)
			continue;
		memcpy(share->columns, all->columns, job->count * sizeof *all->columns);
		share->borrows = job->array;
		share->before = rows / shares * s + (s < rest ? s : rest);
		for (size_t i = 0; share->borrows && i < job->count; i++) {
			size_t item_bytes = all->columns[i].item_bytes;

			share->outputs[i].data.at =
				all->outputs[i].data.at + share->before * item_bytes;
			if (all->columns[i].optional)
				share->outputs[i].present.at =
					all->outputs[i].present.at + share->before;
		}
	}
	return 0;
}

/* Only an array says how many rows it has; lists and tables would have to be counted. */
int py_job_prepare(struct py_column_job *job, size_t threads)
{
	const struct py_typed *view = job->view;
	struct py_column_share *all = &job->shares[0];
	uint64_t rows = 0, held = 0;

	job->array = py_schema_type(view->schema, view->type)->kind == ANCIENT_TYPE_ARRAY;
	if (job->array) {
		if (ancient_typed_length(view->view.snapshot->file, view->schema->schema,
					 py_typed_of(view), &rows, &all->err) != ANCIENT_OK)
			return py_job_fail(job, &all->err);
		if (py_hold(view->view.snapshot, NULL, 8 * rows, &held) < 0)
			return -1;
		if (!reserve(all, rows + 1)) /* as many as take.c keeps, so that it moves nothing */
			return py_column_no_memory();
	}
	return share_out(job, rows, shares_of(job, rows, threads));
}

/* Puts the rows of the shares behind those of the first. */
int py_job_join(struct py_column_job *job)
{
	struct py_column_share *all = &job->shares[0];
	size_t rows = 0;

	for (size_t s = 0; s < job->share_count; s++)
		rows += job->shares[s].rows;
	if (!job->array && job->share_count > 1 && !reserve(all, rows))
		return py_column_no_memory();
	for (size_t s = 1; s < job->share_count; s++) {
		struct py_column_share *share = &job->shares[s];
		/* They lie there already, unless somebody changed the file. */
		bool in_place = share->borrows && share->before == all->rows;

		for (size_t i = 0; i < job->count && !in_place; i++) {
			size_t item_bytes = all->columns[i].item_bytes;

			memmove(all->outputs[i].data.at + all->rows * item_bytes,
				share->outputs[i].data.at, share->rows * item_bytes);
			if (all->columns[i].optional)
				memmove(all->outputs[i].present.at + all->rows,
					share->outputs[i].present.at, share->rows);
		}
		all->rows += share->rows;
	}
	return 0;
}
