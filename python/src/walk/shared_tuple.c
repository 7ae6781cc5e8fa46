/* python/walk: tuples that keep their hash (shared_tuple.h). */
#include "walk/shared_tuple.h"

#include "module/module.h"
#include "module/threads.h"

/* Parts, counted along every path, of a tuple that CPython may hash and compare. */
#define FEW 64

/* Behind the items lies one more word: the hash, 0 where it is not known. */
static Py_hash_t *kept_hash(PyObject *self)
{
	return (Py_hash_t *)&((PyTupleObject *)self)->ob_item[Py_SIZE(self)];
}

static Py_hash_t shared_hash(PyObject *self)
{
	Py_hash_t hash = PY_SHARED_LOAD(kept_hash(self));

	/* The parts that are such tuples have hashed theirs. */
	if (hash == 0)
		hash = PyTuple_Type.tp_hash(self);
	if (hash != -1)
		PY_SHARED_STORE(kept_hash(self), hash);
	return hash;
}

/* Whether the hashes that are known say so. */
static bool differ(PyObject *a, PyObject *b)
{
	Py_hash_t left = PY_SHARED_LOAD(kept_hash(a)), right = PY_SHARED_LOAD(kept_hash(b));

	return left != 0 && right != 0 && left != right;
}

/* What the outermost comparison of a thread has found equal: a set of pairs of addresses, and
 * whose it is, as an interpreter within the comparison has its own. */
static _Thread_local struct {
	const struct py_state *state;
	PyObject *pairs;
} equal;

/* Whether two have equal parts, which may be compared again within: those found equal are
 * remembered while the outermost comparison lasts. */
static PyObject *compare_remembering(PyObject *pairs, PyObject *a, PyObject *b)
{
	PyObject *pair = Py_BuildValue("(NN)", PyLong_FromVoidPtr(a), PyLong_FromVoidPtr(b));
	int known = pair == NULL ? -1 : PySet_Contains(pairs, pair);
	PyObject *same = NULL;

	if (known == 1)
		same = Py_NewRef(Py_True);
	else if (known == 0)
		same = PyTuple_Type.tp_richcompare(a, b, Py_EQ);
	if (known == 0 && same == Py_True && PySet_Add(pairs, pair) < 0)
		Py_CLEAR(same);
	Py_XDECREF(pair);
	return same;
}

static PyObject *compare(const struct py_state *state, PyObject *a, PyObject *b)
{
	const struct py_state *outer = equal.state;
	PyObject *outer_pairs = equal.pairs, *pairs, *same;

	if (outer == state)
		return compare_remembering(outer_pairs, a, b);
	pairs = PySet_New(NULL);
	if (pairs == NULL)
		return NULL;
	equal.state = state;
	equal.pairs = pairs;
	same = compare_remembering(pairs, a, b);
	equal.state = outer;
	equal.pairs = outer_pairs;
	Py_DECREF(pairs);
	return same;
}

static PyObject *shared_compare(PyObject *a, PyObject *b, int operation)
{
	PyObject *same;
	bool is;

	if (Py_TYPE(a) != Py_TYPE(b) || (operation != Py_EQ && operation != Py_NE))
		return PyTuple_Type.tp_richcompare(a, b, operation);
	if (a == b || differ(a, b))
		return PyBool_FromLong((a == b) == (operation == Py_EQ));
	same = compare(PyType_GetModuleState(Py_TYPE(a)), a, b);
	if (same == NULL || !PyBool_Check(same))
		return same;
	is = same == Py_True;
	Py_DECREF(same);
	return PyBool_FromLong(is == (operation == Py_EQ));
}

/* Pickled and copied as a plain tuple. */
static PyObject *shared_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return Py_BuildValue("(O(N))", (PyObject *)&PyTuple_Type, PySequence_List(self));
}

/* How many parts a plain tuple has along all paths, at most `left`; 0: more. */
static size_t parts_left(PyObject *tuple, size_t left)
{
	Py_ssize_t i;

	for (i = 0; i < PyTuple_GET_SIZE(tuple) && left > 0; i++) {
		PyObject *part = PyTuple_GET_ITEM(tuple, i);

		left--;
		if (left > 0 && PyTuple_CheckExact(part))
			left = parts_left(part, left);
	}
	return left;
}

PyObject *py_shared_tuple(struct py_state *state, PyObject *tuple)
{
	PyTypeObject *type = state->shared_tuple;
	PyTupleObject *made;
	Py_ssize_t size, i;

	if (tuple == NULL || parts_left(tuple, FEW) > 0)
		return tuple;
	size = PyTuple_GET_SIZE(tuple);
	made = (PyTupleObject *)type->tp_alloc(type, size + 1);
	if (made != NULL) {
		Py_SET_SIZE(made, size);
#if PY_VERSION_HEX >= 0x030e0000
		made->ob_hash = -1; /* not known: 3.14 keeps it as well */
#endif
		for (i = 0; i < size; i++)
			made->ob_item[i] = Py_NewRef(PyTuple_GET_ITEM(tuple, i));
	}
	Py_DECREF(tuple);
	return (PyObject *)made;
}

static PyMethodDef shared_methods[] = {
	{"__reduce__", shared_reduce, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot shared_slots[] = {
	{Py_tp_doc, "A tuple that keeps its hash."},
	{Py_tp_hash, shared_hash},
	{Py_tp_richcompare, shared_compare},
	{Py_tp_methods, shared_methods},
	{0, NULL},
};

static PyType_Spec shared_spec = {
	.name = "ancient._Tuple",
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = shared_slots,
};

int py_shared_tuple_init(PyObject *module, struct py_state *state)
{
	state->shared_tuple = (PyTypeObject *)PyType_FromModuleAndSpec(module, &shared_spec,
								       (PyObject *)&PyTuple_Type);
	return state->shared_tuple == NULL ? -1 : 0;
}
