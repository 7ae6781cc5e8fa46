/* python: columns: one field of all elements of a value, copied into a buffer in one call. */
#include "large.h"
#include "typed.h"

#include <string.h>

/* Rows of one step: signals are let through in between. */
#define STEP 65536

struct column {
	PyObject_HEAD struct py_large data;
	Py_ssize_t count, item_bytes;
	const char *format; /* in the letters of the struct module */
	PyObject *present;  /* a column of bool, or None */
};

/* ---- The object ------------------------------------------------------------------- */

static int column_buffer(PyObject *object, Py_buffer *buffer, int flags)
{
	struct column *self = (struct column *)object;

	*buffer = (Py_buffer){
		.buf = self->data.at,
		.obj = Py_NewRef(object),
		.len = self->count * self->item_bytes,
		.itemsize = self->item_bytes,
		.ndim = 1,
		.format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? (char *)(uintptr_t)self->format
								 : NULL,
		.shape = (flags & PyBUF_ND) == PyBUF_ND ? &self->count : NULL,
		.strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &self->item_bytes : NULL,
	};
	return 0;
}

static void column_dealloc(PyObject *object)
{
	struct column *self = (struct column *)object;
	PyTypeObject *type = Py_TYPE(object);

	py_large_free(&self->data);
	Py_XDECREF(self->present);
	type->tp_free(object);
	Py_DECREF(type);
}

static Py_ssize_t column_length(PyObject *object)
{
	return ((struct column *)object)->count;
}

static PyObject *column_subscript(PyObject *object, PyObject *key)
{
	PyObject *view = PyMemoryView_FromObject(object);
	PyObject *part = view == NULL ? NULL : PyObject_GetItem(view, key);

	Py_XDECREF(view);
	return part;
}

static PyObject *column_item(PyObject *object, Py_ssize_t i)
{
	PyObject *view = PyMemoryView_FromObject(object);
	PyObject *item = view == NULL ? NULL : PySequence_GetItem(view, i);

	Py_XDECREF(view);
	return item;
}

static PyObject *column_tolist(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	PyObject *view = PyMemoryView_FromObject(object);
	PyObject *list = view == NULL ? NULL : PyObject_CallMethod(view, "tolist", NULL);

	Py_XDECREF(view);
	return list;
}

static PyObject *column_iterate(PyObject *object)
{
	PyObject *list = column_tolist(object, NULL);
	PyObject *iterator = list == NULL ? NULL : PyObject_GetIter(list);

	Py_XDECREF(list);
	return iterator;
}

static PyObject *column_present(PyObject *object, void *Py_UNUSED(closure))
{
	return Py_NewRef(((struct column *)object)->present);
}

static PyObject *column_repr(PyObject *object)
{
	const struct column *self = (const struct column *)object;

	return PyUnicode_FromFormat("<ancient.Column of %zd %s>", self->count,
				    self->format[0] == 'q'   ? "int64"
				    : self->format[0] == 'd' ? "float64"
							     : "bool");
}

