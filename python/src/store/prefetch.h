/* python/store: Store.prefetch(). */
#ifndef ANCIENT_PYTHON_STORE_PREFETCH_H
#define ANCIENT_PYTHON_STORE_PREFETCH_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *py_store_prefetch(PyObject *self, PyObject *unused);

#endif
