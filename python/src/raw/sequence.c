/* python/raw: subscripts, index() and count() of Block and FloatArray, by the sq_length and
 * sq_item of their types. */
#include "raw/sequence.h"

#include "module/interrupt.h"
#include "module/snapshot.h"
#include "raw/block.h"
#include "walk/wordmap.h"

/* Of a Block or FloatArray; NULL: of what is no view (Tagged, Column) */
static struct py_snapshot *snapshot_of(PyObject *self)
{
	const struct py_state *state = PyType_GetModuleState(Py_TYPE(self));

	return state != NULL && (Py_IS_TYPE(self, state->block) ||
				 Py_IS_TYPE(self, state->float_array))
		       ? ((struct py_view *)self)->snapshot
		       : NULL;
}

static uint64_t bytes_of(PyObject *element)
{
	if (PyUnicode_Check(element))
		return (uint64_t)PyUnicode_GET_LENGTH(element);
	return PyBytes_Check(element) ? (uint64_t)PyBytes_GET_SIZE(element) : 0;
}

/* ---- Elements that are kept --------------------------------------------------------- */

#define LONG_TEXT 64 /* bytes; shorter ones are made again where they are met again */

/* Of one slice. */
struct kept {
	PyObject *self;
	struct py_snapshot *snapshot; /* NULL: of a Tagged, or FloatArray */
	struct wordmap texts;         /* word of a long string: address of its object */
	uint64_t held;                /* bytes of those */
};

static PyObject *element_of(struct kept *kept, Py_ssize_t i)
{
	ssizeargfunc item = Py_TYPE(kept->self)->tp_as_sequence->sq_item;
	struct wordmap_entry *entry;
	PyObject *element;
	uint64_t word;

	if (kept->snapshot == NULL)
		return item(kept->self, i);
	word = py_block_pointer(kept->self, i);
	entry = word == 0 ? NULL : py_wordmap_find(&kept->texts, word);
	if (entry != NULL)
		return Py_NewRef((PyObject *)(uintptr_t)entry->value);
	element = item(kept->self, i);
	if (element == NULL || word == 0 || bytes_of(element) < LONG_TEXT)
		return element;
	entry = py_wordmap_at(&kept->texts, word);
	if (entry == NULL)
		PyErr_NoMemory();
	else if (py_hold(kept->snapshot, NULL, bytes_of(element), &kept->held) == 0)
		entry->value = (uint64_t)(uintptr_t)element; /* the slice keeps it */
	if (PyErr_Occurred())
		Py_CLEAR(element);
	return element;
}

static PyObject *slice(PyObject *self, PyObject *key, Py_ssize_t size)
{
	struct py_snapshot *snapshot = snapshot_of(self);
	struct kept kept = {.self = self};
	Py_ssize_t start, stop, step, length, i;
	uint64_t held = 0;
	PyObject *elements;

	if (PySlice_Unpack(key, &start, &stop, &step) < 0)
		return NULL;
	length = PySlice_AdjustIndices(size, &start, &stop, step);
	if (snapshot != NULL && py_hold(snapshot, NULL, 8 * (uint64_t)length, &held) < 0)
		return NULL;
	if (snapshot != NULL && Py_IS_TYPE(self, snapshot->state->block)) {
		kept.snapshot = snapshot;
		kept.texts.seed = snapshot->state->seed;
	}
	elements = PyTuple_New(length);
	for (i = 0; elements != NULL && i < length; i++) {
		PyObject *element = py_interrupted((uint64_t)i) < 0
					    ? NULL
					    : element_of(&kept, start + i * step);

		if (element == NULL)
			Py_CLEAR(elements);
		else
			PyTuple_SET_ITEM(elements, i, element);
	}
	py_wordmap_done(&kept.texts);
	return elements;
}

PyObject *py_sequence_subscript(PyObject *self, PyObject *key)
{
	Py_ssize_t size = PySequence_Size(self), i;

	if (size < 0)
		return NULL;
	if (PySlice_Check(key))
		return slice(self, key, size);
	if (!PyIndex_Check(key))
		return PyErr_Format(PyExc_TypeError, "indices of %s are int or slice, not %.200s",
				    Py_TYPE(self)->tp_name, Py_TYPE(key)->tp_name);
	i = PyNumber_AsSsize_t(key, PyExc_IndexError);
	if (i == -1 && PyErr_Occurred())
		return NULL;
	return Py_TYPE(self)->tp_as_sequence->sq_item(self, i < 0 ? i + size : i);
}

