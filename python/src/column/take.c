/* python: columns: one field of all elements of a value, copied into buffers in one call. */
#include "column/take.h"

#include "column/column.h"
#include "column/huge_pages.h"
#include "module/errors.h"
#include "raw/value.h"
#include "typed/schema.h"
#include "typed/value.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/threads.h"

/* Rows of one step: signals are let through in between. */
#define STEP 65536
#define SHARES_MAX 64
#define SHARE_ROWS 4096           /* fewer are not worth a thread */
#define SHARE_WORDS 8192          /* nor are fewer words of a table's file */
#define WAIT_NANOSECONDS 50000000 /* for other threads, between two looks at signals */

struct taken {
	struct py_large data;    /* of numbers: all of them; of strings: of one step */
	struct py_large present; /* where the column is optional */
	PyObject *list;          /* of strings */
};

/* What one thread takes: all rows, or some that follow each other. */
struct share {
	struct taking *taking;
	struct ancient_scan scan;
	struct ancient_column *columns; /* as many as there are */
	struct taken *taken;
	size_t rows, room;
	size_t most; /* rows: of an array there is room for so many, whatever becomes of the file */
	size_t before; /* rows of the shares before it, where `borrows` */
	bool borrows;  /* its memory is a part of the first one's */
	bool no_memory;
	enum ancient_code code;
	struct ancient_error err;
	pthread_t thread;
	bool has_thread;
	bool ended; /* what the thread did is complete */
};

/* Not on the stack: where Python ends under a daemon thread, that has gone before its helpers. */
struct taking {
	const struct py_typed *view;
	size_t count; /* of columns */
	bool array;
	atomic_bool dropped; /* nobody wants the rows any more */
	size_t share_count;
	struct share shares[];
};

static int fail(const struct taking *taking, const struct ancient_error *err)
{
	struct py_snapshot *snapshot = taking->view->view.snapshot;

	py_raise(snapshot->state, snapshot->name, err);
	return -1;
}

static int no_memory(void)
{
	PyErr_NoMemory();
	return -1;
}

static bool is_text(const struct ancient_column *column)
{
	return column->kind == ANCIENT_COLUMN_STRING;
}

/* ---- Preparing -------------------------------------------------------------------- */

static int share_new(struct taking *taking, struct share *share)
{
	const struct py_typed *view = taking->view;

	share->taking = taking;
	share->columns = PyMem_Calloc(taking->count + 1, sizeof *share->columns);
	share->taken = PyMem_Calloc(taking->count + 1, sizeof *share->taken);
	if (share->columns == NULL || share->taken == NULL)
		return no_memory();
	if (ancient_scan_init(view->view.snapshot->file, view->schema->schema, py_typed_of(view),
			      false, &share->scan, &share->err) != ANCIENT_OK)
		return fail(taking, &share->err);
	return 0;
}

static void share_done(struct share *share)
{
	for (size_t i = 0; share->taken != NULL && i < share->taking->count; i++) {
		if (!share->borrows) {
			py_large_free(&share->taken[i].data);
			py_large_free(&share->taken[i].present);
		}
		Py_XDECREF(share->taken[i].list);
	}
	PyMem_Free(share->columns);
	PyMem_Free(share->taken);
}

static int resolve(struct share *share, size_t i, PyObject *path, bool keys)
{
	const char *text;

	if (!PyUnicode_Check(path)) {
		PyErr_Format(PyExc_TypeError, "a column's path is str, not %.200s",
			     Py_TYPE(path)->tp_name);
		return -1;
	}
	text = PyUnicode_AsUTF8(path);
	if (text == NULL)
		return -1;
	if (strlen(text) != (size_t)PyUnicode_GET_LENGTH(path) && PyUnicode_IS_ASCII(path)) {
		PyErr_SetString(PyExc_ValueError, "a column's path has no null character");
		return -1;
	}
	if (ancient_column_init(&share->scan, keys, text, &share->columns[i], &share->err) !=
	    ANCIENT_OK)
		return fail(share->taking, &share->err);
	if (is_text(&share->columns[i])) {
		share->taken[i].list = PyList_New(0);
		return share->taken[i].list == NULL ? -1 : 0;
	}
	return 0;
}

