/* python/walk: hash() of records and constructors: of their class and their parts, each block
 * once. */
#include "walk/hash.h"

#include "module/threads.h"
#include "typed/value.h"
#include "walk/digest.h"

/* Values of fewer parts are hashed anew each time: what is kept takes memory. */
#define MANY 1024

void py_hashes_free(struct py_digests *digests)
{
	if (digests == NULL)
		return;
	py_digests_done(digests);
	Py_DECREF(digests->schema);
	PyMem_Free(digests);
}

static void keep(struct py_snapshot *snapshot, struct py_digests *digests)
{
	py_hashes_free(PY_SHARED_SWAP(&snapshot->hashes, digests));
}

/* The digests that calls before have left, or NULL: so that many values that share a large one, as
 * the keys of one dict, cost it once.  Who hashes meanwhile, a handler of a signal or another
 * thread, finds none. */
static struct py_digests *take(struct py_snapshot *snapshot, const struct py_schema *schema)
{
	struct py_digests *kept;

	if (PY_SHARED_LOAD(&snapshot->hashes) == NULL)
		return NULL;
	kept = PY_SHARED_SWAP(&snapshot->hashes, NULL);
	if (kept == NULL || kept->schema == schema)
		return kept;
	keep(snapshot, kept);
	return NULL;
}

/* Keeps what was made on the stack. */
static void keep_copy(struct py_snapshot *snapshot, struct py_digests *digests)
{
	struct py_digests *copy = PyMem_Malloc(sizeof *copy);

	if (copy == NULL) {
		py_digests_done(digests);
		return;
	}
	*copy = *digests;
	Py_INCREF(copy->schema);
	keep(snapshot, copy);
}

Py_hash_t py_typed_hash(PyObject *object)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct py_snapshot *snapshot = self->view.snapshot;
	struct py_digests made, *digests;
	struct py_digest digest;
	Py_hash_t hash = -1;
	bool many;

	if (self->schema == NULL)
		return PyBaseObject_Type.tp_hash(object);
	/* A part without a hash may be a view that is asked for it, and so on. */
	if (Py_EnterRecursiveCall(" while hashing a value"))
		return -1;
	digests = take(snapshot, self->schema);
	if (digests == NULL) {
		py_digests_init(&made, snapshot, self->schema, true);
		digests = &made;
	}
	if (py_digest(digests, py_typed_of(self), &digest) == 0)
		hash = (Py_hash_t)digest.word[0] == -1 ? -2 : (Py_hash_t)digest.word[0];
	many = digests->steps >= MANY;
	PY_SHARED_ADD(&snapshot->state->steps, digests->steps);
	digests->steps = 0;
	if (digests != &made)
		keep(snapshot, digests);
	else if (many)
		keep_copy(snapshot, digests);
	else
		py_digests_done(digests);
	Py_LeaveRecursiveCall();
	return hash;
}
