/* python: what the files of the store share. */
#ifndef ANCIENT_PYTHON_STORE_H
#define ANCIENT_PYTHON_STORE_H

#include "module/module.h"

struct py_store {
	PyObject_HEAD struct py_snapshot *snapshot; /* NULL once closed */
	PyObject *name;
	bool pinned; /* made by snapshot(): stays at its generation */
	PyObject *weak_references;
};

/* A new reference to the store's snapshot; NULL with ClosedError.  Taken by every method,
 * since another thread may close or refresh the store wherever Python code can run. */
struct py_snapshot *py_store_snapshot(PyObject *self);

/* A new store on the newest generation of a file.  path: str, bytes or os.PathLike. */
PyObject *py_open_path(struct py_state *state, PyObject *path, const struct py_options *opened);

/* A new store on a snapshot. */
PyObject *py_store_new(struct py_state *state, struct py_snapshot *snapshot, bool pinned);

/* lookup.c: 1 found, 0 with the error in *err, -1 with an exception. */
int py_lookup(struct py_snapshot *snapshot, PyObject *key, struct ancient_entry *ret_entry,
	      struct ancient_error *err);

/* lookup.c: methods that find and list keys. */
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
extern PyType_Spec py_store_iter_spec;

/* typed_store.c: the schema of an entry, as a new reference; NULL where there is none, or
 * with an exception.  Its value, typed where there is a schema and raw was not asked for. */
struct py_schema *py_entry_schema(struct py_snapshot *snapshot, const struct ancient_entry *entry);
PyObject *py_entry_value(struct py_snapshot *snapshot, const struct ancient_entry *entry);
PyObject *py_store_raw(PyObject *self, PyObject *key);
PyObject *py_store_schema(PyObject *self, PyObject *key);
PyObject *py_store_types(PyObject *self, PyObject *key);
PyObject *py_store_at(PyObject *self, PyObject *path);

/* typed_store.c: the schema that was given to open(). */
struct py_schema *py_schema_given(struct py_state *state, PyObject *text);

/* pickle.c */
PyObject *py_store_reduce(PyObject *self, PyObject *ignored);

/* verify.c */
PyObject *py_store_verify(PyObject *self, PyObject *args, PyObject *keywords);

#endif
