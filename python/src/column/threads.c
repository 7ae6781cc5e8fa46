/* python/column: runs the shares of a job.  The calling thread does the first, makes the objects of
 * strings, and looks at signals while it waits for the others.  Called by take.c. */
#include "column/threads.h"

#include "module/errors.h"
#include "module/snapshot.h"
#include "raw/value.h"
#include "typed/schema.h"

#include <errno.h>
#include <time.h>

#include "base/threads.h"

#define WAIT_NANOSECONDS 50000000 /* for a thread, between two looks at signals */

static void *thread_main(void *context)
{
	struct py_column_share *share = context;
	bool end = false;
	size_t rows;

	while (!end && py_share_step(share, &rows, &end) &&
	       !atomic_load_explicit(&share->job->cancelled, memory_order_relaxed))
		;
	share->ended = true;
	return NULL;
}

/* Threads for all shares but the first, as far as any can be started. */
static void start_threads(struct py_column_job *job)
{
	for (size_t s = 1; s < job->share_count; s++) {
		struct py_column_share *share = &job->shares[s];

		share->has_thread =
			ancient_reader_thread_start(&share->thread, 0, thread_main, share);
	}
}

#define LONG_TEXT 64 /* bytes; shorter ones are made again where they are met again */

/* A str or bytes; a long one that was met before is the same object. */
static PyObject *text_of(struct py_column_share *share, const struct ancient_bytes *bytes,
			 bool as_bytes)
{
	struct py_snapshot *snapshot = share->job->view->view.snapshot;
	struct wordmap_entry *entry;
	PyObject *text;

	if (bytes->length < LONG_TEXT)
		return py_text(snapshot, bytes->bytes, bytes->length, as_bytes);
	share->texts.seed = snapshot->state->seed;
	entry = py_wordmap_at(&share->texts, bytes->file_offset | (uint64_t)as_bytes);
	if (entry == NULL)
		return PyErr_NoMemory();
	if (entry->value != 0)
		return Py_NewRef((PyObject *)(uintptr_t)entry->value);
	if (py_hold(snapshot, bytes->bytes, bytes->length, &share->held) < 0)
		return NULL;
	text = py_text(snapshot, bytes->bytes, bytes->length, as_bytes);
	if (text != NULL)
		entry->value = (uint64_t)(uintptr_t)Py_NewRef(text);
	return text;
}

/* Adds the strings of `count` items to a list: None where there is none. */
static int add_texts(struct py_column_share *share, const struct ancient_bytes *items,
		     const uint8_t *present, size_t count, bool as_bytes, PyObject *list)
{
	for (size_t i = 0; i < count; i++) {
		PyObject *text = present != NULL && present[i] == 0
					 ? Py_NewRef(Py_None)
					 : text_of(share, &items[i], as_bytes);
		int failed = text == NULL ? -1 : PyList_Append(list, text);

		Py_XDECREF(text);
		if (failed < 0)
			return -1;
	}
	return 0;
}

#define OBJECT_BYTES 64 /* of a short string in a list, and more */

/* A list of the strings of each row. */
static int add_lists(struct py_column_share *share, const struct ancient_column_values *values,
		     size_t rows, bool as_bytes, PyObject *lists)
{
	for (size_t row = 0; row < rows; row++) {
		const size_t from = (size_t)values->offsets[row];
		const size_t count = (size_t)values->offsets[row + 1] - from;
		PyObject *list = PyList_New(0);
		int failed = list == NULL ? -1 : PyList_Append(lists, list);

		Py_XDECREF(list);
		if (failed < 0 || py_hold(share->job->view->view.snapshot, NULL,
					  count * OBJECT_BYTES, &share->held) < 0)
			return -1;
		if (count > 0 && add_texts(share, (const struct ancient_bytes *)values->data + from,
					   values->present == NULL ? NULL : values->present + from,
					   count, as_bytes, list) < 0)
			return -1;
	}
	return 0;
}

/* The strings of a step. */
static int add_strings(struct py_column_share *share, size_t i, size_t rows)
{
	const struct py_typed *view = share->job->view;
	const struct ancient_column *column = &share->columns[i];
	const struct ancient_type *type = py_schema_type(view->schema, column->type);
	const bool as_bytes =
		type->bytes || type->kind == ANCIENT_TYPE_BYTES || view->view.snapshot->as_bytes;

	if (column->many)
		return add_lists(share, column->values, rows, as_bytes, share->outputs[i].list);
	return add_texts(share, column->data, column->present, rows, as_bytes,
			 share->outputs[i].list);
}

/* Copies all rows of a share in this thread.  -1: an exception is set, or the share says what
 * failed. */
static int run_share(struct py_column_share *share)
{
	size_t rows = 0;
	bool done, end = false;

	do {
		Py_BEGIN_ALLOW_THREADS;
		done = py_share_step(share, &rows, &end);
		Py_END_ALLOW_THREADS;
		if (!done)
			return -1;
		for (size_t i = 0; i < share->job->count; i++)
			if (share->outputs[i].list != NULL && add_strings(share, i, rows) < 0)
				return -1;
		if (PyErr_CheckSignals() < 0)
			return -1;
	} while (!end);
	share->ended = true;
	return 0;
}

static void wait_for(struct py_column_share *share)
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
			atomic_store_explicit(&share->job->cancelled, true, memory_order_relaxed);
	} while (waited == ETIMEDOUT);
}

int py_job_run(struct py_column_job *job)
{
	int failed;

	start_threads(job);
	failed = run_share(&job->shares[0]);
	for (size_t s = 1; s < job->share_count; s++) {
		struct py_column_share *share = &job->shares[s];

		atomic_store_explicit(&job->cancelled, failed < 0, memory_order_relaxed);
		if (share->has_thread)
			wait_for(share);
		else if (failed == 0)
			failed = run_share(share);
		if (share->code != ANCIENT_OK || share->no_memory || PyErr_Occurred())
			failed = -1;
		/* A signal handler has forked: this is the child, which has no such thread. */
		if (failed == 0 && !share->ended) {
			PyErr_SetString(PyExc_RuntimeError,
					"the threads that take columns are another process's");
			failed = -1;
		}
	}
	for (size_t s = 0; s < job->share_count && failed < 0 && !PyErr_Occurred(); s++) {
		const struct py_column_share *share = &job->shares[s];

		if (share->no_memory)
			return py_column_no_memory();
		if (share->code != ANCIENT_OK)
			return py_job_fail(job, &share->err);
	}
	return failed;
}