int py_sequence_bound(PyObject *self, PyObject *object, Py_ssize_t *ret_bound)
{
	Py_ssize_t bound = PyNumber_AsSsize_t(object, NULL), size;

	if (bound == -1 && PyErr_Occurred())
		return -1;
	if (bound < 0) {
		size = PySequence_Size(self);
		if (size < 0)
			return -1;
		bound = bound + size < 0 ? 0 : bound + size;
	}
	*ret_bound = bound;
	return 0;
}

/* ---- index() and count() ------------------------------------------------------------- */

/* Elements of a Block that are the same OCaml block are compared once. */
struct search {
	PyObject *self, *value;
	struct py_snapshot *snapshot; /* NULL: of a Tagged */
	bool block;
	struct wordmap known; /* word of an element: 1 it differs, 2 it equals */
	uint64_t held;        /* bytes of the strings among them */
};

/* 1 equal, 0 not, -1 error */
static int element_equals(struct search *search, Py_ssize_t i)
{
	struct wordmap_entry *entry = NULL;
	uint64_t word = search->block ? py_block_pointer(search->self, i) : 0;
	PyObject *element;
	int equal;

	if (word != 0) {
		entry = py_wordmap_at(&search->known, word);
		if (entry == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		if (entry->value != 0)
			return entry->value == 2;
	}
	element = Py_TYPE(search->self)->tp_as_sequence->sq_item(search->self, i);
	if (element == NULL)
		return -1;
	if (search->snapshot != NULL &&
	    py_hold(search->snapshot, NULL, bytes_of(element), &search->held) < 0)
		equal = -1;
	else
		equal = PyObject_RichCompareBool(element, search->value, Py_EQ);
	Py_DECREF(element);
	if (entry != NULL && equal >= 0) /* nobody else has the map */
		entry->value = equal == 1 ? 2 : 1;
	return equal;
}

/* How many elements start to stop - 1 equal the value, the first of them in *ret_first; -1.
 * only_first: no more than that one is looked for */
static Py_ssize_t count_equal(PyObject *self, PyObject *value, Py_ssize_t start, Py_ssize_t stop,
			      bool only_first, Py_ssize_t *ret_first)
{
	struct py_snapshot *snapshot = snapshot_of(self);
	struct search search = {.self = self, .value = value, .snapshot = snapshot};
	Py_ssize_t count = 0, i;
	int equal = 0;

	if (snapshot != NULL) {
		search.known.seed = snapshot->state->seed;
		search.block = Py_IS_TYPE(self, snapshot->state->block);
	}
	for (i = start; i < stop && equal >= 0 && !(only_first && count > 0); i++) {
		equal = py_interrupted((uint64_t)i) < 0 ? -1 : element_equals(&search, i);
		if (equal == 1 && count++ == 0)
			*ret_first = i;
	}
	py_wordmap_done(&search.known);
	return equal < 0 ? -1 : count;
}

PyObject *py_sequence_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	Py_ssize_t size = PySequence_Size(self), start = 0, stop = size, first, count;

	if (size < 0)
		return NULL;
	if (nargs < 1 || nargs > 3)
		return PyErr_Format(PyExc_TypeError, "index() takes 1 to 3 arguments, not %zd",
				    nargs);
	if ((nargs > 1 && py_sequence_bound(self, args[1], &start) < 0) ||
	    (nargs > 2 && py_sequence_bound(self, args[2], &stop) < 0))
		return NULL;
	count = count_equal(self, args[0], start, stop < size ? stop : size, true, &first);
	if (count != 0)
		return count < 0 ? NULL : PyLong_FromSsize_t(first);
	return PyErr_Format(PyExc_ValueError, "no element of %s equals the value",
			    Py_TYPE(self)->tp_name);
}

int py_sequence_contains(PyObject *self, PyObject *value)
{
	Py_ssize_t size = PySequence_Size(self), first;

	return size < 0 ? -1 : (int)count_equal(self, value, 0, size, true, &first);
}

PyObject *py_sequence_count(PyObject *self, PyObject *value)
{
	Py_ssize_t size = PySequence_Size(self), first, count;

	if (size < 0)
		return NULL;
	count = count_equal(self, value, 0, size, false, &first);
	return count < 0 ? NULL : PyLong_FromSsize_t(count);
}
