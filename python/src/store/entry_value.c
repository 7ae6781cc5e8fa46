/* python/store: the value and the schema of a key..  The schema is stored in the file or was given
 * to open()..  Called by the methods of Store that find a key. */
#include "store/entry_value.h"

#include "module/errors.h"
#include "module/threads.h"
#include "raw/value.h"
#include "store/absent.h"
#include "store/keys.h"
#include "store/store.h"
#include "typed/schema.h"
#include "typed/types.h"
#include "typed/value.h"

#include <stdio.h>
#include <string.h>

/* The schemas stored with the entries of a snapshot, by the addresses of their texts; borrowed. */
static PyObject *stored_schemas(struct py_snapshot *snapshot)
{
	PyObject *stored = PY_SHARED_LOAD(&snapshot->stored);

	return stored != NULL ? stored : py_keep(&snapshot->stored, PyDict_New());
}

/* The schema stored with an entry, parsed once for each snapshot. */
static struct py_schema *stored_schema(struct py_snapshot *snapshot,
				       const struct ancient_entry *entry)
{
	PyObject *address = PyLong_FromVoidPtr((void *)(uintptr_t)entry->schema);
	PyObject *stored = address == NULL ? NULL : stored_schemas(snapshot), *known = NULL;
	int found = stored == NULL ? -1 : py_dict_item(stored, address, &known);
	struct py_schema *schema = (struct py_schema *)known;
	struct ancient_info info;

	if (found == 0) {
		ancient_file_info(snapshot->file, &info);
		schema = py_schema_parse(snapshot->state, entry->schema, entry->schema_length,
					 info.name);
		/* A thread that was faster has put the same one there. */
		if (schema != NULL && PyDict_SetItem(stored, address, (PyObject *)schema) < 0)
			Py_CLEAR(schema);
	}
	Py_XDECREF(address);
	return schema;
}

struct py_schema *py_entry_schema(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	if (entry->schema != NULL)
		return stored_schema(snapshot, entry);
	return (struct py_schema *)Py_XNewRef((PyObject *)snapshot->given);
}

PyObject *py_entry_value(struct py_snapshot *snapshot, const struct ancient_entry *entry)
{
	struct py_schema *schema;
	PyObject *value;

	if (snapshot->raw)
		return py_value(snapshot, entry->root);
	schema = py_entry_schema(snapshot, entry);
	if (schema == NULL)
		return PyErr_Occurred() ? NULL : py_value(snapshot, entry->root);
	value = py_typed_value(snapshot, schema, ancient_typed_root(schema->schema, entry->root));
	Py_DECREF(schema);
	return value;
}

/* The entry of a key: 0, or -1 with an exception. */
static int find(struct py_snapshot *snapshot, PyObject *key, struct ancient_entry *ret_entry)
{
	int result = py_lookup(snapshot, key, ret_entry);

	if (result == 0)
		py_raise_absent(snapshot, key);
	return result == 1 ? 0 : -1;
}

PyObject *py_store_raw(PyObject *self, PyObject *key)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct ancient_entry entry;
	PyObject *value = NULL;

	if (snapshot != NULL && find(snapshot, key, &entry) == 0)
		value = py_value(snapshot, entry.root);
	Py_XDECREF(snapshot);
	return value;
}

PyObject *py_store_schema(PyObject *self, PyObject *key)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct ancient_entry entry;
	PyObject *text = NULL;
	const char *bytes = NULL;
	size_t length = 0;

	/* The text as it was published, also where it is no schema. */
	if (snapshot != NULL && find(snapshot, key, &entry) == 0) {
		bytes = entry.schema;
		length = entry.schema_length;
		if (bytes == NULL && snapshot->given != NULL)
			bytes = ancient_schema_text(snapshot->given->schema, &length);
		if (bytes == NULL)
			text = Py_NewRef(Py_None);
		else
			text = py_text(snapshot, bytes, length, false);
	}
	Py_XDECREF(snapshot);
	return text;
}

PyObject *py_store_types(PyObject *self, PyObject *key)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	struct py_schema *schema = NULL;
	struct ancient_entry entry;
	PyObject *types = NULL;

	if (snapshot != NULL && find(snapshot, key, &entry) == 0) {
		schema = py_entry_schema(snapshot, &entry);
		if (schema == NULL && !PyErr_Occurred())
			py_fail(snapshot, ANCIENT_E_WRONG_KIND, ANCIENT_NO_OFFSET,
				"key %llu has no schema, so there are no types: give one to open()",
				(unsigned long long)entry.key);
	}
	if (schema != NULL)
		types = py_types_new(schema, ancient_schema_root(schema->schema));
	Py_XDECREF(schema);
	Py_XDECREF(snapshot);
	return types;
}
