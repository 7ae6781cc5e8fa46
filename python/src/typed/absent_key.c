/* python/typed: NoKeyError of a table or map; a key of another kind than its keys is told what they
 * are in Python, and where their classes are found. */
#include "typed/absent_key.h"

#include "module/errors.h"
#include "typed/key.h"
#include "typed/schema.h"

#include <stdio.h>
#include <string.h>

/* Constants are found by their names; what has arguments only a path can say. */
static void constructors_text(const struct ancient_type *type, char *text, size_t size)
{
	const struct ancient_constructor *constant = NULL, *other = NULL;
	size_t length;

	for (uint32_t i = type->constructor_count; i-- > 0;) {
		if (type->constructors[i].constant)
			constant = &type->constructors[i];
		else
			other = &type->constructors[i];
	}
	text[0] = 0;
	if (constant != NULL)
		snprintf(text, size,
			 "its constructors: T = ancient.types(table), or db.types(key), then "
			 "table[T.%.40s]%s",
			 constant->name, other != NULL ? "; or " : "");
	length = strlen(text);
	if (other != NULL)
		snprintf(text + length, size - length,
			 "what iteration gives, or a path: "
			 "ancient.at(table, '[%.40s ...]'), as OCaml writes it",
			 other->name);
}

/* What a value of the type is in Python. */
static void kind_text(const struct ancient_type *type, char *text, size_t size)
{
	const char *kind = "what iteration over the table gives";

	switch (type->kind) {
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_INT32:
	case ANCIENT_TYPE_INT64:
	case ANCIENT_TYPE_NATIVEINT:
	case ANCIENT_TYPE_Z:
		kind = "int";
		break;
	case ANCIENT_TYPE_BOOL:
		kind = "bool";
		break;
	case ANCIENT_TYPE_CHAR:
		kind = "str of one character";
		break;
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		kind = "str or bytes";
		break;
	case ANCIENT_TYPE_FLOAT:
		kind = "float";
		break;
	case ANCIENT_TYPE_UNIT:
		kind = "()";
		break;
	case ANCIENT_TYPE_TUPLE:
		snprintf(text, size, "tuple of %u", type->field_count);
		return;
	case ANCIENT_TYPE_RECORD:
		kind = "records of that type from a store, or a path: ancient.at(table, "
		       "'[{ name = ... }]'), as OCaml writes it";
		break;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		constructors_text(type, text, size);
		return;
	case ANCIENT_TYPE_OPTION:
		kind = "None or the value";
		break;
	case ANCIENT_TYPE_RESULT:
		kind = "ancient.Ok(value) or ancient.Err(value)";
		break;
	default:
		break;
	}
	snprintf(text, size, "%s", kind);
}

/* Whether no value of the type can equal the key; false too where that could not be found out. */
static bool of_another_kind(const struct py_typed *table, uint32_t type, PyObject *key)
{
	enum ancient_type_kind kind = py_schema_type(table->schema, type)->kind;
	struct py_keys keys = {.snapshot = table->view.snapshot, .schema = table->schema};
	struct ancient_key made_key;
	int made;

	/* A lone surrogate makes no key, and is a str all the same. */
	if (PyUnicode_Check(key) && (kind == ANCIENT_TYPE_STRING || kind == ANCIENT_TYPE_BYTES))
		return false;
	made = py_key_make(&keys, type, key, &made_key);
	py_keys_done(&keys);
	PyErr_Clear();
	return made == 0;
}

PyObject *py_raise_absent_key(const struct py_typed *table, uint32_t number, PyObject *key)
{
	const struct ancient_type *type = py_schema_type(table->schema, number);
	PyObject *text = PyObject_Repr(key);
	const char *shown = text == NULL ? NULL : PyUnicode_AsUTF8(text);
	char kind[300];

	if (shown == NULL && text != NULL)
		shown = Py_TYPE(key)->tp_name;
	PyErr_Clear();
	if (shown == NULL)
		shown = "?";
	if (of_another_kind(table, number, key)) {
		kind_text(type, kind, sizeof kind);
		py_fail(table->view.snapshot, ANCIENT_E_NO_KEY, ANCIENT_NO_OFFSET,
			"no such key: %.40s, %.20s: keys are of OCaml's type %.50s, in Python %s",
			shown, Py_TYPE(key)->tp_name, type->name, kind);
	} else {
		py_fail(table->view.snapshot, ANCIENT_E_NO_KEY, ANCIENT_NO_OFFSET,
			"no such key: %.80s (keys are of OCaml's type %.60s)", shown, type->name);
	}
	Py_XDECREF(text);
	return NULL;
}
