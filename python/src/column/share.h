/* python/column: the rows that one thread copies, and how the rows of a view are divided into such
 * shares. */
#ifndef ANCIENT_PYTHON_COLUMN_SHARE_H
#define ANCIENT_PYTHON_COLUMN_SHARE_H

#include "column/huge_pages.h"
#include "module/objects.h"
#include "walk/wordmap.h"

#include <pthread.h>
#include <stdatomic.h>

/* Rows that are copied at a time; signals are let through in between. */
#define PY_STEP_ROWS 65536

#define PY_SHARES_MAX 64

/* What is copied of one column. */
struct py_column_output {
	struct py_large data;    /* of numbers: all rows; of strings: the rows of one step */
	struct py_large present; /* where the column is optional: a byte for each row */
	PyObject *list;          /* of strings */
	/* Where the column is `many`, and data and present are of the values: of numbers in all
	 * rows, of strings in the rows of one step; so the offsets. */
	struct py_large offsets;
	struct ancient_column_values values;
};

/* What one thread copies: all rows, or some that follow each other. */
struct py_column_share {
	struct py_column_job *job;
	struct ancient_scan scan;
	struct ancient_column *columns; /* job->count of them, as outputs */
	struct py_column_output *outputs;
	struct wordmap texts; /* long ones, by offset: {address of the object} */
	uint64_t held;        /* bytes of those, and of strings in lists */
	size_t rows, capacity;
	size_t limit;  /* of rows; an array's memory has room for no more, should the file change */
	size_t before; /* rows of the shares before this one, where it borrows */
	bool borrows;  /* its memory is a part of the first share's */
	bool no_memory;
	enum ancient_code code;
	struct ancient_error err;
	pthread_t thread;
	bool has_thread;
	bool ended; /* what the thread did is complete */
};

/* One call of column() or columns().  On the heap: where Python ends under a daemon thread, that
 * thread is gone before the threads it started. */
struct py_column_job {
	const struct py_typed *view;
	size_t count; /* of columns */
	bool array;
	atomic_bool cancelled; /* nobody wants the rows any more */
	size_t share_count;
	struct py_column_share shares[];
};

/* Raise an exception and return -1. */
int py_job_fail(const struct py_column_job *job, const struct ancient_error *err);
int py_column_no_memory(void);

static inline bool py_column_is_text(const struct ancient_column *column)
{
	return column->kind == ANCIENT_COLUMN_STRING;
}

/* Memory for so many items; false: there is none, or too many are wanted. */
bool py_column_resize(struct py_large *memory, size_t items, size_t item_bytes);

/* A share of all rows, without columns.  0, or -1 with an exception; py_share_done either way. */
int py_share_new(struct py_column_job *job, struct py_column_share *share);
void py_share_done(struct py_column_share *share);

/* Sets column i to what `path` leads to from an element.  0, or -1 with an exception. */
int py_share_add_column(struct py_column_share *share, size_t i, PyObject *path, bool keys);

/* Divides the rows among at most `threads` shares, the first of which has its columns.  0, or -1
 * with an exception. */
int py_job_prepare(struct py_column_job *job, size_t threads);

/* Copies the next rows of a share, at most PY_STEP_ROWS.  Needs no interpreter lock.  False: the
 * share says what failed.  ret_end: these were its last rows. */
bool py_share_step(struct py_column_share *share, size_t *ret_rows, bool *ret_end);

/* Puts the rows of all shares behind those of the first.  0, or -1 with an exception. */
int py_job_join(struct py_column_job *job);

#endif
