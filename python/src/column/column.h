/* python: what column.c and column_take.c share. */
#ifndef PY_COLUMN_H
#define PY_COLUMN_H

#include "column/huge_pages.h"
#include "typed/typed.h"

/* A Column of `count` items of `item_bytes` each.  Takes the data over, also where it fails.
 * format   in the letters of the struct module
 * present  a Column of bool, or None; NULL passes */
PyObject *py_column_new(struct py_state *state, struct py_large *data, Py_ssize_t count,
			const char *format, Py_ssize_t item_bytes, PyObject *present);

#endif
