/* python/store: the methods of Store that find a key or name, and those that list them. */
#include "store/keys.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "raw/value.h"
#include "store/entry_value.h"
#include "store/pickle.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include <ancient/format.h>

/* ---- One key --------------------------------------------------------------------- */

/* Fills in the error for a key outside the range of keys. */
static int absent(struct py_snapshot *snapshot, PyObject *key, struct ancient_error *err)
{
	struct ancient_info info;
	PyObject *text = PyObject_Repr(key);
	const char *shown = text == NULL ? NULL : PyUnicode_AsUTF8(text);

	if (shown == NULL) {
		Py_XDECREF(text);
		return -1;
	}
	ancient_file_info(snapshot->file, &info);
	*err = (struct ancient_error){.code = ANCIENT_E_NO_KEY, .offset = ANCIENT_NO_OFFSET};
	snprintf(err->message, sizeof err->message,
		 "%.250s: no such key: %.60s: keys are 0 to 2^62 - 1, names 1 to %u bytes",
		 info.name, shown, ANCIENT_NAME_MAX);
	Py_DECREF(text);
	return 0;
}

static int found(struct py_snapshot *snapshot, enum ancient_code code,
		 const struct ancient_error *err)
{
	if (code == ANCIENT_OK)
		return 1;
	if (code == ANCIENT_E_NO_KEY)
		return 0;
	py_raise(snapshot->state, snapshot->name, err);
	return -1;
}

static int lookup_name(struct py_snapshot *snapshot, PyObject *key, PyObject *name,
		       struct ancient_entry *ret_entry, struct ancient_error *err)
{
	const char *bytes = PyBytes_AS_STRING(name);
	size_t length = (size_t)PyBytes_GET_SIZE(name);

	if (length == 0 || length > ANCIENT_NAME_MAX || memchr(bytes, 0, length) != NULL)
		return absent(snapshot, key, err);
	return found(snapshot,
		     ancient_file_entry_named(snapshot->file, bytes, length, ret_entry, err), err);
}

static int lookup_number(struct py_snapshot *snapshot, PyObject *key, PyObject *number,
			 struct ancient_entry *ret_entry, struct ancient_error *err)
{
	int overflow;
	long long wanted = PyLong_AsLongLongAndOverflow(number, &overflow);

	if (wanted == -1 && PyErr_Occurred())
		return -1;
	if (overflow != 0 || wanted < 0 || (uint64_t)wanted > ANCIENT_KEY_MAX)
		return absent(snapshot, key, err);
	return found(snapshot, ancient_file_entry(snapshot->file, (uint64_t)wanted, ret_entry, err),
		     err);
}

int py_lookup(struct py_snapshot *snapshot, PyObject *key, struct ancient_entry *ret_entry,
	      struct ancient_error *err)
{
	PyObject *exact;
	int result;

	if (PyLong_CheckExact(key))
		return lookup_number(snapshot, key, key, ret_entry, err);
	if (PyBytes_Check(key))
		return lookup_name(snapshot, key, key, ret_entry, err);
	if (PyUnicode_Check(key)) {
		exact = PyUnicode_AsEncodedString(key, "utf-8", "surrogateescape");
		if (exact == NULL)
			return -1;
		result = lookup_name(snapshot, key, exact, ret_entry, err);
	} else if (PyIndex_Check(key)) {
		exact = PyNumber_Index(key);
		if (exact == NULL)
			return -1;
		result = lookup_number(snapshot, key, exact, ret_entry, err);
	} else {
		PyErr_Format(PyExc_TypeError,
			     "keys of a store are int, or str where they have a name, not %.200s",
			     Py_TYPE(key)->tp_name);
		return -1;
	}
	Py_DECREF(exact);
	return result;
}

PyObject *py_store_subscript(PyObject *self, PyObject *key)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct ancient_entry entry;
	struct ancient_error err;
	PyObject *value = NULL;
	int result;

	if (snapshot == NULL)
		return NULL;
	result = py_lookup(snapshot, key, &entry, &err);
	if (result == 1)
		value = py_entry_value(snapshot, &entry);
	else if (result == 0)
		py_raise(snapshot->state, snapshot->name, &err);
	Py_DECREF(snapshot);
	return value;
}

