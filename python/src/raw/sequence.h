/* python/raw: subscripts, index() and count() of Block and FloatArray.  They ask the type for its
 * length and items. */
#ifndef ANCIENT_PYTHON_RAW_SEQUENCE_H
#define ANCIENT_PYTHON_RAW_SEQUENCE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *py_sequence_subscript(PyObject *self, PyObject *key);
PyObject *py_sequence_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
int py_sequence_contains(PyObject *self, PyObject *value);
PyObject *py_sequence_count(PyObject *self, PyObject *value);

/* A bound of index(): a negative one counts from the end.  0, or -1 with an exception. */
int py_sequence_bound(PyObject *self, PyObject *object, Py_ssize_t *ret_bound);

#endif
