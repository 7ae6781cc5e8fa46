/* python/column: Column, numbers copied out of a file: a buffer. */
#ifndef ANCIENT_PYTHON_COLUMN_COLUMN_H
#define ANCIENT_PYTHON_COLUMN_COLUMN_H

#include "column/huge_pages.h"
#include "module/objects.h"

/* A Column of `count` items of `item_bytes` each.  Takes the data over, also where it fails.
 * format   in the letters of the struct module
 * present  a Column of bool, or None; NULL gives NULL */
PyObject *py_column_new(struct py_state *state, struct py_large *data, Py_ssize_t count,
			const char *format, Py_ssize_t item_bytes, PyObject *present);

int py_column_init(PyObject *module, struct py_state *state);

#endif
