/* python/column: columns for other packages and processes: __array__, pickles. */
#ifndef ANCIENT_PYTHON_COLUMN_COLUMN_TRAVEL_H
#define ANCIENT_PYTHON_COLUMN_COLUMN_TRAVEL_H

#include "module/objects.h"

PyObject *py_column_array(PyObject *self, PyObject *args, PyObject *keywords);
PyObject *py_column_reduce(PyObject *self, PyObject *protocol);

/* What pickles call when they are loaded. */
PyObject *py_restore_column(PyObject *module, PyObject *args);

#endif