static bool resize(struct py_large *memory, size_t items, size_t item_bytes)
{
	return items <= (size_t)PY_SSIZE_T_MAX / item_bytes &&
	       py_large_resize(memory, items * item_bytes);
}

/* Room for so many rows, or where strings are kept for a step. */
static bool set_room(struct share *share, size_t room)
{
	for (size_t i = 0; i < share->taking->count; i++) {
		const struct ancient_column *column = &share->columns[i];
		struct taken *taken = &share->taken[i];
		size_t rows = is_text(column) ? STEP : room;

		if (!resize(&taken->data, rows, column->item_bytes) ||
		    (column->optional && !resize(&taken->present, rows, 1)))
			return false;
	}
	share->room = room;
	return true;
}

/* How many shares of an array or table; strings are objects, which one thread makes. */
static size_t shares_of(const struct taking *taking, uint64_t rows, size_t threads)
{
	const struct py_typed *view = taking->view;
	enum ancient_type_kind kind = py_schema_type(view->schema, view->type)->kind;
	uint64_t most = 1;

	if (taking->array)
		most += rows / SHARE_ROWS;
	else if (kind == ANCIENT_TYPE_HASHTBL || kind == ANCIENT_TYPE_HASHTABLE)
		most += view->view.snapshot->words / SHARE_WORDS;
	for (size_t i = 0; i < taking->count; i++)
		if (is_text(&taking->shares[0].columns[i]))
			most = 1;
	return threads < most ? threads : (size_t)most;
}

/* The shares after the first, which has the columns and, of an array, the memory of all: each a
 * part of it, as long as ancient_scan_share says. */
static int share_out(struct taking *taking, uint64_t rows, size_t shares)
{
	struct share *all = &taking->shares[0];
	size_t rest = rows % shares;

	for (size_t s = 0; s < shares; s++) {
		struct share *share = &taking->shares[s];

		taking->share_count = s + 1;
		if (s > 0 && share_new(taking, share) < 0)
			return -1;
		ancient_scan_share(&share->scan, s, shares);
		share->most = taking->array ? rows / shares + (s < rest) : SIZE_MAX;
		if (s == 0)
			continue;
		memcpy(share->columns, all->columns, taking->count * sizeof *all->columns);
		share->borrows = taking->array;
		share->before = rows / shares * s + (s < rest ? s : rest);
		for (size_t i = 0; share->borrows && i < taking->count; i++) {
			size_t item_bytes = all->columns[i].item_bytes;

			share->taken[i].data.at =
				all->taken[i].data.at + share->before * item_bytes;
			if (all->columns[i].optional)
				share->taken[i].present.at =
					all->taken[i].present.at + share->before;
		}
	}
	return 0;
}

/* How many rows an array has is at hand; whatever else has elements would have to be counted. */
static int prepare(struct taking *taking, size_t threads)
{
	const struct py_typed *view = taking->view;
	struct share *all = &taking->shares[0];
	uint64_t rows = 0;

	taking->array = py_schema_type(view->schema, view->type)->kind == ANCIENT_TYPE_ARRAY;
	if (taking->array) {
		if (ancient_typed_length(view->view.snapshot->file, view->schema->schema,
					 py_typed_of(view), &rows, &all->err) != ANCIENT_OK)
			return fail(taking, &all->err);
		if (!set_room(all, rows + 1)) /* as result() has it */
			return no_memory();
	}
	return share_out(taking, rows, shares_of(taking, rows, threads));
}

/* ---- Taking ----------------------------------------------------------------------- */