PyObject *py_store_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
	Py_ssize_t named = keywords == NULL ? 0 : PyTuple_GET_SIZE(keywords);
	struct py_snapshot *snapshot;
	struct ancient_entry entry;
	struct ancient_error err;
	PyObject *value = NULL;
	int result;

	if (named > 1 || (named == 1 && PyUnicode_CompareWithASCIIString(
						PyTuple_GET_ITEM(keywords, 0), "default") != 0))
		return PyErr_Format(PyExc_TypeError, "get() knows no keyword but default");
	if (nargs < 1 || nargs + named > 2)
		return PyErr_Format(PyExc_TypeError,
				    "get() takes a key and at most one default, got %zd arguments",
				    nargs + named);
	snapshot = py_store_snapshot(self);
	if (snapshot == NULL)
		return NULL;
	result = py_lookup(snapshot, args[0], &entry, &err);
	if (result == 1)
		value = py_entry_value(snapshot, &entry);
	else if (result == 0)
		value = Py_NewRef(nargs + named == 2 ? args[1] : Py_None);
	Py_DECREF(snapshot);
	return value;
}

int py_store_contains(PyObject *self, PyObject *key)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct ancient_entry entry;
	struct ancient_error err;
	int result;

	if (snapshot == NULL)
		return -1;
	result = py_lookup(snapshot, key, &entry, &err);
	Py_DECREF(snapshot);
	return result;
}

static PyObject *entry_name(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	if (entry->name == NULL)
		Py_RETURN_NONE;
	return py_text(snapshot, entry->name, entry->name_length, false);
}

static PyObject *entry_record(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	PyObject *record = PyStructSequence_New(snapshot->state->entry);
	PyObject *members[5];
	Py_ssize_t i;

	if (record == NULL)
		return NULL;
	members[0] = PyLong_FromUnsignedLongLong(entry->key);
	members[1] = entry_name(snapshot, entry);
	members[2] = PyLong_FromUnsignedLongLong(entry->bytes);
	members[3] = PyLong_FromUnsignedLongLong(entry->blocks);
	members[4] = PyLong_FromUnsignedLongLong(entry->generation);
	for (i = 0; i < 5; i++)
		PyStructSequence_SetItem(record, i, members[i]);
	if (PyErr_Occurred())
		Py_CLEAR(record);
	return record;
}

PyObject *py_store_entry(PyObject *self, PyObject *key)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct ancient_entry entry;
	struct ancient_error err;
	PyObject *record = NULL;
	int result;

	if (snapshot == NULL)
		return NULL;
	result = py_lookup(snapshot, key, &entry, &err);
	if (result == 1)
		record = entry_record(snapshot, &entry);
	else if (result == 0)
		py_raise(snapshot->state, snapshot->name, &err);
	Py_DECREF(snapshot);
	return record;
}

PyObject *py_store_memoryview(PyObject *self, PyObject *key)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct ancient_entry entry;
	struct ancient_error err;
	PyObject *view = NULL;
	char what[48];
	int result;

	if (snapshot == NULL)
		return NULL;
	result = py_lookup(snapshot, key, &entry, &err);
	if (result == 1) {
		snprintf(what, sizeof what, "key %llu", (unsigned long long)entry.key);
		view = py_string_memoryview(snapshot, entry.root, what);
	} else if (result == 0) {
		py_raise(snapshot->state, snapshot->name, &err);
	}
	Py_DECREF(snapshot);
	return view;
}

/* ---- All keys -------------------------------------------------------------------- */

static PyObject *key_of(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	(void)snapshot;
	return PyLong_FromUnsignedLongLong(entry->key);
}

static PyObject *value_of(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	return py_entry_value(snapshot, entry);
}

static PyObject *item_of(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	PyObject *value = py_entry_value(snapshot, entry);

	return value == NULL ? NULL : Py_BuildValue("KN", (unsigned long long)entry->key, value);
}

typedef PyObject *(*make_element)(struct py_snapshot *, const struct ancient_entry *);

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
	return found(snapshot, code, &err);
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

PyObject *py_store_keys(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return list_of(self, key_of);
}

PyObject *py_store_names(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return list_of(self, entry_name);
}

PyObject *py_store_values(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return list_of(self, value_of);
}

PyObject *py_store_items(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return list_of(self, item_of);
}

/* ---- Iteration over the keys ------------------------------------------------------ */

struct store_iter {
	PyObject_HEAD struct py_snapshot *snapshot; /* NULL at the end */
	struct ancient_cursor cursor;
};

PyObject *py_store_iterate(PyObject *self)
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
	ancient_cursor_init(snapshot->file, 0, &iter->cursor);
	return (PyObject *)iter;
}

static PyObject *iter_next(PyObject *self)
{
	struct store_iter *iter = (struct store_iter *)self;
	struct ancient_entry entry;
	struct ancient_error err;
	enum ancient_code code;

	if (iter->snapshot == NULL)
		return NULL;
	code = ancient_cursor_next(&iter->cursor, &entry, &err);
	if (code == ANCIENT_OK)
		return PyLong_FromUnsignedLongLong(entry.key);
	found(iter->snapshot, code, &err);
	Py_CLEAR(iter->snapshot);
	return NULL;
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
