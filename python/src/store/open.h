/* python/store: open(). */
#ifndef ANCIENT_PYTHON_STORE_OPEN_H
#define ANCIENT_PYTHON_STORE_OPEN_H

#include "module/interrupt.h"
#include "module/objects.h"
#include "module/snapshot.h"

/* How every file is opened.  allow_older, since Store.refresh() looks itself whether the file has
 * gone back. */
static inline struct ancient_options py_reader_options(const struct py_options *opened)
{
	return (struct ancient_options){.guard = true,
					.generation = opened->generation,
					.advice = opened->advice,
					.allow_older = true,
					.interrupted = py_asked};
}

/* A new store on a file, at `opened->generation`.  path: str, bytes or os.PathLike. */
PyObject *py_open_path(struct py_state *state, PyObject *path, const struct py_options *opened);

/* Warns where a superblock of the file is damaged; -1 where the warning is an exception. */
int py_warn_damaged(struct py_snapshot *snapshot);

/* ancient.open */
PyObject *py_open(PyObject *module, PyObject *args, PyObject *keywords);

#endif
