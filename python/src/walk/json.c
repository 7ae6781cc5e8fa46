/* python/walk: ancient.to_json and ancient.dump: a view as the JSON that the reader's dump writes,
 * and `ancientctl get` prints, in a str or to a file object.  What is no view (a tuple, Some, a
 * str) is put together by ancient._json, of the texts of its parts. */
#include "walk/json.h"

#include "module/errors.h"
#include "module/text.h"
#include "typed/value.h"

#include <string.h>

#include "base/json.h"

#define PIECE 65536u /* bytes that are handed to a file object at once */

/* Where the text goes: into `bytes`, which grows, or to `write` whenever a piece is full. */
struct output {
	char *bytes;
	size_t length, capacity;
	PyObject *write; /* of a file object; NULL: all stays in `bytes` */
	bool text;       /* it takes str */
};

/* ---- Writing: 0, or -1 with an exception ------------------------------------------------ */

static int reserve(struct output *out, size_t more)
{
	size_t capacity = out->capacity == 0 ? 256 : out->capacity;
	char *grown;

	while (capacity - out->length < more) {
		if (capacity > (size_t)PY_SSIZE_T_MAX / 2) {
			PyErr_NoMemory();
			return -1;
		}
		capacity *= 2;
	}
	if (capacity == out->capacity)
		return 0;
	grown = PyMem_Realloc(out->bytes, capacity);
	if (grown == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	out->bytes = grown;
	out->capacity = capacity;
	return 0;
}

/* Hands the bytes to the file object: *ret_done of them, since raw files take fewer, and characters
 * are not cut for those of text. */
static int hand_out(struct output *out, size_t *ret_done)
{
	const Py_ssize_t length = (Py_ssize_t)out->length;
	Py_ssize_t taken = length;
	PyObject *piece, *answer;

	piece = out->text ? PyUnicode_DecodeUTF8Stateful(out->bytes, length, "strict", &taken)
			  : PyBytes_FromStringAndSize(out->bytes, length);
	answer = piece == NULL ? NULL : PyObject_CallOneArg(out->write, piece);
	Py_XDECREF(piece);
	if (answer == NULL)
		return -1;
	if (!out->text && PyLong_Check(answer)) {
		taken = PyLong_AsSsize_t(answer);
		if (taken < 0 || taken > length) {
			PyErr_SetString(PyExc_OSError, "write() returned no number of bytes");
			taken = -1;
		}
	}
	Py_DECREF(answer);
	*ret_done = (size_t)taken;
	return taken < 0 ? -1 : 0;
}

static int flush(struct output *out, bool all)
{
	size_t done = 0;

	do {
		if (hand_out(out, &done) < 0)
			return -1;
		if (done == 0 && out->length > 0) {
			PyErr_SetString(PyExc_BlockingIOError, "the file takes nothing at present");
			return -1;
		}
		out->length -= done;
		memmove(out->bytes, out->bytes + done, out->length);
		if (PyErr_CheckSignals() < 0)
			return -1;
	} while (out->length >= (all ? 1 : PIECE));
	return 0;
}

/* ancient_dump_options.write */
static bool take(void *context, const char *text, size_t length)
{
	struct output *out = context;

	if (reserve(out, length) < 0)
		return false;
	memcpy(out->bytes + out->length, text, length);
	out->length += length;
	return out->write == NULL || out->length < PIECE || flush(out, false) == 0;
}

static bool interrupted(void *Py_UNUSED(context), uint64_t Py_UNUSED(done),
			uint64_t Py_UNUSED(total))
{
	return PyErr_CheckSignals() < 0;
}

/* ---- Values --------------------------------------------------------------------------- */

static bool is_view(const struct py_state *state, PyObject *object)
{
	return py_is_typed(state, object) || Py_IS_TYPE(object, state->block) ||
	       Py_IS_TYPE(object, state->bigarray) || Py_IS_TYPE(object, state->custom) ||
	       (Py_IS_TYPE(object, state->float_array) &&
		((struct py_view *)object)->snapshot->raw);
}

static int dump_view(struct output *out, const struct py_state *state, PyObject *object,
		     bool indent, uint64_t limit)
{
	const struct ancient_dump_options options = {
		.write = take,
		.context = out,
		.indent = indent,
		.progress = interrupted,
		.limit = limit,
	};
	const struct py_typed *view = (const struct py_typed *)object;
	struct py_snapshot *snapshot = view->view.snapshot;
	struct ancient_error err;
	enum ancient_code code;

	code = py_is_typed(state, object)
		       ? ancient_typed_dump(snapshot->file, view->schema->schema, py_typed_of(view),
					    &options, &err)
		       : ancient_value_dump(snapshot->file, view->view.value, &options, &err);
	if (code == ANCIENT_OK)
		return 0;
	if (!PyErr_Occurred())
		py_raise(snapshot->state, snapshot->name, &err);
	return -1;
}

/* What is no view, as text. */
static int dump_other(struct output *out, PyObject *object, bool indent, uint64_t limit)
{
	PyObject *module = PyImport_ImportModule("ancient._json"), *text = NULL;
	Py_ssize_t length;
	const char *bytes;
	int failed = -1;

	if (module != NULL)
		text = PyObject_CallMethod(module, "text", "OOK", object,
					   indent ? Py_True : Py_False, (unsigned long long)limit);
	bytes = text == NULL ? NULL : PyUnicode_AsUTF8AndSize(text, &length);
	if (bytes != NULL && take(out, bytes, (size_t)length))
		failed = 0;
	Py_XDECREF(text);
	Py_XDECREF(module);
	return failed;
}

/* ---- The functions ---------------------------------------------------------------------- */

/* indent=None or 2, as the dump has it. */
static int to_indent(PyObject *object, void *result)
{
	long spaces = object == Py_None ? 0 : PyLong_AsLong(object);

	if (spaces == -1 && PyErr_Occurred())
		return 0;
	if (spaces != 0 && spaces != 2 && object != Py_True) {
		PyErr_SetString(PyExc_ValueError, "indent is 2 or None");
		return 0;
	}
	*(bool *)result = spaces != 0;
	return 1;
}

static int to_limit(PyObject *object, void *result)
{
	unsigned long long limit = object == Py_None ? 0 : PyLong_AsUnsignedLongLong(object);

	if (PyErr_Occurred())
		return 0;
	if (object != Py_None && limit == 0) {
		PyErr_SetString(PyExc_ValueError, "limit is at least 1 byte");
		return 0;
	}
	*(uint64_t *)result = limit;
	return 1;
}

static int dump_any(struct output *out, const struct py_state *state, PyObject *object, bool indent,
		    uint64_t limit)
{
	return is_view(state, object) ? dump_view(out, state, object, indent, limit)
				      : dump_other(out, object, indent, limit);
}

PyObject *py_to_json(PyObject *module, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"", "indent", "limit", NULL};
	struct output out = {0};
	bool indent = false;
	uint64_t limit = 0;
	PyObject *object, *text = NULL;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|$O&O&:to_json", names, &object,
					 to_indent, &indent, to_limit, &limit))
		return NULL;
	if (dump_any(&out, PyModule_GetState(module), object, indent, limit) == 0)
		text = PyUnicode_DecodeUTF8(out.bytes, (Py_ssize_t)out.length, "strict");
	PyMem_Free(out.bytes);
	return text;
}

