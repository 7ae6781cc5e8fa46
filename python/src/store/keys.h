/* python/store: what a store finds by key or name, and its lists of keys. */
#ifndef ANCIENT_PYTHON_STORE_KEYS_H
#define ANCIENT_PYTHON_STORE_KEYS_H

#include "module/objects.h"

/* Looks a key (int) or name (str) up: 1 found, 0 with the error in *err, -1 with an exception. */
int py_lookup(struct py_snapshot *snapshot, PyObject *key, struct ancient_entry *ret_entry,
	      struct ancient_error *err);

/* Methods of Store. */
PyObject *py_store_subscript(PyObject *self, PyObject *key);
PyObject *py_store_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords);
int py_store_contains(PyObject *self, PyObject *key);
PyObject *py_store_entry(PyObject *self, PyObject *key);
PyObject *py_store_memoryview(PyObject *self, PyObject *key);
PyObject *py_store_keys(PyObject *self, PyObject *ignored);
PyObject *py_store_names(PyObject *self, PyObject *ignored);
PyObject *py_store_values(PyObject *self, PyObject *ignored);
PyObject *py_store_items(PyObject *self, PyObject *ignored);
PyObject *py_store_iterate(PyObject *self);

/* The keys, counted; -1 with an exception. */
Py_ssize_t py_store_count(PyObject *self);

/* The type of the iterator over a store's keys. */
extern PyType_Spec py_store_iter_spec;

#endif