/* The next rows of a share, at most STEP.  Needs no interpreter lock. */
static bool step(struct share *share, size_t *ret_rows, bool *ret_end)
{
	size_t wanted = share->most - share->rows < STEP ? share->most - share->rows : STEP;

	if (share->most == SIZE_MAX && share->room - share->rows < STEP &&
	    !set_room(share, 2 * share->room + STEP)) {
		share->no_memory = true;
		return false;
	}
	for (size_t i = 0; i < share->taking->count; i++) {
		struct ancient_column *column = &share->columns[i];
		size_t at = is_text(column) ? 0 : share->rows;

		column->data = share->taken[i].data.at + at * column->item_bytes;
		column->present =
			column->optional ? (uint8_t *)share->taken[i].present.at + at : NULL;
	}
	share->code = ancient_scan_next(&share->scan, share->columns, share->taking->count, wanted,
					ret_rows, &share->err);
	if (share->code != ANCIENT_OK)
		return false;
	share->rows += *ret_rows;
	*ret_end = *ret_rows < wanted || share->rows == share->most;
	return true;
}

static void *help(void *context)
{
	struct share *share = context;
	bool end = false;
	size_t rows;

	while (!end && step(share, &rows, &end) &&
	       !atomic_load_explicit(&share->taking->dropped, memory_order_relaxed))
		;
	share->ended = true;
	return NULL;
}

/* Threads for all shares but the first, as far as there are any. */
static void start_helpers(struct taking *taking)
{
	for (size_t s = 1; s < taking->share_count; s++) {
		struct share *share = &taking->shares[s];
		share->has_thread = reader_thread_start(&share->thread, 0, help, share);
	}
}

/* The strings of a step: None where there is none. */
static int add_texts(const struct share *share, size_t i, size_t rows)
{
	const struct py_typed *view = share->taking->view;
	const struct ancient_column *column = &share->columns[i];
	struct py_snapshot *snapshot = view->view.snapshot;
	const struct ancient_type *type = py_schema_type(view->schema, column->type);
	bool as_bytes = type->bytes || type->kind == ANCIENT_TYPE_BYTES || snapshot->as_bytes;

	for (size_t row = 0; row < rows; row++) {
		const struct ancient_bytes *bytes =
			(const struct ancient_bytes *)column->data + row;
		PyObject *text = column->present != NULL && column->present[row] == 0
					 ? Py_NewRef(Py_None)
					 : py_text(snapshot, bytes->bytes, bytes->length, as_bytes);
		int failed = text == NULL ? -1 : PyList_Append(share->taken[i].list, text);

		Py_XDECREF(text);
		if (failed < 0)
			return -1;
	}
	return 0;
}

/* All rows of a share, in this thread.  -1: an exception is set, or the share says what failed. */
static int take_share(struct share *share)
{
	size_t rows = 0;
	bool done, end = false;

	do {
		Py_BEGIN_ALLOW_THREADS;
		done = step(share, &rows, &end);
		Py_END_ALLOW_THREADS;
		if (!done)
			return -1;
		for (size_t i = 0; i < share->taking->count; i++)
			if (share->taken[i].list != NULL && add_texts(share, i, rows) < 0)
				return -1;
		if (PyErr_CheckSignals() < 0)
			return -1;
	} while (!end);
	share->ended = true;
	return 0;
}

static void wait_for(struct share *share)
{
	struct timespec until;
	int waited;

	do {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += WAIT_NANOSECONDS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		Py_BEGIN_ALLOW_THREADS;
		waited = pthread_timedjoin_np(share->thread, NULL, &until);
		Py_END_ALLOW_THREADS;
		if (!PyErr_Occurred() && PyErr_CheckSignals() < 0)
			atomic_store_explicit(&share->taking->dropped, true, memory_order_relaxed);
	} while (waited == ETIMEDOUT);
}

