/* python/walk: == of views, by value. */
#ifndef ANCIENT_PYTHON_COMPARE_H
#define ANCIENT_PYTHON_COMPARE_H

#include "module/objects.h"

/* tp_richcompare of raw views: equality with views of the same class, no order. */
PyObject *py_raw_compare(PyObject *a, PyObject *b, int operation);

/* tp_richcompare of typed views: equality with typed views; of sequences with list, of tables and
 * maps with dict; no order. */
PyObject *py_typed_compare(PyObject *a, PyObject *b, int operation);

#endif
