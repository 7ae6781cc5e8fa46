/* python/module: Snapshot, an open file of the C reader, shared by a store and its views. */
#ifndef ANCIENT_PYTHON_MODULE_SNAPSHOT_H
#define ANCIENT_PYTHON_MODULE_SNAPSHOT_H

#include "module/objects.h"

/* How a store was opened, which its snapshots inherit. */
struct py_options {
	bool as_bytes, raw;
	struct py_schema *given; /* borrowed; NULL for none */
	uint64_t generation;     /* 0: the newest */
	int advice;              /* as in struct ancient_options */
};

/* Takes over the reference to `file`, also on failure. */
struct py_snapshot *py_snapshot_new(struct py_state *state, struct ancient_file *file,
				    PyObject *name, const struct py_options *options);

/* -1 with an exception where the file has been truncated under the mapping, in which case
 * what was read from it since the last call may be zeros; otherwise 0. */
int py_stands(struct py_snapshot *snapshot);

/* Takes memory for what a call copies out of the file: *held more than before, at most
 * snapshot->bytes.  0, or -1 with TooLargeError.  In a sound file what is copied once never reaches
 * that, unless it was made of holes.
 *
 * at  where it lies in the mapping; NULL: not said */
int py_hold(struct py_snapshot *snapshot, const void *at, uint64_t bytes, uint64_t *held);

int py_snapshot_init(PyObject *module, struct py_state *state);

#endif
