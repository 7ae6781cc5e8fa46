/* python/typed: the iterator over lists, arrays, tables, maps and sets: a py_walk that owns
 * references to its snapshot and schema. */
#include "typed/iter.h"

#include "module/module.h"
#include "module/threads.h"
#include "store/pickle.h"
#include "typed/value.h"
#include "walk/walk.h"

struct iter {
	PyObject_HEAD struct py_walk walk; /* owns its references */
	enum py_wanted wanted;
	/* How many are in the walk: more than one where a signal's handler, or a thread while that
	 * waits, calls in between.  From ENDED on, nobody else goes in. */
	uint32_t calls;
};

#define ENDED 0x80000000u

PyObject *py_iterate(PyObject *object, enum py_wanted wanted, bool all)
{
	const struct py_typed *self = (const struct py_typed *)object;
	PyTypeObject *type = self->view.snapshot->state->iter;
	struct iter *iter = (struct iter *)type->tp_alloc(type, 0);

	if (iter == NULL)
		return NULL;
	if (py_walk_begin(&iter->walk, self->view.snapshot, self->schema, py_typed_of(self)) < 0) {
		iter->walk.snapshot = NULL;
		iter->walk.schema = NULL;
		Py_CLEAR(iter);
		return NULL;
	}
	Py_INCREF(self->view.snapshot);
	Py_INCREF(self->schema);
	iter->wanted = wanted;
	iter->walk.all = all;
	return (PyObject *)iter;
}

/* In place, as most values are made by it in a few steps. */
static inline __attribute__((always_inline)) PyObject *
item_of(struct py_snapshot *snapshot, struct py_schema *schema, enum py_wanted wanted, bool keyed,
	struct ancient_typed key, struct ancient_typed part)
{
	PyObject *left, *right, *pair = NULL;

	if (wanted == PY_VALUES || !keyed)
		return py_typed_value(snapshot, schema, part);
	left = py_typed_value(snapshot, schema, key);
	if (wanted == PY_KEYS || left == NULL)
		return left;
	right = py_typed_value(snapshot, schema, part);
	if (right != NULL)
		pair = PyTuple_Pack(2, left, right);
	Py_DECREF(left);
	Py_XDECREF(right);
	return pair;
}

PyObject *py_iter_item(struct py_snapshot *snapshot, struct py_schema *schema,
		       enum py_wanted wanted, bool keyed, struct ancient_typed key,
		       struct ancient_typed part)
{
	return item_of(snapshot, schema, wanted, keyed, key, part);
}

/* Gives back what the walk has, once nobody is in it any more. */
static void end(struct iter *iter)
{
	py_walk_done(&iter->walk);
	Py_CLEAR(iter->walk.schema);
	Py_CLEAR(iter->walk.snapshot);
}

static PyObject *iter_next(PyObject *object)
{
	struct iter *iter = (struct iter *)object;
	struct py_snapshot *snapshot = NULL;
	struct py_schema *schema = NULL;
	struct ancient_typed key, part;
	PyObject *element = NULL;
	int more = 0;

	Py_BEGIN_CRITICAL_SECTION(object);
	if (iter->calls < ENDED) {
		snapshot = (struct py_snapshot *)Py_NewRef(iter->walk.snapshot);
		schema = (struct py_schema *)Py_NewRef(iter->walk.schema);
		iter->calls++;
		more = py_walk_next(&iter->walk, &key, &part);
		if (more != 1)
			iter->calls |= ENDED;
		if (--iter->calls == ENDED)
			end(iter);
	}
	Py_END_CRITICAL_SECTION();
	if (snapshot == NULL)
		return NULL;
	if (more == 1)
		element = item_of(snapshot, schema, iter->wanted, iter->walk.keyed, key, part);
	Py_DECREF(schema);
	Py_DECREF(snapshot);
	return element;
}

static void iter_dealloc(PyObject *object)
{
	struct iter *iter = (struct iter *)object;
	PyTypeObject *type = Py_TYPE(object);

	py_walk_done(&iter->walk);
	Py_XDECREF(iter->walk.schema);
	Py_XDECREF(iter->walk.snapshot);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef iter_methods[] = {
	{"__reduce__", py_refuse_pickle, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot iter_slots[] = {
	{Py_tp_dealloc, iter_dealloc},
	{Py_tp_iter, PyObject_SelfIter},
	{Py_tp_iternext, iter_next},
	{Py_tp_methods, iter_methods},
	{0, NULL},
};

static PyType_Spec iter_spec = {
	.name = "ancient._Iterator",
	.basicsize = sizeof(struct iter),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = iter_slots,
};

int py_iter_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &iter_spec, NULL, &state->iter);
}
