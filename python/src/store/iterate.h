/* python/store: the keys of a store in their order, and iteration over them. */
#ifndef ANCIENT_PYTHON_STORE_ITERATE_H
#define ANCIENT_PYTHON_STORE_ITERATE_H

#include "module/objects.h"

/* What a store is indexed by and iteration gives: the name of a key, or its number where it has
 * none. */
PyObject *py_entry_key(struct py_snapshot *snapshot, const struct ancient_entry *entry);

/* The name of a key, or None. */
PyObject *py_entry_name(struct py_snapshot *snapshot, const struct ancient_entry *entry);

/* Methods of Store. */
PyObject *py_store_keys(PyObject *self, PyObject *ignored);
PyObject *py_store_values(PyObject *self, PyObject *ignored);
PyObject *py_store_items(PyObject *self, PyObject *ignored);
PyObject *py_store_names(PyObject *self, PyObject *ignored);
PyObject *py_store_numbers(PyObject *self, PyObject *ignored);
PyObject *py_store_iterate(PyObject *self);
PyObject *py_store_iterate_values(PyObject *self, PyObject *ignored);
PyObject *py_store_iterate_items(PyObject *self, PyObject *ignored);

/* The keys, counted; -1 with an exception. */
Py_ssize_t py_store_count(PyObject *self);

/* The type of the iterators over a store's keys, values and items. */
extern PyType_Spec py_store_iter_spec;

#endif
