/* python: short texts of values, for the reprs of what holds them: never more than a line,
 * whatever the value, and no exception for what is damaged. */
#include "module/module.h"

#include <string.h>

#define ELEMENTS_SHOWN 8
#define BYTES_SHOWN 60

static PyObject *string_repr(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	const char *bytes;
	size_t length;

	if (ancient_string_get(snapshot->file, value, &bytes, &length, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return py_repr_bytes(snapshot, bytes, length, snapshot->as_bytes);
}

PyObject *py_repr_bytes(struct py_snapshot *snapshot, const char *bytes, size_t length,
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

static PyObject *block_repr(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	struct ancient_block block;

	if (ancient_block_get(snapshot->file, value, &block, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return PyUnicode_FromFormat("<Block tag=%u size=%zu>", block.tag, (size_t)block.size);
}

static PyObject *float_array_repr(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	const double *floats;
	size_t count;

	if (ancient_float_array_get(snapshot->file, value, &floats, &count, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return PyUnicode_FromFormat("<FloatArray size=%zu>", count);
}

static PyObject *custom_repr(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	struct ancient_custom custom;

	if (ancient_custom_get(snapshot->file, value, &custom, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	/* Python refuses to print integers of many thousand digits. */
	if (py_custom_is_integer(&custom) && custom.bytes > 128)
		return PyUnicode_FromFormat("<int of %zu bytes>", custom.bytes - 8);
	return NULL;
}

static PyObject *short_repr(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	enum ancient_kind kind;
	PyObject *object, *text = NULL;

	if (ancient_value_force(snapshot->file, value, &value, &err) != ANCIENT_OK ||
	    ancient_value_kind(snapshot->file, value, &kind, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	if (kind == ANCIENT_KIND_STRING)
		return string_repr(snapshot, value);
	if (kind == ANCIENT_KIND_BLOCK)
		return block_repr(snapshot, value);
	if (kind == ANCIENT_KIND_FLOAT_ARRAY)
		return float_array_repr(snapshot, value);
	if (kind == ANCIENT_KIND_CUSTOM)
		text = custom_repr(snapshot, value);
	if (text != NULL || PyErr_Occurred())
		return text;
	object = py_value(snapshot, value);
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

PyObject *py_repr_value(struct py_snapshot *snapshot, struct ancient_value value)
{
	PyObject *text = short_repr(snapshot, value);

	return text != NULL ? text : py_repr_damage(snapshot);
}

PyObject *py_repr_elements(PyObject *view, PyObject *(*element)(PyObject *, Py_ssize_t),
			   Py_ssize_t size)
{
	struct py_snapshot *snapshot = ((struct py_view *)view)->snapshot;
	Py_ssize_t i, shown = size > ELEMENTS_SHOWN ? ELEMENTS_SHOWN : size;
	PyObject *parts = PyList_New(shown), *comma, *joined = NULL, *text = NULL;

	for (i = 0; parts != NULL && i < shown; i++) {
		PyObject *part = element(view, i);

		if (part == NULL)
			part = py_repr_damage(snapshot);
		if (part == NULL)
			Py_CLEAR(parts);
		else
			PyList_SET_ITEM(parts, i, part);
	}
	comma = parts == NULL ? NULL : PyUnicode_FromString(", ");
	if (comma != NULL)
		joined = PyUnicode_Join(comma, parts);
	if (joined != NULL)
		text = PyUnicode_FromFormat(shown < size ? "[%U, ...]" : "[%U]", joined);
	Py_XDECREF(parts);
	Py_XDECREF(comma);
	Py_XDECREF(joined);
	return text;
}
