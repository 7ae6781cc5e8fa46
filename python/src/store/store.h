/* python/store: Store. */
#ifndef ANCIENT_PYTHON_STORE_STORE_H
#define ANCIENT_PYTHON_STORE_STORE_H

#include "module/objects.h"
#include "module/snapshot.h"

struct py_store {
	PyObject_HEAD struct py_snapshot *snapshot; /* NULL once closed */
	PyObject *name;
	bool pinned; /* made by snapshot(): refuses refresh() */
	PyObject *weak_references;
};

/* A new reference to the store's snapshot; NULL with ClosedError.  Taken by every method,
 * since another thread may close or refresh the store wherever Python code can run. */
struct py_snapshot *py_store_snapshot(PyObject *self);

/* The same, but NULL without an exception where the store is closed. */
struct py_snapshot *py_store_look(PyObject *self);

/* A new store on a snapshot. */
PyObject *py_store_new(struct py_state *state, struct py_snapshot *snapshot, bool pinned);

int py_store_init(PyObject *module, struct py_state *state);

/* _work(store), for tests: steps of all walks of this package so far; steps of the reader's calls
 * on the file of the store's snapshot; the most bytes that one of those has held. */
PyObject *py_work(PyObject *module, PyObject *store);

#endif
