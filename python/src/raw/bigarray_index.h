/* python/raw: the elements of bigarrays, by index and all of them. */
#ifndef ANCIENT_PYTHON_RAW_BIGARRAY_INDEX_H
#define ANCIENT_PYTHON_RAW_BIGARRAY_INDEX_H

#include "raw/bigarray.h"

/* v[i], v[i, j], v[1:3, ..., 0]: an element where no dimension is left, else a slice. */
PyObject *py_bigarray_subscript(PyObject *self, PyObject *key);
PyObject *py_bigarray_item(PyObject *self, Py_ssize_t i);
Py_ssize_t py_bigarray_length(PyObject *self);
PyObject *py_bigarray_iterate(PyObject *self);

PyObject *py_bigarray_tolist(PyObject *self, PyObject *ignored);

/* Whether elements of a kind are floating: nan is equal to none, and 0 to -0. */
bool py_bigarray_is_inexact(int kind);

/* Whether two elements of a kind are equal. */
bool py_bigarray_same_element(int kind, const unsigned char *a, const unsigned char *b,
			      uint64_t bytes);

#endif
