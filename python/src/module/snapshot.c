/* python/module: Snapshot, an internal object that holds one reference to an open file of the C
 * reader. A store and every view made through it share one. */
#include "module/snapshot.h"

#include "module/errors.h"
#include "module/module.h"
#include "module/threads.h"
#include "walk/hash.h"

#include <stddef.h>
#include <structmember.h>

/* As the reader's own (c-reader/base/budget.h). */
#define BYTES_A_WORD 128u
#define BYTES (1u << 24)

struct py_snapshot *py_snapshot_new(struct py_state *state, struct ancient_file *file,
				    PyObject *name, const struct py_options *options)
{
	struct py_snapshot *snapshot =
		(struct py_snapshot *)state->snapshot->tp_alloc(state->snapshot, 0);
	struct ancient_info info;

	if (snapshot == NULL) {
		ancient_file_close(file);
		return NULL;
	}
	ancient_file_info(file, &info);
	snapshot->state = state;
	snapshot->file = file;
	ancient_access_init(file, NULL, &snapshot->access);
	snapshot->name = Py_NewRef(name);
	snapshot->base = info.base;
	snapshot->words = info.present / 8;
	snapshot->bytes = snapshot->words * BYTES_A_WORD + BYTES;
	snapshot->as_bytes = options->as_bytes;
	snapshot->raw = options->raw;
	snapshot->pinned = options->generation != 0;
	snapshot->given = options->given;
	Py_XINCREF((PyObject *)snapshot->given);
	return snapshot;
}

int py_stands(struct py_snapshot *snapshot)
{
	struct ancient_error err;

	if (ancient_file_stands(snapshot->file, &err) == ANCIENT_OK)
		return 0;
	py_raise(snapshot->state, snapshot->name, &err);
	return -1;
}

int py_hold(struct py_snapshot *snapshot, const void *at, uint64_t bytes, uint64_t *held)
{
	uint64_t offset = ANCIENT_NO_OFFSET;

	if (bytes <= snapshot->bytes - *held) {
		*held += bytes;
		return 0;
	}
	if (at != NULL)
		offset = (uint64_t)((const unsigned char *)at - snapshot->access.fields) +
			 snapshot->access.first - snapshot->base;
	py_fail(snapshot, ANCIENT_E_TOO_LARGE, offset,
		"expected copies of at most %llu bytes, by what is really in the file, found %llu "
		"more than that: what is copied lies in a hole of the file, or overlaps",
		(unsigned long long)snapshot->bytes,
		(unsigned long long)(bytes - (snapshot->bytes - *held)));
	return -1;
}

static void snapshot_dealloc(PyObject *self)
{
	struct py_snapshot *snapshot = (struct py_snapshot *)self;
	PyTypeObject *type = Py_TYPE(self);

	py_clear_weak_references(self, &snapshot->weak_references);
	ancient_file_close(snapshot->file);
	Py_XDECREF(snapshot->name);
	Py_XDECREF((PyObject *)snapshot->given);
	Py_XDECREF(snapshot->stored);
	Py_XDECREF(snapshot->reference);
	py_hashes_free(snapshot->hashes);
	type->tp_free(self);
	Py_DECREF(type);
}

static PyMemberDef snapshot_members[] = {
	{"__weaklistoffset__", T_PYSSIZET, offsetof(struct py_snapshot, weak_references), READONLY,
	 NULL},
	{NULL, 0, 0, 0, NULL},
};

static PyType_Slot snapshot_slots[] = {
	{Py_tp_dealloc, snapshot_dealloc},
	{Py_tp_members, snapshot_members},
	{0, NULL},
};

static PyType_Spec snapshot_spec = {
	.name = "ancient._Snapshot",
	.basicsize = sizeof(struct py_snapshot),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = snapshot_slots,
};

int py_snapshot_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &snapshot_spec, NULL, &state->snapshot);
}
