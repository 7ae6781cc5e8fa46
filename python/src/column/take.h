/* python/column: ancient.column and ancient.columns. */
#ifndef ANCIENT_PYTHON_COLUMN_TAKE_H
#define ANCIENT_PYTHON_COLUMN_TAKE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *py_column(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names);
PyObject *py_columns(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names);

#endif