static PyMethodDef column_methods[] = {
	{"tolist", column_tolist, METH_NOARGS, "tolist($self, /)\n--\n\nThe values as a list."},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef column_getset[] = {
	{"present", column_present, NULL,
	 "Which rows have a value: a Column of bool; None where all have.", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot column_slots[] = {
	{Py_tp_doc, "Numbers copied out of a file, one for each element of a value: a buffer."},
	{Py_tp_dealloc, column_dealloc},
	{Py_tp_repr, column_repr},
	{Py_tp_iter, column_iterate},
	{Py_tp_methods, column_methods},
	{Py_tp_getset, column_getset},
	{Py_sq_length, column_length},
	{Py_sq_item, column_item},
	{Py_mp_length, column_length},
	{Py_mp_subscript, column_subscript},
	{Py_bf_getbuffer, column_buffer},
	{0, NULL},
};

static PyType_Spec column_spec = {
	.name = "ancient.Column",
	.basicsize = sizeof(struct column),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = column_slots,
};

int py_column_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &column_spec, NULL, &state->column);
}

/* Takes over the data, also where it fails. */
static PyObject *column_new(struct py_state *state, struct py_large *data, Py_ssize_t count,
			    const char *format, Py_ssize_t item_bytes, PyObject *present)
{
	struct column *self = NULL;

	if (present != NULL)
		self = (struct column *)state->column->tp_alloc(state->column, 0);
	if (self == NULL) {
		py_large_free(data);
		return NULL;
	}
	/* One that is empty has an address too. */
	self->data = *data;
	*data = (struct py_large){0};
	self->count = count;
	self->format = format;
	self->item_bytes = item_bytes;
	self->present = Py_NewRef(present);
	return (PyObject *)self;
}

/* ---- Taking columns --------------------------------------------------------------- */

struct taken {
	struct py_large data;    /* of numbers: all of them; of strings: of one step */
	struct py_large present; /* where the column is optional */
	PyObject *list;          /* of strings */
};

struct taking {
	const struct py_typed *view;
	struct ancient_scan scan;
	size_t count;                   /* of columns */
	struct ancient_column *columns; /* as many */
	struct taken *taken;
	size_t expected; /* rows; 0: nobody knows before */
	size_t rows, room;
};

static int fail(const struct taking *taking, const struct ancient_error *err)
{
	struct py_snapshot *snapshot = taking->view->view.snapshot;

	py_raise(snapshot->state, snapshot->name, err);
	return -1;
}

static bool is_text(const struct ancient_column *column)
{
	return column->kind == ANCIENT_COLUMN_STRING;
}

static int resolve(struct taking *taking, size_t i, PyObject *path, bool keys)
{
	struct ancient_error err;
	const char *text;

	if (!PyUnicode_Check(path)) {
		PyErr_Format(PyExc_TypeError, "a column's path is str, not %.200s",
			     Py_TYPE(path)->tp_name);
		return -1;
	}
	text = PyUnicode_AsUTF8(path);
	if (text == NULL)
		return -1;
	if (strlen(text) != (size_t)PyUnicode_GET_LENGTH(path) && PyUnicode_IS_ASCII(path)) {
		PyErr_SetString(PyExc_ValueError, "a column's path has no null character");
		return -1;
	}
	if (ancient_column_init(&taking->scan, keys, text, &taking->columns[i], &err) != ANCIENT_OK)
		return fail(taking, &err);
	if (is_text(&taking->columns[i])) {
		taking->taken[i].list = PyList_New(0);
		return taking->taken[i].list == NULL ? -1 : 0;
	}
	return 0;
}

static int resize(struct py_large *memory, size_t items, size_t item_bytes)
{
	if (items > (size_t)PY_SSIZE_T_MAX / item_bytes) {
		PyErr_NoMemory();
		return -1;
	}
	return py_large_resize(memory, items * item_bytes);
}

/* How many rows an array has is at hand; whatever else has elements would have to be counted. */
static int expect(struct taking *taking)
{
	const struct py_typed *view = taking->view;
	struct ancient_error err;
	uint64_t rows;

	if (py_schema_type(view->schema, view->type)->kind != ANCIENT_TYPE_ARRAY)
		return 0;
	if (ancient_typed_length(view->view.snapshot->file, view->schema->schema, py_typed_of(view),
				 &rows, &err) != ANCIENT_OK)
		return fail(taking, &err);
	taking->expected = rows;
	return 0;
}

/* Room for a step more, and the columns told where it is. */
static int make_room(struct taking *taking)
{
	bool grows = taking->room - taking->rows < STEP;
	size_t room = !grows              ? taking->room
		      : taking->room == 0 ? taking->expected + STEP
					  : 2 * taking->room + STEP;

	for (size_t i = 0; i < taking->count; i++) {
		struct ancient_column *column = &taking->columns[i];
		struct taken *taken = &taking->taken[i];
		size_t at = is_text(column) ? 0 : taking->rows;

		if (grows &&
		    resize(&taken->data, is_text(column) ? STEP : room, column->item_bytes) < 0)
			return -1;
		if (grows && column->optional &&
		    resize(&taken->present, is_text(column) ? STEP : room, 1) < 0)
			return -1;
		column->data = taken->data.at + at * column->item_bytes;
		column->present = column->optional ? (uint8_t *)taken->present.at + at : NULL;
	}
	taking->room = room;
	return 0;
}

/* The strings of a step: None where there is none. */
static int add_texts(const struct taking *taking, size_t i, size_t rows)
{
	const struct ancient_column *column = &taking->columns[i];
	struct py_snapshot *snapshot = taking->view->view.snapshot;
	const struct ancient_type *type = py_schema_type(taking->view->schema, column->type);
	bool as_bytes = type->bytes || type->kind == ANCIENT_TYPE_BYTES || snapshot->as_bytes;

	for (size_t row = 0; row < rows; row++) {
		const struct ancient_bytes *bytes =
			(const struct ancient_bytes *)column->data + row;
		PyObject *text = column->present != NULL && column->present[row] == 0
					 ? Py_NewRef(Py_None)
					 : py_text(snapshot, bytes->bytes, bytes->length, as_bytes);
		int failed = text == NULL ? -1 : PyList_Append(taking->taken[i].list, text);

		Py_XDECREF(text);
		if (failed < 0)
			return -1;
	}
	return 0;
}

static int take(struct taking *taking)
{
	size_t rows;

	do {
		struct ancient_error err;
		enum ancient_code code;

		if (make_room(taking) < 0)
			return -1;
		Py_BEGIN_ALLOW_THREADS;
		code = ancient_scan_next(&taking->scan, taking->columns, taking->count, STEP, &rows,
					 &err);
		Py_END_ALLOW_THREADS;
		if (code != ANCIENT_OK)
			return fail(taking, &err);
		for (size_t i = 0; i < taking->count; i++)
			if (taking->taken[i].list != NULL && add_texts(taking, i, rows) < 0)
				return -1;
		taking->rows += rows;
		if (PyErr_CheckSignals() < 0)
			return -1;
	} while (rows == STEP);
	return 0;
}

/* What the caller gets for a column: the memory that is not needed is given back. */
static PyObject *result(struct taking *taking, size_t i)
{
	struct py_state *state = taking->view->view.snapshot->state;
	const struct ancient_column *column = &taking->columns[i];
	struct taken *taken = &taking->taken[i];
	Py_ssize_t rows = (Py_ssize_t)taking->rows;
	PyObject *present, *made;
	const char *format;

	if (taken->list != NULL)
		return Py_NewRef(taken->list);
	if (resize(&taken->data, taking->rows + 1, column->item_bytes) < 0 ||
	    (column->optional && resize(&taken->present, taking->rows + 1, 1) < 0))
		return NULL;
	present = !column->optional ? Py_NewRef(Py_None)
				    : column_new(state, &taken->present, rows, "?", 1, Py_None);
	format = column->kind == ANCIENT_COLUMN_FLOAT  ? "d"
		 : column->kind == ANCIENT_COLUMN_BOOL ? "?"
						       : "q";
	made = column_new(state, &taken->data, rows, format, (Py_ssize_t)column->item_bytes,
			  present);
	Py_XDECREF(present);
	return made;
}

static PyObject *take_all(struct taking *taking, PyObject *const *paths, bool keys)
{
	const struct py_typed *view = taking->view;
	PyObject *results = NULL;
	struct ancient_error err;
	size_t i;

	if (ancient_scan_init(view->view.snapshot->file, view->schema->schema, py_typed_of(view),
			      false, &taking->scan, &err) != ANCIENT_OK) {
		fail(taking, &err);
		return NULL;
	}
	for (i = 0; i < taking->count; i++)
		if (resolve(taking, i, paths[i], keys) < 0)
			return NULL;
	if (expect(taking) < 0 || take(taking) < 0)
		return NULL;
	results = PyTuple_New((Py_ssize_t)taking->count);
	for (i = 0; results != NULL && i < taking->count; i++) {
		PyObject *column = result(taking, i);

		if (column == NULL)
			Py_CLEAR(results);
		else
			PyTuple_SET_ITEM(results, (Py_ssize_t)i, column);
	}
	return results;
}

static PyObject *take_columns(struct py_state *state, PyObject *object, PyObject *const *paths,
			      size_t count, bool keys)
{
	struct taking taking = {.view = (const struct py_typed *)object, .count = count};
	PyObject *results = NULL;

	if (!PyObject_TypeCheck(object, state->list) && !PyObject_TypeCheck(object, state->array) &&
	    !PyObject_TypeCheck(object, state->mapping) && !PyObject_TypeCheck(object, state->set))
		return PyErr_Format(PyExc_TypeError,
				    "columns are taken of a List, Array, Hashtbl, Map or Set of a "
				    "store, not of %.200s (a FloatArray is a buffer itself)",
				    Py_TYPE(object)->tp_name);
	taking.columns = PyMem_Calloc(count + 1, sizeof *taking.columns);
	taking.taken = PyMem_Calloc(count + 1, sizeof *taking.taken);
	if (taking.columns == NULL || taking.taken == NULL)
		PyErr_NoMemory();
	else
		results = take_all(&taking, paths, keys);
	for (size_t i = 0; taking.taken != NULL && i < count; i++) {
		py_large_free(&taking.taken[i].data);
		py_large_free(&taking.taken[i].present);
		Py_XDECREF(taking.taken[i].list);
	}
	PyMem_Free(taking.columns);
	PyMem_Free(taking.taken);
	return results;
}

/* ---- The functions ---------------------------------------------------------------- */

/* keys=BOOL, the only keyword of both: 0, 1, or -1 with an exception. */
static int keys_keyword(const char *function, PyObject *const *values, PyObject *names)
{
	if (names == NULL || PyTuple_GET_SIZE(names) == 0)
		return 0;
	if (PyTuple_GET_SIZE(names) > 1 ||
	    PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "keys") != 0) {
		PyErr_Format(PyExc_TypeError, "%s() knows no keyword but keys", function);
		return -1;
	}
	return PyObject_IsTrue(values[0]);
}

PyObject *py_column(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
	int keys = keys_keyword("column", args + nargs, names);
	PyObject *whole, *results, *column;

	if (keys < 0)
		return NULL;
	if (nargs != 1 && nargs != 2)
		return PyErr_Format(PyExc_TypeError,
				    "column() takes a view and a path, got %zd arguments", nargs);
	whole = nargs == 1 ? PyUnicode_New(0, 127) : Py_NewRef(args[1]);
	results = whole == NULL ? NULL
				: take_columns(PyModule_GetState(module), args[0], &whole, 1, keys);
	column = results == NULL ? NULL : Py_NewRef(PyTuple_GET_ITEM(results, 0));
	Py_XDECREF(results);
	Py_XDECREF(whole);
	return column;
}

PyObject *py_columns(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
	int keys = keys_keyword("columns", args + nargs, names);

	if (keys < 0)
		return NULL;
	if (nargs < 2)
		return PyErr_Format(PyExc_TypeError, "columns() takes a view and paths");
	return take_columns(PyModule_GetState(module), args[0], args + 1, (size_t)nargs - 1, keys);
}
