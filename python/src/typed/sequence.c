/* python/typed: views of lists and arrays..  The classes in ancient._typed derive from them and
 * inherit the rest (reversed) from collections.abc.Sequence. */
#include "typed/sequence.h"

#include "arrow/arrow.h"
#include "module/errors.h"
#include "module/interrupt.h"
#include "module/threads.h"
#include "raw/sequence.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "typed/container.h"
#include "typed/iter.h"
#include "typed/nested.h"
#include "typed/schema.h"
#include "typed/search.h"
#include "typed/value.h"
#include "walk/compare.h"
#include "walk/notebook.h"
#include "walk/repr.h"
#include "walk/walk.h"
#include "docs.h"

static PyObject *raise(const struct py_typed *self, const struct ancient_error *err)
{
	return py_raise(self->view.snapshot->state, self->view.snapshot->name, err);
}

static Py_ssize_t sequence_length(PyObject *object)
{
	struct py_container *self = (struct py_container *)object;
	const struct py_typed *typed = &self->typed;
	Py_ssize_t known = PY_SHARED_LOAD(&self->length);
	struct ancient_error err;
	uint64_t length;

	if (known >= 0)
		return known;
	if (ancient_typed_length(typed->view.snapshot->file, typed->schema->schema,
				 py_typed_of(typed), &length, &err) != ANCIENT_OK) {
		raise(typed, &err);
		return -1;
	}
	PY_SHARED_STORE(&self->length, (Py_ssize_t)length);
	return (Py_ssize_t)length;
}

static PyObject *sequence_item(PyObject *object, Py_ssize_t i)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct ancient_typed item;
	struct ancient_error err;

	if (i < 0) {
		Py_ssize_t length = sequence_length(object);

		if (length < 0)
			return NULL;
		return py_fail(self->view.snapshot, ANCIENT_E_NO_INDEX, ANCIENT_NO_OFFSET,
			       "index out of range: expected -%zd to %zd", length, length - 1);
	}
	if (ancient_typed_item(self->view.snapshot->file, self->schema->schema, py_typed_of(self),
			       (uint64_t)i, &item, &err) != ANCIENT_OK)
		return raise(self, &err);
	return py_typed_value(self->view.snapshot, self->schema, item);
}

/* Elements start, start + step and so on, `count` of them, where step is positive. */
static PyObject *sequence_slice(PyObject *object, Py_ssize_t start, Py_ssize_t step,
				Py_ssize_t count)
{
	const struct py_typed *self = (const struct py_typed *)object;
	PyObject *elements = PyList_New(0);
	struct py_decoding decoding = {.steps = 0};
	struct ancient_typed part;
	struct py_walk walk;
	Py_ssize_t at = 0, wanted = start;
	int more;

	more = py_walk_begin(&walk, self->view.snapshot, self->schema, py_typed_of(self));
	/* An array is entered at the first element wanted; of a list all cells before are read. */
	if (more == 0 && walk.type->kind == ANCIENT_TYPE_ARRAY)
		walk.next = (uint64_t)(at = wanted);
	while (elements != NULL && more == 0 && PyList_GET_SIZE(elements) < count) {
		PyObject *element;

		more = py_interrupted((uint64_t)at) < 0 ? -1 : py_walk_next(&walk, NULL, &part) - 1;
		if (more != 0 || at++ != wanted)
			continue;
		element = py_decode(&decoding, self->view.snapshot, self->schema, part);
		if (element == NULL || PyList_Append(elements, element) < 0)
			more = -1;
		else if (PyList_GET_SIZE(elements) < count)
			wanted += step;
		Py_XDECREF(element);
	}
	py_walk_done(&walk);
	py_decoding_done(&decoding);
	if (PyErr_Occurred())
		Py_CLEAR(elements);
	return elements;
}

static PyObject *slice(PyObject *object, PyObject *key)
{
	Py_ssize_t start, stop, step, length = sequence_length(object);
	PyObject *elements;
	bool backwards;

	if (length < 0 || PySlice_Unpack(key, &start, &stop, &step) < 0)
		return NULL;
	length = PySlice_AdjustIndices(length, &start, &stop, step);
	backwards = step < 0 && length > 0;
	if (backwards) {
		start += (length - 1) * step;
		step = -step;
	}
	elements = sequence_slice(object, start, step, length);
	if (elements != NULL && backwards && PyList_Reverse(elements) < 0)
		Py_CLEAR(elements);
	return elements;
}

static PyObject *sequence_subscript(PyObject *object, PyObject *key)
{
	Py_ssize_t i, length;

	if (PySlice_Check(key))
		return slice(object, key);
	if (!PyIndex_Check(key))
		return PyErr_Format(PyExc_TypeError, "indices of %s are int or slice, not %.200s",
				    Py_TYPE(object)->tp_name, Py_TYPE(key)->tp_name);
	i = PyNumber_AsSsize_t(key, PyExc_IndexError);
	if (i == -1 && PyErr_Occurred())
		return NULL;
	if (i >= 0)
		return sequence_item(object, i);
	length = sequence_length(object);
	return length < 0 ? NULL : sequence_item(object, i + length);
}

