/* python/store: iteration over the keys of a store, its values and its items, by the order of the
 * numbers of the keys; and the lists of all names and numbers. */
#include "store/iterate.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "module/threads.h"
#include "raw/value.h"
#include "store/entry_value.h"
#include "store/pickle.h"
#include "store/store.h"

PyObject *py_entry_name(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	if (entry->name == NULL)
		Py_RETURN_NONE;
	return py_text(snapshot, entry->name, entry->name_length, false);
}

PyObject *py_entry_key(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	return entry->name != NULL ? py_entry_name(snapshot, entry)
				   : PyLong_FromUnsignedLongLong(entry->key);
}

static PyObject *number_of(struct py_snapshot *Py_UNUSED(snapshot),
			   const struct ancient_entry *entry)
{
	return PyLong_FromUnsignedLongLong(entry->key);
}

static PyObject *item_of(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	PyObject *value = py_entry_value(snapshot, entry);
	PyObject *key = value == NULL ? NULL : py_entry_key(snapshot, entry);

	if (key == NULL) {
		Py_XDECREF(value);
		return NULL;
	}
	return Py_BuildValue("NN", key, value);
}

typedef PyObject *(*make_element)(struct py_snapshot *, const struct ancient_entry *);

/* 0 at the end of the keys, -1 with an exception. */
static int ended(struct py_snapshot *snapshot, enum ancient_code code,
		 const struct ancient_error *err)
{
	if (code == ANCIENT_E_NO_KEY)
		return 0;
	py_raise(snapshot->state, snapshot->name, err);
	return -1;
}

/* ---- All at once ------------------------------------------------------------------- */

/* Appends what `make` gives for each entry; None is left out.  list NULL: counts them. */
static int collect(struct py_snapshot *snapshot, PyObject *list, make_element make,
		   Py_ssize_t *ret_count)
{
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	struct ancient_error err;
	enum ancient_code code;
	uint64_t step = 0;

	ancient_cursor_init(snapshot->file, 0, &cursor);
	while ((code = ancient_cursor_next(&cursor, &entry, &err)) == ANCIENT_OK) {
		PyObject *element;
		int failed;

		if (py_interrupted(step++) < 0)
			return -1;
		if (list == NULL)
			continue;
		element = make(snapshot, &entry);
		failed = element == NULL ? -1 : 0;
		if (element != NULL && element != Py_None)
			failed = PyList_Append(list, element);
		Py_XDECREF(element);
		if (failed < 0)
			return -1;
	}
	*ret_count = (Py_ssize_t)step;
	return ended(snapshot, code, &err);
}

Py_ssize_t py_store_count(PyObject *self)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	Py_ssize_t count = -1;

	if (snapshot == NULL)
		return -1;
	if (collect(snapshot, NULL, NULL, &count) < 0)
		count = -1;
	Py_DECREF(snapshot);
	return count;
}

static PyObject *list_of(PyObject *self, make_element make)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	Py_ssize_t count;
	PyObject *list;

	if (snapshot == NULL)
		return NULL;
	list = PyList_New(0);
	if (list != NULL && collect(snapshot, list, make, &count) < 0)
		Py_CLEAR(list);
	Py_DECREF(snapshot);
	return list;
}

PyObject *py_store_names(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return list_of(self, py_entry_name);
}

PyObject *py_store_numbers(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return list_of(self, number_of);
}

/* ---- Views, whose classes are written in Python -------------------------------------- */

static PyObject *view_of(PyObject *self, PyObject *(*class_of)(const struct py_state *))
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	PyObject *class, *view;

	if (snapshot == NULL)
		return NULL;
	class = class_of(snapshot->state);
	view = class == NULL
		       ? PyErr_Format(PyExc_RuntimeError, "ancient was not imported as a package")
		       : PyObject_CallOneArg(class, self);
	Py_DECREF(snapshot);
	return view;
}

static PyObject *keys_class(const struct py_state *state)
{
	return state->store_keys_class;
}

static PyObject *values_class(const struct py_state *state)
{
	return state->values_class;
}

static PyObject *items_class(const struct py_state *state)
{
	return state->items_class;
}

PyObject *py_store_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return view_of(self, keys_class);
}

PyObject *py_store_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return view_of(self, values_class);
}

PyObject *py_store_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return view_of(self, items_class);
}

/* ---- One by one --------------------------------------------------------------------- */

struct store_iter {
	PyObject_HEAD struct py_snapshot *snapshot; /* NULL at the end */
	struct ancient_cursor cursor;
	make_element make;
};

static PyObject *iterate(PyObject *self, make_element make)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct store_iter *iter;

	if (snapshot == NULL)
		return NULL;
	iter = (struct store_iter *)snapshot->state->store_iter->tp_alloc(
		snapshot->state->store_iter, 0);
	if (iter == NULL) {
		Py_DECREF(snapshot);
		return NULL;
	}
	iter->snapshot = snapshot;
	iter->make = make;
	ancient_cursor_init(snapshot->file, 0, &iter->cursor);
	return (PyObject *)iter;
}

PyObject *py_store_iterate(PyObject *self)
{
	return iterate(self, py_entry_key);
}

PyObject *py_store_iterate_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return iterate(self, py_entry_value);
}

PyObject *py_store_iterate_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return iterate(self, item_of);
}

static PyObject *iter_next(PyObject *self)
{
	struct store_iter *iter = (struct store_iter *)self;
	struct py_snapshot *snapshot = NULL;
	struct ancient_entry entry;
	struct ancient_error err;
	enum ancient_code code = ANCIENT_OK;
	PyObject *element = NULL;

	Py_BEGIN_CRITICAL_SECTION(self);
	/* Its own reference: making the element runs Python code where it makes classes. */
	snapshot = (struct py_snapshot *)Py_XNewRef((PyObject *)iter->snapshot);
	if (snapshot != NULL)
		code = ancient_cursor_next(&iter->cursor, &entry, &err);
	if (code != ANCIENT_OK)
		Py_CLEAR(iter->snapshot);
	Py_END_CRITICAL_SECTION();
	if (snapshot == NULL)
		return NULL;
	if (code == ANCIENT_OK)
		element = iter->make(snapshot, &entry);
	else
		ended(snapshot, code, &err);
	Py_DECREF(snapshot);
	return element;
}

static void iter_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	Py_XDECREF(((struct store_iter *)self)->snapshot);
	type->tp_free(self);
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

PyType_Spec py_store_iter_spec = {
	.name = "ancient._StoreIterator",
	.basicsize = sizeof(struct store_iter),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = iter_slots,
};
