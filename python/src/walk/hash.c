/* python/walk: hash() of records and constructors: of their class and their parts, each block
 * once. */
#include "walk/hash.h"

#include "typed/value.h"
#include "walk/digest.h"

Py_hash_t py_typed_hash(PyObject *object)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct py_digests digests;
	struct py_digest digest;
	Py_hash_t hash = -1;

	if (self->schema == NULL)
		return PyBaseObject_Type.tp_hash(object);
	/* A part without a hash may be a view that is asked for it, and so on. */
	if (Py_EnterRecursiveCall(" while hashing a value"))
		return -1;
	py_digests_init(&digests, self->view.snapshot, self->schema, true);
	if (py_digest(&digests, py_typed_of(self), &digest) == 0)
		hash = (Py_hash_t)digest.word[0] == -1 ? -2 : (Py_hash_t)digest.word[0];
	py_digests_done(&digests);
	Py_LeaveRecursiveCall();
	return hash;
}
