/* python/walk: hash() of records and constructors, from their class and the hashes of their parts.
 * It recurses by Python's own hash(), which bounds the depth. */
#include "walk/hash.h"

#include "typed/value.h"
#include "walk/walk.h"

static Py_hash_t hash_parts(const struct py_typed *self, struct py_walk *walk)
{
	Py_uhash_t hash = (Py_uhash_t)PyObject_Hash((PyObject *)Py_TYPE(self));
	struct ancient_typed part;
	int more;

	while ((more = py_walk_next(walk, NULL, &part)) == 1) {
		PyObject *object = py_typed_value(walk->snapshot, walk->schema, part);
		Py_hash_t one = object == NULL ? -1 : PyObject_Hash(object);

		Py_XDECREF(object);
		if (one == -1)
			return -1;
		hash = (hash ^ (Py_uhash_t)one) * 0x9E3779B97F4A7C15u;
		hash ^= hash >> 29;
	}
	if (more < 0)
		return -1;
	return (Py_hash_t)hash == -1 ? -2 : (Py_hash_t)hash;
}

Py_hash_t py_typed_hash(PyObject *object)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct py_walk walk;
	Py_hash_t hash = -1;

	if (self->schema == NULL)
		return PyBaseObject_Type.tp_hash(object);
	/* Values that share parts are hashed as often as they are met: let Ctrl-C through. */
	if (PyErr_CheckSignals() < 0 || Py_EnterRecursiveCall(" while hashing a value"))
		return -1;
	if (py_walk_begin(&walk, self->view.snapshot, self->schema, py_typed_of(self)) == 0)
		hash = hash_parts(self, &walk);
	py_walk_done(&walk);
	Py_LeaveRecursiveCall();
	return hash;
}
