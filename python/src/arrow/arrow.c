/* python/arrow: views as streams and arrays of Arrow data (arrow.h).  What is given out needs no
 * object of Python: it holds the file by itself, and may be released by any thread. */
#include "arrow/arrow.h"

#include "arrow/capsule.h"
#include "module/errors.h"
#include "typed/value.h"

#include <errno.h>

static PyObject *raise(const struct py_snapshot *snapshot, const struct ancient_error *err)
{
	return py_raise(snapshot->state, snapshot->name, err);
}

/* ---- Arguments --------------------------------------------------------------------- */

/* The one argument requested_schema, which may be missing or None: *ret is then NULL. */
static int requested_argument(const char *method, PyObject *const *args, Py_ssize_t nargs,
			      PyObject *names, PyObject **ret)
{
	Py_ssize_t named = names == NULL ? 0 : PyTuple_GET_SIZE(names);

	if (nargs + named > 1 ||
	    (named == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0),
							    "requested_schema") != 0)) {
		PyErr_Format(PyExc_TypeError, "%s() takes requested_schema and nothing else",
			     method);
		return -1;
	}
	*ret = nargs + named == 0 || args[0] == Py_None ? NULL : args[0];
	return 0;
}

static bool is_table(const struct py_state *state, PyObject *object)
{
	return PyObject_TypeCheck(object, state->list) ||
	       PyObject_TypeCheck(object, state->array) ||
	       PyObject_TypeCheck(object, state->mapping) || PyObject_TypeCheck(object, state->set);
}

/* The columns as C has them, in memory for PyMem_Free; the texts are those of `columns`, a tuple of
 * str.  0, or -1 with an exception. */