static PyObject *sequence_tolist(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return sequence_slice(object, 0, 1, PY_SSIZE_T_MAX);
}

/* ---- Search ------------------------------------------------------------------------- */

/* Elements start to stop - 1 that equal an object: how many, the first of them in *ret_first; -1.
 * only_first: no more than that one is looked for */
static Py_ssize_t search(PyObject *object, PyObject *wanted, Py_ssize_t start, Py_ssize_t stop,
			 bool only_first, Py_ssize_t *ret_first)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct ancient_typed part;
	struct py_search search;
	struct py_walk walk;
	Py_ssize_t at, count = 0;
	int more;

	more = py_walk_begin(&walk, self->view.snapshot, self->schema, py_typed_of(self));
	if (py_search_init(&search, self->view.snapshot, self->schema,
			   py_schema_type(self->schema, self->type)->arguments[0], wanted) < 0)
		more = -1;
	for (at = 0; more >= 0 && at < stop && !(only_first && count > 0); at++) {
		int is = 0;

		more = py_interrupted((uint64_t)at) < 0 ? -1 : py_walk_next(&walk, NULL, &part);
		if (more != 1)
			break;
		if (at >= start)
			is = py_search_is(&search, part);
		if (is < 0)
			more = -1;
		else if (is == 1 && count++ == 0)
			*ret_first = at;
	}
	py_search_done(&search);
	py_walk_done(&walk);
	return more < 0 ? -1 : count;
}

static int sequence_contains(PyObject *object, PyObject *wanted)
{
	Py_ssize_t first;

	return (int)search(object, wanted, 0, PY_SSIZE_T_MAX, true, &first);
}

static PyObject *sequence_count(PyObject *object, PyObject *wanted)
{
	Py_ssize_t first, count = search(object, wanted, 0, PY_SSIZE_T_MAX, false, &first);

	return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

/* As of tuple and list: bounds count from the end where they are negative. */
static PyObject *sequence_index(PyObject *object, PyObject *const *args, Py_ssize_t nargs)
{
	Py_ssize_t start = 0, stop = PY_SSIZE_T_MAX, first, count;

	if (nargs < 1 || nargs > 3)
		return PyErr_Format(PyExc_TypeError, "index() takes 1 to 3 arguments, not %zd",
				    nargs);
	if ((nargs > 1 && py_sequence_bound(object, args[1], &start) < 0) ||
	    (nargs > 2 && py_sequence_bound(object, args[2], &stop) < 0))
		return NULL;
	count = search(object, args[0], start, stop, true, &first);
	if (count != 0)
		return count < 0 ? NULL : PyLong_FromSsize_t(first);
	return PyErr_Format(PyExc_ValueError, "no element of %s equals the value",
			    Py_TYPE(object)->tp_name);
}

/* ---- Iteration ---------------------------------------------------------------------- */

static PyObject *sequence_iterate(PyObject *object)
{
	return py_iterate(object, PY_VALUES, false);
}

/* ---- Types -------------------------------------------------------------------------- */

static PyMethodDef sequence_methods[] = {
	PY_NOTEBOOK_METHODS,
	{"index", (PyCFunction)(void (*)(void))sequence_index, METH_FASTCALL, PY_DOC_List_index},
	{"count", sequence_count, METH_O, PY_DOC_List_count},
	{"tolist", sequence_tolist, METH_NOARGS, PY_DOC_List_tolist},
	PY_ARROW_METHODS,
	PY_VIEW_METHODS(py_typed_reduce),
	{NULL, NULL, 0, NULL},
};

#define SEQUENCE_SLOTS                                                                             \
	{                                                                                          \
		{Py_tp_dealloc, py_typed_dealloc}, {Py_tp_repr, py_typed_repr},                    \
			{Py_tp_richcompare, py_typed_compare},                                     \
			{Py_tp_hash, PyObject_HashNotImplemented}, {Py_tp_iter, sequence_iterate}, \
			{Py_tp_methods, sequence_methods}, {Py_tp_members, py_view_members},       \
			{Py_nb_bool, py_container_true}, {Py_sq_length, sequence_length},          \
			{Py_sq_item, sequence_item}, {Py_sq_contains, sequence_contains},          \
			{Py_mp_length, sequence_length}, {Py_mp_subscript, sequence_subscript},    \
		{                                                                                  \
			0, NULL                                                                    \
		}                                                                                  \
	}

static PyType_Slot list_slots[] = SEQUENCE_SLOTS;
static PyType_Slot array_slots[] = SEQUENCE_SLOTS;

static PyType_Spec list_spec = {
	.name = "ancient._List",
	.basicsize = sizeof(struct py_container),
	.flags = PY_CONTAINER_FLAGS,
	.slots = list_slots,
};

static PyType_Spec array_spec = {
	.name = "ancient._Array",
	.basicsize = sizeof(struct py_container),
	.flags = PY_CONTAINER_FLAGS,
	.slots = array_slots,
};

int py_sequences_init(PyObject *module, struct py_state *state)
{
	if (py_add_container_type(module, &list_spec, &state->list) < 0)
		return -1;
	return py_add_container_type(module, &array_spec, &state->array);
}
