/* python/store: the repr of a store, and the rows of its table in a notebook: the first keys with
 * the types of their values.  Never fails for what is damaged, and never shows a whole file. */
#include "store/describe.h"

#include "store/entry_value.h"
#include "store/iterate.h"
#include "store/store.h"
#include "typed/schema.h"
#include "walk/repr_leaf.h"

#define KEYS_SHOWN 8

/* The type of a key's value as OCaml writes it: "(string, package) Hashtbl.t". */
static PyObject *type_text(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	const struct ancient_type *type;
	struct py_schema *schema;
	PyObject *text;

	if (snapshot->raw)
		return PyUnicode_FromString("raw");
	schema = py_entry_schema(snapshot, entry);
	if (schema == NULL)
		return PyErr_Occurred() ? py_repr_damage(snapshot) : PyUnicode_FromString("raw");
	type = py_schema_type(schema, ancient_schema_root(schema->schema));
	text = PyUnicode_FromString(type->name);
	Py_DECREF(schema);
	return text;
}

static PyObject *key_text(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	PyObject *key = py_entry_key(snapshot, entry), *type, *text = NULL;

	type = key == NULL ? NULL : type_text(snapshot, entry);
	if (type != NULL)
		text = PyUnicode_FromFormat("%R: %.80U", key, type);
	Py_XDECREF(key);
	Py_XDECREF(type);
	return text;
}

/* "'packages': (string, package) Hashtbl.t, 5: raw, ..." */
static PyObject *keys_text(struct py_snapshot *snapshot)
{
	PyObject *text = PyUnicode_FromString(""), *key;
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	int at;

	ancient_cursor_init(snapshot->file, 0, &cursor);
	for (at = 0; text != NULL && ancient_cursor_next(&cursor, &entry, NULL) == ANCIENT_OK;
	     at++) {
		if (at == KEYS_SHOWN) {
			Py_SETREF(text, PyUnicode_FromFormat("%U, ...", text));
			break;
		}
		key = key_text(snapshot, &entry);
		if (key == NULL)
			Py_CLEAR(text);
		else
			Py_SETREF(text,
				  PyUnicode_FromFormat("%U%s%U", text, at == 0 ? "" : ", ", key));
		Py_XDECREF(key);
	}
	return text;
}

PyObject *py_store_repr(PyObject *object)
{
	const struct py_store *self = (const struct py_store *)object;
	struct py_snapshot *snapshot = py_store_look(object);
	PyObject *keys, *text = NULL;
	struct ancient_info info;

	if (snapshot == NULL)
		return PyUnicode_FromFormat("<ancient.Store %R closed>", self->name);
	ancient_file_info(snapshot->file, &info);
	keys = keys_text(snapshot);
	if (keys != NULL)
		text = PyUnicode_FromFormat("<ancient.Store %R generation=%llu%s keys=%llu {%U}>",
					    self->name, (unsigned long long)info.generation,
					    self->pinned || snapshot->pinned ? " pinned" : "",
					    (unsigned long long)info.key_count, keys);
	Py_XDECREF(keys);
	Py_DECREF(snapshot);
	return text;
}

static PyObject *row_of(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	PyObject *name = py_entry_name(snapshot, entry);
	PyObject *type = name == NULL ? NULL : type_text(snapshot, entry);

	if (type == NULL) {
		Py_XDECREF(name);
		return NULL;
	}
	return Py_BuildValue("KNNK", (unsigned long long)entry->key, name, type,
			     (unsigned long long)entry->bytes);
}

PyObject *py_store_rows(PyObject *self, PyObject *limit)
{
	const Py_ssize_t most = PyNumber_AsSsize_t(limit, PyExc_OverflowError);
	struct py_snapshot *snapshot;
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	PyObject *rows, *row;

	if (most == -1 && PyErr_Occurred())
		return NULL;
	snapshot = py_store_snapshot(self);
	rows = snapshot == NULL ? NULL : PyList_New(0);
	if (rows != NULL)
		ancient_cursor_init(snapshot->file, 0, &cursor);
	while (rows != NULL && PyList_GET_SIZE(rows) < most &&
	       ancient_cursor_next(&cursor, &entry, NULL) == ANCIENT_OK) {
		row = row_of(snapshot, &entry);
		if (row == NULL || PyList_Append(rows, row) < 0)
			Py_CLEAR(rows);
		Py_XDECREF(row);
	}
	Py_XDECREF(snapshot);
	return rows;
}