/* An error is that of the first row which has one, whatever the number of threads. */
static int take(struct taking *taking)
{
	int failed;

	start_helpers(taking);
	failed = take_share(&taking->shares[0]);
	for (size_t s = 1; s < taking->share_count; s++) {
		struct share *share = &taking->shares[s];

		atomic_store_explicit(&taking->dropped, failed < 0, memory_order_relaxed);
		if (share->has_thread)
			wait_for(share);
		else if (failed == 0)
			failed = take_share(share);
		if (share->code != ANCIENT_OK || share->no_memory || PyErr_Occurred())
			failed = -1;
		/* A handler of signals has forked, and this is the child, without the thread. */
		if (failed == 0 && !share->ended) {
			PyErr_SetString(PyExc_RuntimeError,
					"the threads that take columns are another process's");
			failed = -1;
		}
	}
	for (size_t s = 0; s < taking->share_count && failed < 0 && !PyErr_Occurred(); s++) {
		const struct share *share = &taking->shares[s];

		if (share->no_memory)
			return no_memory();
		if (share->code != ANCIENT_OK)
			return fail(taking, &share->err);
	}
	return failed;
}

/* Puts the rows of the shares behind those of the first. */
static int join(struct taking *taking)
{
	struct share *all = &taking->shares[0];
	size_t rows = 0;

	for (size_t s = 0; s < taking->share_count; s++)
		rows += taking->shares[s].rows;
	if (!taking->array && taking->share_count > 1 && !set_room(all, rows))
		return no_memory();
	for (size_t s = 1; s < taking->share_count; s++) {
		struct share *share = &taking->shares[s];
		/* As always, unless somebody changes the file. */
		bool there = share->borrows && share->before == all->rows;

		for (size_t i = 0; i < taking->count && !there; i++) {
			size_t item_bytes = all->columns[i].item_bytes;

			memmove(all->taken[i].data.at + all->rows * item_bytes,
				share->taken[i].data.at, share->rows * item_bytes);
			if (all->columns[i].optional)
				memmove(all->taken[i].present.at + all->rows,
					share->taken[i].present.at, share->rows);
		}
		all->rows += share->rows;
	}
	return 0;
}

/* ---- Results ---------------------------------------------------------------------- */

/* What the caller gets for a column: the memory that is not needed is given back. */
static PyObject *result(struct share *all, size_t i)
{
	struct py_state *state = all->taking->view->view.snapshot->state;
	const struct ancient_column *column = &all->columns[i];
	struct taken *taken = &all->taken[i];
	Py_ssize_t rows = (Py_ssize_t)all->rows;
	PyObject *present, *made;
	const char *format;

	if (taken->list != NULL)
		return Py_NewRef(taken->list);
	if (!resize(&taken->data, all->rows + 1, column->item_bytes) ||
	    (column->optional && !resize(&taken->present, all->rows + 1, 1)))
		return PyErr_NoMemory();
	present = !column->optional ? Py_NewRef(Py_None)
				    : py_column_new(state, &taken->present, rows, "?", 1, Py_None);
	format = column->kind == ANCIENT_COLUMN_FLOAT  ? "d"
		 : column->kind == ANCIENT_COLUMN_BOOL ? "?"
						       : "q";
	made = py_column_new(state, &taken->data, rows, format, (Py_ssize_t)column->item_bytes,
			     present);
	Py_XDECREF(present);
	return made;
}

static PyObject *take_all(struct taking *taking, PyObject *const *paths, bool keys, size_t threads)
{
	PyObject *results;
	size_t i;

	taking->share_count = 1;
	if (share_new(taking, &taking->shares[0]) < 0)
		return NULL;
	for (i = 0; i < taking->count; i++)
		if (resolve(&taking->shares[0], i, paths[i], keys) < 0)
			return NULL;
	if (prepare(taking, threads) < 0 || take(taking) < 0 || join(taking) < 0)
		return NULL;
	results = PyTuple_New((Py_ssize_t)taking->count);
	for (i = 0; results != NULL && i < taking->count; i++) {
		PyObject *column = result(&taking->shares[0], i);

		if (column == NULL)
			Py_CLEAR(results);
		else
			PyTuple_SET_ITEM(results, (Py_ssize_t)i, column);
	}
	return results;
}

/* What both functions are told by keyword. */
struct options {
	bool keys;
	size_t threads;
};

