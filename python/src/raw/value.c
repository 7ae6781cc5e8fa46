/* python/raw: the Python object for an OCaml word of unknown type, by the kind that the C reader
 * reports; strings, and memoryviews of them. */
#include "raw/value.h"

#include "module/errors.h"
#include "module/module.h"
#include "module/snapshot.h"
#include "raw/bigarray.h"
#include "raw/block.h"
#include "raw/custom.h"
#include "raw/floatarray.h"
#include "raw/view.h"

#include <string.h>

static bool is_ascii(const char *bytes, size_t length)
{
	uint64_t word, seen = 0;
	size_t i;

	for (i = 0; length - i >= sizeof word; i += sizeof word) {
		memcpy(&word, bytes + i, sizeof word);
		seen |= word;
	}
	for (; i < length; i++)
		seen |= (unsigned char)bytes[i];
	return (seen & 0x8080808080808080u) == 0;
}

/* The decoder reads its input several times and another process may be writing to the file,
 * so it works on a copy: the text itself, which it is unless a byte of it is not ASCII. */
static PyObject *decode(const char *bytes, size_t length)
{
	PyObject *text = PyUnicode_New((Py_ssize_t)length, 127), *decoded;

	if (text == NULL || length == 0)
		return text;
	memcpy(PyUnicode_1BYTE_DATA(text), bytes, length);
	if (is_ascii((const char *)PyUnicode_1BYTE_DATA(text), length))
		return text;
	decoded = PyUnicode_DecodeUTF8((const char *)PyUnicode_1BYTE_DATA(text), (Py_ssize_t)length,
				       "surrogateescape");
	Py_DECREF(text);
	return decoded;
}

PyObject *py_text(struct py_snapshot *snapshot, const char *bytes, size_t length, bool as_bytes)
{
	uint64_t held = 0;
	PyObject *text;

	if (length > snapshot->bytes && py_hold(snapshot, bytes, length, &held) < 0)
		return NULL;
	text = as_bytes ? PyBytes_FromStringAndSize(bytes, (Py_ssize_t)length)
			: decode(bytes, length);
	if (text != NULL && py_stands(snapshot) < 0)
		Py_CLEAR(text);
	return text;
}

static PyObject *string_value(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	const char *bytes;
	size_t length;

	if (ancient_string_get(snapshot->file, value, &bytes, &length, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return py_text(snapshot, bytes, length, snapshot->as_bytes);
}

static PyObject *float_value(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	double number;

	if (ancient_float_get(snapshot->file, value, &number, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return PyFloat_FromDouble(number);
}

static PyObject *boxed_int_value(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	int64_t number;

	if (ancient_boxed_int_get(snapshot->file, value, &number, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return py_int(number);
}

static PyObject *lazy_value(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_value forced;
	struct ancient_error err;
	enum ancient_kind kind;

	if (ancient_value_force(snapshot->file, value, &forced, &err) != ANCIENT_OK ||
	    ancient_value_kind(snapshot->file, forced, &kind, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	/* Only in a file that is being overwritten: a forced lazy is never a lazy. */
	if (kind == ANCIENT_KIND_LAZY)
		return py_fail(snapshot, ANCIENT_E_BAD_BLOCK, forced.word - snapshot->base,
			       "a forced lazy changed while it was being read");
	return py_value(snapshot, forced);
}

PyObject *py_value(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	enum ancient_kind kind;

	if (ancient_value_is_int(value))
		return py_int(ancient_value_to_int(value));
	if (ancient_value_kind(snapshot->file, value, &kind, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	switch (kind) {
	case ANCIENT_KIND_INT:
		return py_int(ancient_value_to_int(value));
	case ANCIENT_KIND_BLOCK:
		return py_block_new(snapshot, value);
	case ANCIENT_KIND_STRING:
		return string_value(snapshot, value);
	case ANCIENT_KIND_FLOAT:
		return float_value(snapshot, value);
	case ANCIENT_KIND_FLOAT_ARRAY:
		return py_float_array_new(snapshot, value);
	case ANCIENT_KIND_LAZY:
		return lazy_value(snapshot, value);
	case ANCIENT_KIND_INT32:
	case ANCIENT_KIND_INT64:
	case ANCIENT_KIND_NATIVEINT:
		return boxed_int_value(snapshot, value);
	case ANCIENT_KIND_BIGARRAY:
		return py_bigarray_new(snapshot, value);
	case ANCIENT_KIND_CUSTOM:
		return py_custom_new(snapshot, value);
	}
	return py_fail(snapshot, ANCIENT_E_WRONG_KIND, value.word - snapshot->base,
		       "a kind of value this package does not know: %d", (int)kind);
}

/* ---- Bytes in place ------------------------------------------------------------- */

/* The object that a memoryview of a string refers to. */
static int buffer_get(PyObject *self, Py_buffer *buffer, int flags)
{
	const struct py_view *view = (const struct py_view *)self;
	struct py_snapshot *snapshot = view->snapshot;
	struct ancient_error err;
	const char *bytes;
	size_t length;

	if (ancient_string_get(snapshot->file, view->value, &bytes, &length, &err) != ANCIENT_OK) {
		py_raise(snapshot->state, snapshot->name, &err);
		return -1;
	}
	return PyBuffer_FillInfo(buffer, self, (void *)(uintptr_t)bytes, (Py_ssize_t)length, 1,
				 flags);
}

static PyType_Slot buffer_slots[] = {
	{Py_tp_dealloc, py_view_dealloc},
	{Py_bf_getbuffer, buffer_get},
	{0, NULL},
};

static PyType_Spec buffer_spec = {
	.name = "ancient._StringBuffer",
	.basicsize = sizeof(struct py_view),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = buffer_slots,
};

int py_value_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &buffer_spec, NULL, &state->string_buffer);
}

PyObject *py_string_memoryview(struct py_snapshot *snapshot, struct ancient_value value,
			       const char *what)
{
	struct ancient_error err;
	enum ancient_kind kind;
	PyObject *exporter, *view;

	if (ancient_value_force(snapshot->file, value, &value, &err) != ANCIENT_OK ||
	    ancient_value_kind(snapshot->file, value, &kind, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	if (kind != ANCIENT_KIND_STRING)
		return py_fail(snapshot, ANCIENT_E_WRONG_KIND, ANCIENT_NO_OFFSET,
			       "%s: expected a string, found %s%s", what,
			       kind == ANCIENT_KIND_INT ? "an " : "a ", ancient_kind_name(kind));
	exporter = py_view_new(snapshot->state->string_buffer, snapshot, value);
	if (exporter == NULL)
		return NULL;
	view = PyMemoryView_FromObject(exporter);
	Py_DECREF(exporter);
	return view;
}
