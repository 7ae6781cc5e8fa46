/* python/store: Store.verify(). */
#ifndef ANCIENT_PYTHON_STORE_VERIFY_H
#define ANCIENT_PYTHON_STORE_VERIFY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *py_store_verify(PyObject *self, PyObject *args, PyObject *keywords);

#endif
