/* python/column: Column, numbers copied out of a file: a buffer. */
#ifndef ANCIENT_PYTHON_COLUMN_COLUMN_H
#define ANCIENT_PYTHON_COLUMN_COLUMN_H

#include "column/shared_memory.h"
#include "module/objects.h"

struct py_column {
	PyObject_HEAD struct py_shared_memory *memory;
	char *at; /* item 0 */
	Py_ssize_t count, item_bytes;
	Py_ssize_t step;      /* bytes from an item to the next */
	const char *format;   /* in the letters of the struct module: "q", "d" or "?" */
	bool whole;           /* no slice of another */
	PyObject *present;    /* a column of bool, or None */
	PyObject *categories; /* a tuple of str, the names of its numbers; or None */
	PyObject *offsets;    /* a column of int64, one more than there are rows; or None */
	PyObject *weak_references;
};

/* What belongs to a column; borrowed.  NULL stands for None, but present NULL for an exception. */
struct py_column_parts {
	PyObject *present, *categories, *offsets;
};

/* A Column of `count` items.  Takes the data over, also where it fails.  format: as above.  NULL
 * with an exception, also where parts.present is NULL. */
PyObject *py_column_new(struct py_state *state, struct py_large *data, Py_ssize_t count,
			const char *format, struct py_column_parts parts);

static inline const char *py_column_item_at(const struct py_column *column, Py_ssize_t i)
{
	return column->at + i * column->step;
}

/* Whether item i has a value. */
bool py_column_is_present(const struct py_column *column, Py_ssize_t i);

/* Whether a column of int64 begins at 0, ascends, and ends at the number of values. */
bool py_column_are_offsets(const struct py_column *offsets, Py_ssize_t values);

/* Copies the items, one behind the other. */
void py_column_copy(const struct py_column *column, void *to);

/* Bytes of an item of a format; 0: columns have no such format. */
Py_ssize_t py_column_format_bytes(const char *format);

int py_column_init(PyObject *module, struct py_state *state);

#endif
