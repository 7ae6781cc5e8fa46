/* python/store: open() and Store. */
#ifndef ANCIENT_PYTHON_STORE_STORE_H
#define ANCIENT_PYTHON_STORE_STORE_H

#include "module/objects.h"
#include "module/snapshot.h"

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

/* ancient.open */
PyObject *py_open(PyObject *module, PyObject *args, PyObject *keywords);

int py_store_init(PyObject *module, struct py_state *state);

#endif
