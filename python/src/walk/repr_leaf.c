/* python/walk: the texts of leaves in reprs, and of what is damaged; called by repr.c. */
#include "walk/repr_leaf.h"

#include "module/errors.h"
#include "raw/custom.h"
#include "raw/value.h"
#include "typed/value.h"
#include "walk/repr.h"
#include "walk/walk.h"

#define BYTES_SHOWN 60

/* A string, cut where it is long. */
static PyObject *bytes_text(struct py_snapshot *snapshot, const char *bytes, size_t length,
			    bool as_bytes)
{
	size_t shown;
	PyObject *text, *quoted;

	shown = length > BYTES_SHOWN ? BYTES_SHOWN : length;
	/* Cut between characters of UTF-8, unless it is none. */
	while (shown < length && shown > BYTES_SHOWN - 4 &&
	       ((unsigned char)bytes[shown] & 0xC0) == 0x80)
		shown--;
	text = py_text(snapshot, bytes, shown, as_bytes);
	if (text == NULL)
		return NULL;
	quoted = PyObject_Repr(text);
	Py_DECREF(text);
	if (quoted == NULL || shown == length)
		return quoted;
	text = PyUnicode_FromFormat("%U...", quoted);
	Py_DECREF(quoted);
	return text;
}

static PyObject *string_text(const struct py_walk *leaf)
{
	struct py_snapshot *snapshot = leaf->snapshot;
	struct ancient_error err;
	enum ancient_code code;
	const char *bytes;
	size_t length;

	if (py_walk_is_raw(leaf)) {
		code = ancient_string_get(snapshot->file, leaf->typed.value, &bytes, &length, &err);
	} else {
		code = ancient_typed_string(snapshot->file, leaf->schema->schema, leaf->typed,
					    &bytes, &length, &err);
	}
	if (code != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return bytes_text(snapshot, bytes, length, py_walk_is_bytes(leaf));
}

static PyObject *float_array_text(const struct py_walk *leaf)
{
	struct py_snapshot *snapshot = leaf->snapshot;
	struct ancient_error err;
	const double *floats;
	size_t count;

	if (ancient_float_array_get(snapshot->file, leaf->typed.value, &floats, &count, &err) !=
	    ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return PyUnicode_FromFormat("<FloatArray size=%zu>", count);
}

/* An integer too long to print, as Python refuses to print those of many thousand digits.  NULL
 * without an exception for others, and for other custom blocks. */
static PyObject *integer_text(const struct py_walk *leaf)
{
	struct py_snapshot *snapshot = leaf->snapshot;
	struct ancient_error err;
	struct ancient_custom custom;

	if (ancient_custom_get(snapshot->file, leaf->typed.value, &custom, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	if (py_custom_is_integer(&custom) && custom.bytes > 128)
		return PyUnicode_FromFormat("<int of %zu bytes>", custom.bytes - 8);
	return NULL;
}

PyObject *py_repr_leaf(const struct py_walk *leaf)
{
	PyObject *object, *text;

	switch (leaf->kind) {
	case PY_RAW + ANCIENT_KIND_STRING:
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		return string_text(leaf);
	case PY_RAW + ANCIENT_KIND_FLOAT_ARRAY:
		return float_array_text(leaf);
	case PY_RAW + ANCIENT_KIND_CUSTOM:
		text = integer_text(leaf);
		if (text != NULL || PyErr_Occurred())
			return text;
		break;
	case ANCIENT_TYPE_Z:
		if (!ancient_value_is_int(leaf->typed.value))
			return py_repr_value(leaf->snapshot, NULL, leaf->typed, 0);
		break;
	default:
		break;
	}
	object = py_walk_is_raw(leaf) ? py_value(leaf->snapshot, leaf->typed.value)
				      : py_typed_value(leaf->snapshot, leaf->schema, leaf->typed);
	text = object == NULL ? NULL : PyObject_Repr(object);
	Py_XDECREF(object);
	return text;
}

PyObject *py_repr_damage(struct py_snapshot *snapshot)
{
	PyObject *type, *exception, *traceback, *code, *text = NULL;

	if (!PyErr_ExceptionMatches(snapshot->state->error))
		return NULL;
	PyErr_Fetch(&type, &exception, &traceback);
	code = PyObject_GetAttrString(type, "code");
	if (code != NULL)
		text = PyUnicode_FromFormat("<damaged: %S>", code);
	Py_XDECREF(code);
	Py_XDECREF(type);
	Py_XDECREF(exception);
	Py_XDECREF(traceback);
	return text;
}
