/* python/typed: the order of maps and sets: range(), prefix(), first(), last(), reversed(). */
#ifndef ANCIENT_PYTHON_TYPED_RANGE_H
#define ANCIENT_PYTHON_TYPED_RANGE_H

#include "docs.h"
#include "module/objects.h"

/* Methods of maps and sets; of tables too, which have no order and raise WrongKindError. */
PyObject *py_range(PyObject *view, PyObject *args, PyObject *keywords);
PyObject *py_prefix(PyObject *view, PyObject *prefix);
PyObject *py_first(PyObject *view, PyObject *ignored);
PyObject *py_last(PyObject *view, PyObject *ignored);
PyObject *py_reversed(PyObject *view, PyObject *ignored);

/* clang-format off */
#define PY_ORDER_METHODS(view)                                                                     \
	{"range", (PyCFunction)(void (*)(void))py_range, METH_VARARGS | METH_KEYWORDS,             \
	 PY_DOC_##view##_range},                                                                   \
	{"prefix", py_prefix, METH_O, PY_DOC_##view##_prefix},                                     \
	{"first", py_first, METH_NOARGS, PY_DOC_##view##_first},                                   \
	{"last", py_last, METH_NOARGS, PY_DOC_##view##_last},                                      \
	{"__reversed__", py_reversed, METH_NOARGS, PY_DOC_##view##___reversed__}
/* clang-format on */

int py_range_init(PyObject *module, struct py_state *state);

#endif
