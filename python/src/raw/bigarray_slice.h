/* python/raw: some of the elements of a bigarray, which an index leads to: a type of its own, since
 * they are no value of the file. */
#ifndef ANCIENT_PYTHON_RAW_BIGARRAY_SLICE_H
#define ANCIENT_PYTHON_RAW_BIGARRAY_SLICE_H

#include "raw/bigarray.h"

/* Of a bigarray, or of another slice; `first` and all that shape and strides lead to are elements
 * of it. */
PyObject *py_bigarray_slice_new(const struct py_bigarray *of, const unsigned char *first,
				unsigned dims, const Py_ssize_t *shape, const Py_ssize_t *strides);

/* Where one of two is a slice: equal kinds, shapes and elements are equal, whatever the layout. */
PyObject *py_bigarray_slice_compare(PyObject *left, PyObject *right, int operation);

PyObject *py_bigarray_slice_reduce(PyObject *self, PyObject *ignored);

/* What pickles call when they are loaded. */
PyObject *py_restore_bigarray_slice(PyObject *module, PyObject *args);

#endif
