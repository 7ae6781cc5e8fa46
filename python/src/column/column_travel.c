/* python/column: columns for numpy by its own protocol, and pickles of columns, which hold their
 * data: a column is a copy already, and needs no file. */
#include "column/column_travel.h"

#include "column/column.h"

#include <string.h>

/* ---- __array__ ---------------------------------------------------------------------- */

/* The array over the column's memory, where it has the type that is asked for. */
static PyObject *array_in_place(PyObject *numpy, PyObject *view, PyObject *type)
{
	PyObject *array = PyObject_CallMethod(numpy, "asarray", "O", view);
	PyObject *wanted, *has;
	int same = 1;

	if (array == NULL || type == Py_None)
		return array;
	wanted = PyObject_CallMethod(numpy, "dtype", "O", type);
	has = wanted == NULL ? NULL : PyObject_GetAttrString(array, "dtype");
	same = has == NULL ? -1 : PyObject_RichCompareBool(has, wanted, Py_EQ);
	Py_XDECREF(wanted);
	Py_XDECREF(has);
	if (same == 0)
		PyErr_SetString(PyExc_ValueError,
				"a Column has another dtype, so copy=False cannot be met");
	if (same != 1)
		Py_CLEAR(array);
	return array;
}

PyObject *py_column_array(PyObject *self, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"dtype", "copy", NULL};
	PyObject *type = Py_None, *copy = Py_None, *numpy, *view = NULL, *array = NULL;
	int copies = 0;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O$O:__array__", names, &type, &copy))
		return NULL;
	copies = copy == Py_None ? 0 : PyObject_IsTrue(copy);
	if (copies < 0)
		return NULL;
	numpy = PyImport_ImportModule("numpy");
	if (numpy != NULL)
		view = PyMemoryView_FromObject(self);
	if (view != NULL && copy == Py_None)
		array = PyObject_CallMethod(numpy, "asarray", "OO", view, type);
	else if (view != NULL && copies)
		array = PyObject_CallMethod(numpy, "array", "OO", view, type);
	else if (view != NULL)
		array = array_in_place(numpy, view, type);
	Py_XDECREF(view);
	Py_XDECREF(numpy);
	return array;
}

/* ---- Pickles ------------------------------------------------------------------------ */

/* The data of a column: its memory itself, which protocol 5 may hand on without a copy, or
 * bytes. */
static PyObject *data_of(PyObject *object, long protocol)
{
	const struct py_column *self = (const struct py_column *)object;
	PyObject *bytes;

	if (protocol >= 5 && self->step == self->item_bytes)
		return PyPickleBuffer_FromObject(object);
	bytes = PyBytes_FromStringAndSize(NULL, self->count * self->item_bytes);
	if (bytes != NULL)
		py_column_copy(self, PyBytes_AS_STRING(bytes));
	return bytes;
}

PyObject *py_column_reduce(PyObject *object, PyObject *protocol)
{
	const struct py_column *self = (const struct py_column *)object;
	const struct py_state *state = PyModule_GetState(PyType_GetModule(Py_TYPE(object)));
	long number = PyLong_AsLong(protocol);

	if (number == -1 && PyErr_Occurred())
		return NULL;
	return Py_BuildValue("(N(NsOOO))", PyObject_GetAttrString(state->module, "_restore_column"),
			     data_of(object, number), self->format, self->present, self->categories,
			     self->offsets);
}

static bool is_column(const struct py_state *state, PyObject *object, char format, Py_ssize_t least)
{
	const struct py_column *column = (const struct py_column *)object;

	return Py_IS_TYPE(object, state->column) && column->format[0] == format &&
	       column->count >= least;
}

bool py_column_are_offsets(const struct py_column *offsets, Py_ssize_t values)
{
	int64_t last = 0, next;

	for (Py_ssize_t i = 0; i < offsets->count; i++) {
		memcpy(&next, py_column_item_at(offsets, i), sizeof next);
		if (next < last || (i == 0 && next != 0))
			return false;
		last = next;
	}
	return last == values;
}

static bool are_names(PyObject *categories)
{
	if (!PyTuple_Check(categories))
		return false;
	for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(categories); i++)
		if (!PyUnicode_Check(PyTuple_GET_ITEM(categories, i)))
			return false;
	return true;
}

/* Why a pickle is not of a column, or NULL. */
static const char *refusal(const struct py_state *state, const char *format, Py_ssize_t bytes,
			   const struct py_column_parts *parts)
{
	Py_ssize_t item = py_column_format_bytes(format), count;

	if (item == 0 || bytes % item != 0)
		return "a format, or a number of bytes, that no column has";
	count = bytes / item;
	if (parts->present != Py_None && (!is_column(state, parts->present, '?', count) ||
					  ((struct py_column *)parts->present)->count != count))
		return "a column with another number of rows than values";
	if (parts->categories != Py_None && (format[0] != 'q' || !are_names(parts->categories)))
		return "names that are none";
	if (parts->offsets != Py_None &&
	    (!is_column(state, parts->offsets, 'q', 1) ||
	     !py_column_are_offsets((struct py_column *)parts->offsets, count)))
		return "offsets that are none";
	return NULL;
}

static PyObject *restore(struct py_state *state, const Py_buffer *data, const char *format,
			 struct py_column_parts parts)
{
	const char *why = refusal(state, format, data->len, &parts);
	struct py_large memory = {0};

	if (why != NULL)
		return PyErr_Format(PyExc_ValueError, "not the pickle of a column: %s", why);
	/* One more item, as also a column without rows has an address. */
	if (!py_large_resize(&memory, (size_t)data->len + sizeof(int64_t)))
		return PyErr_NoMemory();
	if (PyBuffer_ToContiguous(memory.at, data, data->len, 'C') < 0) {
		py_large_free(&memory);
		return NULL;
	}
	for (Py_ssize_t i = 0; format[0] == '?' && i < data->len; i++)
		memory.at[i] = memory.at[i] != 0;
	return py_column_new(state, &memory, data->len / py_column_format_bytes(format), format,
			     parts);
}

PyObject *py_restore_column(PyObject *module, PyObject *args)
{
	struct py_column_parts parts;
	PyObject *object, *column;
	const char *format;
	Py_buffer data;

	if (!PyArg_ParseTuple(args, "OsOOO:_restore_column", &object, &format, &parts.present,
			      &parts.categories, &parts.offsets) ||
	    PyObject_GetBuffer(object, &data, PyBUF_FULL_RO) < 0)
		return NULL;
	column = restore(PyModule_GetState(module), &data, format, parts);
	PyBuffer_Release(&data);
	return column;
}
