/* python/store: pickles and copies of stores and views. */
#ifndef ANCIENT_PYTHON_STORE_PICKLE_H
#define ANCIENT_PYTHON_STORE_PICKLE_H

#include "module/objects.h"

PyObject *py_store_reduce(PyObject *self, PyObject *ignored);
PyObject *py_view_reduce(PyObject *self, PyObject *ignored);
PyObject *py_typed_reduce(PyObject *self, PyObject *ignored);
PyObject *py_refuse_pickle(PyObject *self, PyObject *ignored);

/* __copy__ and __deepcopy__ of a view: the view itself, as it never changes. */
PyObject *py_copy(PyObject *self, PyObject *ignored);

/* What pickles call when they are loaded. */
PyObject *py_restore_store(PyObject *module, PyObject *args);
PyObject *py_restore_view(PyObject *module, PyObject *args);

/* For PyArg_ParseTuple: a number of 32 bits in a pickle. */
int py_pickle_u32(PyObject *object, void *ret_number);

/* Methods of every view. */
#define PY_VIEW_METHODS(reduce)                                                                    \
	{"__reduce__", reduce, METH_NOARGS, NULL}, {"__copy__", py_copy, METH_NOARGS, NULL},       \
	{                                                                                          \
		"__deepcopy__", py_copy, METH_O, NULL                                              \
	}

#endif
