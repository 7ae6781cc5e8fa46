/* python/typed: get_many() of tables and maps. */
#ifndef ANCIENT_PYTHON_TYPED_GET_MANY_H
#define ANCIENT_PYTHON_TYPED_GET_MANY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *py_mapping_get_many(PyObject *self, PyObject *args, PyObject *keywords);

#endif
