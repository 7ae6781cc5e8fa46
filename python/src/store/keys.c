/* python/store: the methods of Store that find a key or name. */
#include "store/keys.h"

#include "module/errors.h"
#include "raw/value.h"
#include "store/absent.h"
#include "store/entry_value.h"
#include "store/iterate.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include <ancient/format.h>

/* An absent key has no message before it is needed: py_raise_absent. */
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

static int lookup_name(struct py_snapshot *snapshot, PyObject *name,
		       struct ancient_entry *ret_entry)
{
	struct ancient_error err;
	const char *bytes = PyBytes_AS_STRING(name);
	size_t length = (size_t)PyBytes_GET_SIZE(name);

	if (length == 0 || length > ANCIENT_NAME_MAX || memchr(bytes, 0, length) != NULL)
		return 0;
	return found(snapshot,
		     ancient_file_entry_named(snapshot->file, bytes, length, ret_entry, &err),
		     &err);
}

static int lookup_number(struct py_snapshot *snapshot, PyObject *number,
			 struct ancient_entry *ret_entry)
{
	struct ancient_error err;
	int overflow;
	long long wanted = PyLong_AsLongLongAndOverflow(number, &overflow);

	if (wanted == -1 && PyErr_Occurred())
		return -1;
	if (overflow != 0 || wanted < 0 || (uint64_t)wanted > ANCIENT_KEY_MAX)
		return 0;
	return found(snapshot,
		     ancient_file_entry(snapshot->file, (uint64_t)wanted, ret_entry, &err), &err);
}

int py_lookup(struct py_snapshot *snapshot, PyObject *key, struct ancient_entry *ret_entry)
{
	PyObject *exact;
	int result;

	if (PyLong_CheckExact(key))
		return lookup_number(snapshot, key, ret_entry);
	if (PyBytes_Check(key))
		return lookup_name(snapshot, key, ret_entry);
	if (PyUnicode_Check(key)) {
		exact = PyUnicode_AsEncodedString(key, "utf-8", "surrogateescape");
		if (exact == NULL)
			return py_no_such_text();
		result = lookup_name(snapshot, exact, ret_entry);
	} else if (PyIndex_Check(key)) {
		exact = PyNumber_Index(key);
		if (exact == NULL)
			return -1;
		result = lookup_number(snapshot, exact, ret_entry);
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
	PyObject *value = NULL;
	int result;

	if (snapshot == NULL)
		return NULL;
	result = py_lookup(snapshot, key, &entry);
	if (result == 1)
		value = py_entry_value(snapshot, &entry);
	else if (result == 0)
		py_raise_absent(snapshot, key);
	Py_DECREF(snapshot);
	return value;
}

PyObject *py_store_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *keywords)
{
	Py_ssize_t named = keywords == NULL ? 0 : PyTuple_GET_SIZE(keywords);
	struct py_snapshot *snapshot;
	struct ancient_entry entry;
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
	result = py_lookup(snapshot, args[0], &entry);
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
	int result;

	if (snapshot == NULL)
		return -1;
	result = py_lookup(snapshot, key, &entry);
	Py_DECREF(snapshot);
	return result;
}

static PyObject *entry_record(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	PyObject *record = PyStructSequence_New(snapshot->state->entry);
	PyObject *members[5];
	Py_ssize_t i;

	if (record == NULL)
		return NULL;
	members[0] = PyLong_FromUnsignedLongLong(entry->key);
	members[1] = py_entry_name(snapshot, entry);
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
	PyObject *record = NULL;
	int result;

	if (snapshot == NULL)
		return NULL;
	result = py_lookup(snapshot, key, &entry);
	if (result == 1)
		record = entry_record(snapshot, &entry);
	else if (result == 0)
		py_raise_absent(snapshot, key);
	Py_DECREF(snapshot);
	return record;
}

PyObject *py_store_memoryview(PyObject *self, PyObject *key)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct ancient_entry entry;
	PyObject *view = NULL;
	char what[48];
	int result;

	if (snapshot == NULL)
		return NULL;
	result = py_lookup(snapshot, key, &entry);
	if (result == 1) {
		snprintf(what, sizeof what, "key %llu", (unsigned long long)entry.key);
		view = py_string_memoryview(snapshot, entry.root, what);
	} else if (result == 0) {
		py_raise_absent(snapshot, key);
	}
	Py_DECREF(snapshot);
	return view;
}