static int read_columns(PyObject *columns, const char ***ret_texts)
{
	Py_ssize_t count = PyTuple_GET_SIZE(columns);
	const char **texts = PyMem_Calloc((size_t)count + 1, sizeof *texts);

	if (texts == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	for (Py_ssize_t i = 0; i < count; i++) {
		PyObject *column = PyTuple_GET_ITEM(columns, i);
		Py_ssize_t length;

		if (PyUnicode_Check(column))
			texts[i] = PyUnicode_AsUTF8AndSize(column, &length);
		else
			PyErr_Format(PyExc_TypeError, "a column's path is str, not %.200s",
				     Py_TYPE(column)->tp_name);
		if (texts[i] != NULL && strlen(texts[i]) != (size_t)length)
			PyErr_SetString(PyExc_ValueError, "a column's path has no null character");
		if (PyErr_Occurred()) {
			PyMem_Free(texts);
			return -1;
		}
	}
	*ret_texts = texts;
	return 0;
}

static int strings_option(const struct py_snapshot *snapshot, PyObject *strings,
			  enum ancient_arrow_strings *ret)
{
	if (strings == Py_None)
		*ret = snapshot->as_bytes ? ANCIENT_ARROW_STRINGS_BYTES
					  : ANCIENT_ARROW_STRINGS_TEXT;
	else if (PyUnicode_Check(strings) && PyUnicode_CompareWithASCIIString(strings, "str") == 0)
		*ret = ANCIENT_ARROW_STRINGS_TEXT;
	else if (PyUnicode_Check(strings) &&
		 PyUnicode_CompareWithASCIIString(strings, "bytes") == 0)
		*ret = ANCIENT_ARROW_STRINGS_BYTES;
	else if (PyUnicode_Check(strings) &&
		 PyUnicode_CompareWithASCIIString(strings, "replace") == 0)
		*ret = ANCIENT_ARROW_STRINGS_REPLACE;
	else {
		PyErr_Format(PyExc_ValueError, "strings is 'str', 'bytes' or 'replace', not %R",
			     strings);
		return -1;
	}
	return 0;
}

/* ---- Streams ------------------------------------------------------------------------ */

static PyObject *make_stream(const struct py_typed *view,
			     const struct ancient_arrow_options *options)
{
	struct ArrowArrayStream stream;
	struct ancient_error err;

	if (ancient_arrow_stream(view->view.snapshot->file, view->schema->schema, py_typed_of(view),
				 options, &stream, &err) != ANCIENT_OK)
		return raise(view->view.snapshot, &err);
	return py_capsule_stream(&stream);
}

static PyObject *make_schema(const struct py_typed *view,
			     const struct ancient_arrow_options *options)
{
	struct ArrowSchema schema;
	struct ancient_error err;

	if (ancient_arrow_schema(view->view.snapshot->file, view->schema->schema, view->type,
				 options, &schema, &err) != ANCIENT_OK)
		return raise(view->view.snapshot, &err);
	return py_capsule_schema(&schema);
}

PyObject *py_arrow_view_stream(PyObject *object, PyObject *const *args, Py_ssize_t nargs,
			       PyObject *names)
{
	const struct py_typed *view = (const struct py_typed *)object;
	struct ancient_arrow_options options = {0};
	PyObject *requested;

	if (requested_argument("__arrow_c_stream__", args, nargs, names, &requested) < 0 ||
	    strings_option(view->view.snapshot, Py_None, &options.strings) < 0)
		return NULL;
	if (requested != NULL) {
		options.requested = py_capsule_to_schema(requested);
		if (options.requested == NULL)
			return NULL;
	}
	return make_stream(view, &options);
}

PyObject *py_arrow_view_schema(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct py_typed *view = (const struct py_typed *)object;
	struct ancient_arrow_options options = {0};

	if (strings_option(view->view.snapshot, Py_None, &options.strings) < 0)
		return NULL;
	return make_schema(view, &options);
}

/* ---- For ancient._table ------------------------------------------------------------- */

static PyObject *with_options(PyObject *module, PyObject *args, bool stream)
{
	PyObject *object, *columns, *strings, *requested = Py_None, *made;
	struct ancient_arrow_options options = {0};
	const struct py_typed *view;
	const char **texts = NULL;
	int json;
	unsigned long long batch_rows = 0, limit = 0;

	if (!PyArg_ParseTuple(args, "OOOp|KKO", &object, &columns, &strings, &json, &batch_rows,
			      &limit, &requested))
		return NULL;
	if (!is_table(PyModule_GetState(module), object))
		return PyErr_Format(PyExc_TypeError,
				    "a table is made of a List, Array, Hashtbl, Map or Set of a "
				    "store, not of %.200s",
				    Py_TYPE(object)->tp_name);
	view = (const struct py_typed *)object;
	if (strings_option(view->view.snapshot, strings, &options.strings) < 0)
		return NULL;
	if (requested != Py_None) {
		options.requested = py_capsule_to_schema(requested);
		if (options.requested == NULL)
			return NULL;
	}
	if (columns != Py_None) {
		if (!PyTuple_Check(columns))
			return PyErr_Format(PyExc_TypeError, "columns is a tuple here");
		if (read_columns(columns, &texts) < 0)
			return NULL;
		options.columns = texts;
		options.column_count = (size_t)PyTuple_GET_SIZE(columns);
	}
	options.json = json != 0;
	options.batch_rows = batch_rows;
	options.limit = limit;
	made = stream ? make_stream(view, &options) : make_schema(view, &options);
	PyMem_Free(texts);
	return made;
}

PyObject *py_arrow_stream(PyObject *module, PyObject *args)
{
	return with_options(module, args, true);
}

PyObject *py_arrow_schema(PyObject *module, PyObject *args)
{
	return with_options(module, args, false);
}

/* get_next gives an errno, of which <ancient_arrow.h> says what it stands for, and a message. */
static PyObject *raise_errno(struct py_state *state, int number, const char *message)
{
	struct ancient_error err = {.offset = ANCIENT_NO_OFFSET};

	if (number != ENOMEM && number != EIO)
		return PyErr_Format(PyExc_ValueError, "%s", message);
	err.code = number == ENOMEM ? ANCIENT_E_MEMORY : ANCIENT_E_TORN_AWAY;
	snprintf(err.message, sizeof err.message, "%s", message);
	return py_raise(state, NULL, &err);
}

PyObject *py_arrow_next(PyObject *module, PyObject *capsule)
{
	struct ArrowArrayStream *stream = py_capsule_to_stream(capsule);
	struct ArrowArray array = {0};
	int failed;

	if (stream == NULL)
		return NULL;
	Py_BEGIN_ALLOW_THREADS;
	failed = stream->get_next(stream, &array);
	Py_END_ALLOW_THREADS;
	if (failed != 0) {
		const char *message = stream->get_last_error(stream);

		return raise_errno(PyModule_GetState(module), failed,
				   message == NULL ? "no more is known" : message);
	}
	if (array.release == NULL)
		Py_RETURN_NONE;
	return py_capsule_array(&array);
}

/* ---- In place ------------------------------------------------------------------------ */

static int make_numbers(PyObject *object, struct ArrowSchema *schema, struct ArrowArray *array)
{
	const struct py_view *view = (const struct py_view *)object;
	struct ancient_error err;

	if (ancient_arrow_numbers(view->snapshot->file, view->value, schema, array, &err) ==
	    ANCIENT_OK)
		return 0;
	raise(view->snapshot, &err);
	return -1;
}

PyObject *py_arrow_numbers(PyObject *object, PyObject *const *args, Py_ssize_t nargs,
			   PyObject *names)
{
	struct ArrowSchema schema;
	struct ArrowArray array;
	PyObject *requested, *type, *numbers;

	/* There is one way to give out what lies in the file. */
	if (requested_argument("__arrow_c_array__", args, nargs, names, &requested) < 0 ||
	    make_numbers(object, &schema, &array) < 0)
		return NULL;
	type = py_capsule_schema(&schema);
	numbers = py_capsule_array(&array);
	if (type != NULL && numbers != NULL)
		return Py_BuildValue("(NN)", type, numbers);
	Py_XDECREF(type);
	Py_XDECREF(numbers);
	return NULL;
}

PyObject *py_arrow_numbers_schema(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	struct ArrowSchema schema;
	struct ArrowArray array;

	if (make_numbers(object, &schema, &array) < 0)
		return NULL;
	array.release(&array);
	return py_capsule_schema(&schema);
}
