/* python/typed: the order of maps and sets: range(), prefix(), first(), last(), reversed(). */
#ifndef ANCIENT_PYTHON_TYPED_RANGE_H
#define ANCIENT_PYTHON_TYPED_RANGE_H

#include "module/objects.h"

/* Methods of maps and sets; of tables too, which have no order and raise WrongKindError. */
PyObject *py_range(PyObject *view, PyObject *args, PyObject *keywords);
PyObject *py_prefix(PyObject *view, PyObject *prefix);
PyObject *py_first(PyObject *view, PyObject *ignored);
PyObject *py_last(PyObject *view, PyObject *ignored);
PyObject *py_reversed(PyObject *view, PyObject *ignored);

/* clang-format off */
#define PY_ORDER_METHODS                                                                           \
	{"range", (PyCFunction)(void (*)(void))py_range, METH_VARARGS | METH_KEYWORDS,             \
	 "range($self, lo=None, hi=None, *, inclusive=(True, True))\n--\n\n"                       \
	 "A Range: the keys from lo to hi, in order."},                                            \
	{"prefix", py_prefix, METH_O,                                                              \
	 "prefix($self, text, /)\n--\n\nA Range: the keys that begin with a text, in order."},     \
	{"first", py_first, METH_NOARGS,                                                           \
	 "first($self, /)\n--\n\nThe least element, or the (key, value) pair of the least key."},  \
	{"last", py_last, METH_NOARGS,                                                             \
	 "last($self, /)\n--\n\nThe greatest element, or the pair of the greatest key."},          \
	{"__reversed__", py_reversed, METH_NOARGS, NULL}
/* clang-format on */

int py_range_init(PyObject *module, struct py_state *state);

#endif
