/* python/typed: paths, "depends[0].name", from a value or a store. */
#ifndef ANCIENT_PYTHON_TYPED_PATH_H
#define ANCIENT_PYTHON_TYPED_PATH_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* ancient.at */
PyObject *py_at(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

/* Store.at */
PyObject *py_store_at(PyObject *self, PyObject *path);

#endif