static PyObject *take_columns(struct py_state *state, PyObject *object, PyObject *const *paths,
			      size_t count, const struct options *options)
{
	struct taking *taking;
	PyObject *results;

	if (!PyObject_TypeCheck(object, state->list) && !PyObject_TypeCheck(object, state->array) &&
	    !PyObject_TypeCheck(object, state->mapping) && !PyObject_TypeCheck(object, state->set))
		return PyErr_Format(PyExc_TypeError,
				    "columns are taken of a List, Array, Hashtbl, Map or Set of a "
				    "store, not of %.200s (a FloatArray is a buffer itself)",
				    Py_TYPE(object)->tp_name);
	taking = PyMem_Calloc(1, sizeof *taking + options->threads * sizeof taking->shares[0]);
	if (taking == NULL)
		return PyErr_NoMemory();
	taking->view = (const struct py_typed *)object;
	taking->count = count;
	results = take_all(taking, paths, options->keys, options->threads);
	for (size_t s = taking->share_count; s-- > 0;)
		share_done(&taking->shares[s]);
	PyMem_Free(taking);
	return results;
}

/* ---- The functions ---------------------------------------------------------------- */

static int threads_option(PyObject *value, size_t *ret_threads)
{
	int overflow;
	long threads = PyLong_AsLongAndOverflow(value, &overflow);
	cpu_set_t processors;

	if (threads == -1 && PyErr_Occurred())
		return -1;
	if (overflow > 0)
		threads = SHARES_MAX;
	if (threads < 0) {
		PyErr_Format(PyExc_ValueError, "threads is a number from 0 on, not %R", value);
		return -1;
	}
	if (threads == 0)
		threads = sched_getaffinity(0, sizeof processors, &processors) == 0
				  ? CPU_COUNT(&processors)
				  : 1;
	*ret_threads = threads < SHARES_MAX ? (size_t)threads : SHARES_MAX;
	return 0;
}

/* keys=BOOL and threads=INT. */
static int read_options(const char *function, PyObject *const *values, PyObject *names,
			struct options *ret_options)
{
	Py_ssize_t count = names == NULL ? 0 : PyTuple_GET_SIZE(names);

	*ret_options = (struct options){.threads = 1};
	for (Py_ssize_t i = 0; i < count; i++) {
		PyObject *name = PyTuple_GET_ITEM(names, i);
		int is = -1;

		if (PyUnicode_CompareWithASCIIString(name, "keys") == 0) {
			is = PyObject_IsTrue(values[i]);
			ret_options->keys = is > 0;
		} else if (PyUnicode_CompareWithASCIIString(name, "threads") == 0) {
			is = threads_option(values[i], &ret_options->threads);
		} else {
			PyErr_Format(PyExc_TypeError,
				     "%s() knows no keyword %R, only keys and threads", function,
				     name);
		}
		if (is < 0)
			return -1;
	}
	return 0;
}

PyObject *py_column(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
	PyObject *whole, *results, *column;
	struct options options;

	if (read_options("column", args + nargs, names, &options) < 0)
		return NULL;
	if (nargs != 1 && nargs != 2)
		return PyErr_Format(PyExc_TypeError,
				    "column() takes a view and a path, got %zd arguments", nargs);
	whole = nargs == 1 ? PyUnicode_New(0, 127) : Py_NewRef(args[1]);
	results = whole == NULL
			  ? NULL
			  : take_columns(PyModule_GetState(module), args[0], &whole, 1, &options);
	column = results == NULL ? NULL : Py_NewRef(PyTuple_GET_ITEM(results, 0));
	Py_XDECREF(results);
	Py_XDECREF(whole);
	return column;
}

PyObject *py_columns(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
	struct options options;

	if (read_options("columns", args + nargs, names, &options) < 0)
		return NULL;
	if (nargs < 2)
		return PyErr_Format(PyExc_TypeError, "columns() takes a view and paths");
	return take_columns(PyModule_GetState(module), args[0], args + 1, (size_t)nargs - 1,
			    &options);
}