PyObject *py_json_leaf(PyObject *Py_UNUSED(module), PyObject *value)
{
	PyObject *bytes = PyUnicode_Check(value) ? py_utf8(value) : NULL, *text = NULL;
	struct output out = {0};
	struct reader_json json;

	if (bytes == NULL && !PyFloat_Check(value))
		return PyErr_Occurred()
			       ? NULL
			       : PyErr_Format(PyExc_TypeError, "_json_leaf() takes a str or float");
	ancient_reader_json_init(&json, READER_JSON_SPACED, take, &out);
	if (bytes != NULL)
		ancient_reader_json_text(&json, PyBytes_AS_STRING(bytes),
					 (size_t)PyBytes_GET_SIZE(bytes));
	else
		ancient_reader_json_double(&json, PyFloat_AS_DOUBLE(value));
	ancient_reader_json_flush(&json);
	if (!PyErr_Occurred())
		text = PyUnicode_DecodeUTF8(out.bytes, (Py_ssize_t)out.length, "strict");
	PyMem_Free(out.bytes);
	Py_XDECREF(bytes);
	return text;
}

/* Whether a file object takes str: what takes bytes raises TypeError for one. */
static int takes_text(PyObject *write)
{
	PyObject *answer = PyObject_CallFunction(write, "s", "");

	Py_XDECREF(answer);
	if (answer != NULL)
		return 1;
	if (!PyErr_ExceptionMatches(PyExc_TypeError))
		return -1;
	PyErr_Clear();
	return 0;
}

PyObject *py_dump(PyObject *module, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"", "", "indent", "limit", NULL};
	struct output out = {0};
	bool indent = false;
	uint64_t limit = 0;
	PyObject *object, *file;
	int text, failed = -1;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "OO|$O&O&:dump", names, &object, &file,
					 to_indent, &indent, to_limit, &limit))
		return NULL;
	out.write = PyObject_GetAttrString(file, "write");
	if (out.write == NULL)
		return NULL;
	text = takes_text(out.write);
	out.text = text == 1;
	if (text >= 0 && dump_any(&out, PyModule_GetState(module), object, indent, limit) == 0)
		failed = out.length == 0 ? 0 : flush(&out, true);
	PyMem_Free(out.bytes);
	Py_DECREF(out.write);
	if (failed < 0)
		return NULL;
	Py_RETURN_NONE;
}
