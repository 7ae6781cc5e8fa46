/* python/store: what a store finds by key or name. */
#ifndef ANCIENT_PYTHON_STORE_KEYS_H
#define ANCIENT_PYTHON_STORE_KEYS_H

#include "module/objects.h"

/* Looks a key (int) or name (str) up: 1 found, 0 not (py_raise_absent), -1 with an exception. */
int py_lookup(struct py_snapshot *snapshot, PyObject *key, struct ancient_entry *ret_entry);

/* Methods of Store. */
PyObject *py_store_subscript(PyObject *self, PyObject *key);
PyObject *py_store_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords);
int py_store_contains(PyObject *self, PyObject *key);
PyObject *py_store_entry(PyObject *self, PyObject *key);
PyObject *py_store_memoryview(PyObject *self, PyObject *key);

#endif
