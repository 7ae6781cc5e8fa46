/* python/store: the value and the schema of a key. */
#ifndef ANCIENT_PYTHON_STORE_ENTRY_VALUE_H
#define ANCIENT_PYTHON_STORE_ENTRY_VALUE_H

#include "module/objects.h"

/* The schema of an entry, as a new reference: from the file, or else the one given to open().
 * NULL where there is neither, or with an exception. */
struct py_schema *py_entry_schema(struct py_snapshot *snapshot, const struct ancient_entry *entry);

/* The value, typed where there is a schema and raw=True was not given. */
PyObject *py_entry_value(struct py_snapshot *snapshot, const struct ancient_entry *entry);

/* Methods of Store. */
PyObject *py_store_raw(PyObject *self, PyObject *key);
PyObject *py_store_schema(PyObject *self, PyObject *key);
PyObject *py_store_types(PyObject *self, PyObject *key);

#endif
