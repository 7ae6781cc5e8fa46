/* python/typed: ancient.at and Store.at, which follow a path, `packages["vim"].depends[0].name`,
 * in one call. */
#include "typed/path.h"

#include "module/errors.h"
#include "module/text.h"
#include "store/absent.h"
#include "store/entry_value.h"
#include "store/keys.h"
#include "store/store.h"
#include "typed/value.h"

#include <string.h>

static PyObject *follow(struct py_snapshot *snapshot, struct py_schema *schema,
			struct ancient_typed typed, const char *path)
{
	struct ancient_typed found;
	struct ancient_error err;

	if (ancient_path_get(snapshot->file, schema->schema, typed, path, &found, &err) !=
	    ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return py_typed_value(snapshot, schema, found);
}

/* The path as UTF-8; surrogates of surrogateescape become their bytes again. */
static PyObject *path_bytes(PyObject *path)
{
	PyObject *bytes;

	if (!PyUnicode_Check(path))
		return PyErr_Format(PyExc_TypeError, "a path is a str, not %.200s",
				    Py_TYPE(path)->tp_name);
	bytes = py_utf8(path);
	if (bytes != NULL && strlen(PyBytes_AS_STRING(bytes)) != (size_t)PyBytes_GET_SIZE(bytes)) {
		Py_DECREF(bytes);
		return PyErr_Format(PyExc_ValueError, "a path has no 0 in it: write \\x00");
	}
	return bytes;
}

PyObject *py_at(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
	struct py_state *state = PyModule_GetState(module);
	PyObject *bytes, *found;

	if (nargs != 2)
		return PyErr_Format(PyExc_TypeError, "at() takes a value and a path");
	if (!py_is_typed(state, args[0]))
		return PyErr_Format(PyExc_TypeError,
				    "at() takes a view of a value that has a type, not %.200s",
				    Py_TYPE(args[0])->tp_name);
	const struct py_typed *view = (const struct py_typed *)args[0];

	bytes = path_bytes(args[1]);
	if (bytes == NULL)
		return NULL;
	found = follow(view->view.snapshot, view->schema, py_typed_of(view),
		       PyBytes_AS_STRING(bytes));
	Py_DECREF(bytes);
	return found;
}

/* ---- From a store -------------------------------------------------------------------- */

/* The key that a path begins with: a number, or a name up to the first . or [; *rest is what
 * comes after it. */
static PyObject *first_key(const char *path, const char **rest)
{
	size_t length;

	length = strcspn(path, ".[");
	*rest = path + length;
	if (length > 0 && strspn(path, "0123456789") == length) {
		PyObject *digits = PyUnicode_FromStringAndSize(path, (Py_ssize_t)length);
		PyObject *key = digits == NULL ? NULL : PyLong_FromUnicodeObject(digits, 10);

		Py_XDECREF(digits);
		return key;
	}
	return PyUnicode_DecodeUTF8(path, (Py_ssize_t)length, "surrogateescape");
}

static PyObject *follow_entry(struct py_snapshot *snapshot, const struct ancient_entry *entry,
			      const char *rest)
{
	struct py_schema *schema = py_entry_schema(snapshot, entry);
	PyObject *found;

	if (schema == NULL && PyErr_Occurred())
		return NULL;
	if (*rest == '\0') {
		Py_XDECREF(schema);
		return py_entry_value(snapshot, entry);
	}
	if (schema == NULL)
		return py_fail(snapshot, ANCIENT_E_WRONG_KIND, ANCIENT_NO_OFFSET,
			       "key %llu has no schema, so a path leads nowhere from it: give one "
			       "to open(), or index the raw value",
			       (unsigned long long)entry->key);
	found = follow(snapshot, schema, ancient_typed_root(schema->schema, entry->root), rest);
	Py_DECREF(schema);
	return found;
}

PyObject *py_store_at(PyObject *self, PyObject *path)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	PyObject *bytes = snapshot == NULL ? NULL : path_bytes(path);
	PyObject *key = NULL, *found = NULL;
	struct ancient_entry entry;
	const char *rest = NULL;
	int result = -1;

	if (bytes != NULL)
		key = first_key(PyBytes_AS_STRING(bytes), &rest);
	if (key != NULL)
		result = py_lookup(snapshot, key, &entry);
	if (result == 1)
		found = follow_entry(snapshot, &entry, rest);
	else if (result == 0)
		py_raise_absent(snapshot, key);
	Py_XDECREF(key);
	Py_XDECREF(bytes);
	Py_XDECREF(snapshot);
	return found;
}
