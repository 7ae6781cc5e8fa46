/* python/column: Column, the numbers that ancient.column returns: a buffer, with what a list has
 * for reading.  Made by take.c. */
#include "column/column.h"

#include "column/column_arrow.h"
#include "column/column_travel.h"
#include "module/module.h"
#include "module/threads.h"
#include "raw/dlpack.h"
#include "raw/sequence.h"
#include "docs.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

Py_ssize_t py_column_format_bytes(const char *format)
{
	if (format[0] == '\0' || format[1] != '\0')
		return 0;
	return format[0] == 'q' || format[0] == 'd' ? 8 : format[0] == '?' ? 1 : 0;
}

bool py_column_is_present(const struct py_column *column, Py_ssize_t i)
{
	return column->present == Py_None ||
	       *py_column_item_at((const struct py_column *)column->present, i) != 0;
}

void py_column_copy(const struct py_column *column, void *to)
{
	char *out = to;

	if (column->step == column->item_bytes && column->count > 0) {
		memcpy(out, column->at, (size_t)(column->count * column->item_bytes));
		return;
	}
	for (Py_ssize_t i = 0; i < column->count; i++)
		memcpy(out + i * column->item_bytes, py_column_item_at(column, i),
		       (size_t)column->item_bytes);
}

/* ---- Making and unmaking ------------------------------------------------------------ */

/* Takes the reference to the memory over. */
static struct py_column *column_alloc(struct py_state *state, struct py_shared_memory *memory,
				      struct py_column_parts parts)
{
	struct py_column *self = (struct py_column *)state->column->tp_alloc(state->column, 0);

	if (self == NULL) {
		py_shared_memory_drop(memory);
		return NULL;
	}
	self->memory = memory;
	self->present = Py_NewRef(parts.present);
	self->categories = Py_NewRef(parts.categories != NULL ? parts.categories : Py_None);
	self->offsets = Py_NewRef(parts.offsets != NULL ? parts.offsets : Py_None);
	return self;
}

PyObject *py_column_new(struct py_state *state, struct py_large *data, Py_ssize_t count,
			const char *format, struct py_column_parts parts)
{
	static const char *const formats[] = {"q", "d", "?"};
	struct py_shared_memory *memory = py_shared_memory_new(data);
	struct py_column *self = NULL;

	if (memory == NULL)
		return PyErr_NoMemory();
	if (parts.present != NULL)
		self = column_alloc(state, memory, parts);
	else
		py_shared_memory_drop(memory);
	if (self == NULL)
		return NULL;
	self->at = memory->large.at;
	self->count = count;
	self->item_bytes = self->step = py_column_format_bytes(format);
	self->whole = true;
	for (size_t i = 0; i < Py_ARRAY_LENGTH(formats); i++)
		if (formats[i][0] == format[0])
			self->format = formats[i];
	return (PyObject *)self;
}

static void column_dealloc(PyObject *object)
{
	struct py_column *self = (struct py_column *)object;
	PyTypeObject *type = Py_TYPE(object);

	py_clear_weak_references(object, &self->weak_references);
	py_shared_memory_drop(self->memory);
	Py_XDECREF(self->present);
	Py_XDECREF(self->categories);
	Py_XDECREF(self->offsets);
	type->tp_free(object);
	Py_DECREF(type);
}

/* ---- Buffer ------------------------------------------------------------------------- */

static int column_buffer(PyObject *object, Py_buffer *buffer, int flags)
{
	struct py_column *self = (struct py_column *)object;
	bool contiguous = self->step == self->item_bytes || self->count < 2;

	if (!contiguous &&
	    ((flags & PyBUF_STRIDES) != PyBUF_STRIDES ||
	     (flags & (PyBUF_C_CONTIGUOUS | PyBUF_F_CONTIGUOUS | PyBUF_ANY_CONTIGUOUS) &
	      ~PyBUF_STRIDES) != 0)) {
		PyErr_SetString(PyExc_BufferError,
				"the rows of this slice do not lie one behind the other");
		return -1;
	}
	*buffer = (Py_buffer){
		.buf = self->at,
		.obj = Py_NewRef(object),
		.len = self->count * self->item_bytes,
		.itemsize = self->item_bytes,
		.ndim = 1,
		.format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? (char *)(uintptr_t)self->format
								 : NULL,
		.shape = (flags & PyBUF_ND) == PyBUF_ND ? &self->count : NULL,
		.strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &self->step : NULL,
	};
	return 0;
}

/* ---- As a sequence ------------------------------------------------------------------ */

static Py_ssize_t column_length(PyObject *object)
{
	return ((struct py_column *)object)->count;
}

static PyObject *item_of(const struct py_column *self, Py_ssize_t i)
{
	const char *at = py_column_item_at(self, i);
	int64_t integer;
	double number;

	switch (self->format[0]) {
	case '?':
		return PyBool_FromLong(*at != 0);
	case 'd':
		memcpy(&number, at, sizeof number);
		return PyFloat_FromDouble(number);
	default:
		memcpy(&integer, at, sizeof integer);
		return PyLong_FromLongLong(integer);
	}
}

static PyObject *column_item(PyObject *object, Py_ssize_t i)
{
	const struct py_column *self = (const struct py_column *)object;

	if (i < 0 || i >= self->count)
		return PyErr_Format(PyExc_IndexError, "index out of range: the column has %zd rows",
				    self->count);
	return item_of(self, i);
}

static PyObject *slice(PyObject *object, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count)
{
	const struct py_column *self = (const struct py_column *)object;
	struct py_state *state = PyModule_GetState(PyType_GetModule(Py_TYPE(object)));
	struct py_column_parts parts = {Py_None, self->categories, NULL};
	struct py_column *part;

	if (self->present != Py_None) {
		parts.present = slice(self->present, start, step, count);
		if (parts.present == NULL)
			return NULL;
	}
	part = column_alloc(state, py_shared_memory_hold(self->memory), parts);
	if (self->present != Py_None)
		Py_DECREF(parts.present);
	if (part == NULL)
		return NULL;
	part->at = count > 0 ? self->at + start * self->step : self->at;
	part->count = count;
	part->item_bytes = self->item_bytes;
	part->step = count > 1 ? step * self->step : self->item_bytes;
	part->format = self->format;
	return (PyObject *)part;
}

static PyObject *column_subscript(PyObject *object, PyObject *key)
{
	Py_ssize_t start, stop, step, count;

	if (!PySlice_Check(key))
		return py_sequence_subscript(object, key);
	if (PySlice_Unpack(key, &start, &stop, &step) < 0)
		return NULL;
	count = PySlice_AdjustIndices(column_length(object), &start, &stop, step);
	return slice(object, start, step, count);
}

static PyObject *column_tolist(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct py_column *self = (const struct py_column *)object;
	PyObject *list = PyList_New(self->count);

	for (Py_ssize_t i = 0; list != NULL && i < self->count; i++) {
		PyObject *item = item_of(self, i);

		if (item == NULL)
			Py_CLEAR(list);
		else
			PyList_SET_ITEM(list, i, item);
	}
	return list;
}

static PyObject *column_iterate(PyObject *object)
{
	PyObject *list = column_tolist(object, NULL);
	PyObject *iterator = list == NULL ? NULL : PyObject_GetIter(list);

	Py_XDECREF(list);
	return iterator;
}

/* ---- Equality ----------------------------------------------------------------------- */

/* 1 equal, 0 not, -1 error */
static int items_equal(const struct py_column *a, const struct py_column *b, Py_ssize_t i)
{
	PyObject *left = item_of(a, i), *right = left == NULL ? NULL : item_of(b, i);
	int equal = right == NULL ? -1 : PyObject_RichCompareBool(left, right, Py_EQ);

	Py_XDECREF(left);
	Py_XDECREF(right);
	return equal;
}

/* Whether the rows that have values are the same, and have the same. */
static int rows_equal(const struct py_column *a, const struct py_column *b)
{
	bool alike = a->format == b->format && a->format[0] != 'd';

	for (Py_ssize_t i = 0; i < a->count; i++) {
		bool present = py_column_is_present(a, i);
		int equal = present == py_column_is_present(b, i);

		if (equal && present && alike)
			equal = memcmp(py_column_item_at(a, i), py_column_item_at(b, i),
				       (size_t)a->item_bytes) == 0;
		else if (equal && present)
			equal = items_equal(a, b, i);
		if (equal != 1)
			return equal;
	}
	return 1;
}

static int columns_equal(const struct py_column *a, const struct py_column *b)
{
	int equal = a->count == b->count;

	if (equal == 1)
		equal = PyObject_RichCompareBool(a->categories, b->categories, Py_EQ);
	if (equal == 1)
		equal = PyObject_RichCompareBool(a->offsets, b->offsets, Py_EQ);
	return equal == 1 ? rows_equal(a, b) : equal;
}

static PyObject *column_compare(PyObject *left, PyObject *right, int operator)
{
	int equal;

	if ((operator!= Py_EQ && operator!= Py_NE) || Py_TYPE(left) != Py_TYPE(right))
		Py_RETURN_NOTIMPLEMENTED;
	equal = columns_equal((const struct py_column *)left, (const struct py_column *)right);
	return equal < 0 ? NULL : PyBool_FromLong(equal == (operator== Py_EQ));
}

/* ---- Attributes --------------------------------------------------------------------- */

static PyObject *column_nbytes(PyObject *object, void *Py_UNUSED(closure))
{
	const struct py_column *self = (const struct py_column *)object;

	return PyLong_FromSsize_t(self->count * self->item_bytes);
}

/* The memory counts for the column that was made with it, and not for its slices. */
static PyObject *column_sizeof(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct py_column *self = (const struct py_column *)object;
	size_t bytes = sizeof *self;

	if (self->whole)
		bytes += sizeof *self->memory + self->memory->large.bytes;
	return PyLong_FromSize_t(bytes);
}

static PyObject *column_repr(PyObject *object)
{
	const struct py_column *self = (const struct py_column *)object;
	const char *type = self->format[0] == 'q'   ? "int64"
			   : self->format[0] == 'd' ? "float64"
						    : "bool";

	if (self->categories != Py_None)
		return PyUnicode_FromFormat("<ancient.Column of %zd %s, %zd categories>",
					    self->count, type, PyTuple_GET_SIZE(self->categories));
	if (self->offsets != Py_None)
		return PyUnicode_FromFormat("<ancient.Column of %zd %s in %zd rows>", self->count,
					    type, ((struct py_column *)self->offsets)->count - 1);
	return PyUnicode_FromFormat("<ancient.Column of %zd %s>", self->count, type);
}

/* ---- The type ----------------------------------------------------------------------- */

static PyMethodDef column_methods[] = {
	{"tolist", column_tolist, METH_NOARGS, PY_DOC_Column_tolist},
	{"index", (PyCFunction)(void (*)(void))py_sequence_index, METH_FASTCALL,
	 PY_DOC_Column_index},
	{"count", py_sequence_count, METH_O, PY_DOC_Column_count},
	{"__array__", (PyCFunction)(void (*)(void))py_column_array, METH_VARARGS | METH_KEYWORDS,
	 PY_DOC_Column___array__},
	{"__arrow_c_array__", (PyCFunction)(void (*)(void))py_column_arrow_array,
	 METH_VARARGS | METH_KEYWORDS, PY_DOC_Column___arrow_c_array__},
	{"__arrow_c_schema__", py_column_arrow_schema, METH_NOARGS,
	 "__arrow_c_schema__($self, /)\n--\n\nThe type of that array: a capsule."},
	PY_DLPACK_METHODS,
	{"__reduce_ex__", py_column_reduce, METH_O, NULL},
	{"__sizeof__", column_sizeof, METH_NOARGS, NULL},
	/* for annotations: Column[int] */
	{"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef column_getset[] = {
	{"nbytes", column_nbytes, NULL, PY_DOC_Column_nbytes, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef column_members[] = {
	{"present", T_OBJECT, offsetof(struct py_column, present), READONLY, PY_DOC_Column_present},
	{"categories", T_OBJECT, offsetof(struct py_column, categories), READONLY,
	 PY_DOC_Column_categories},
	{"offsets", T_OBJECT, offsetof(struct py_column, offsets), READONLY, PY_DOC_Column_offsets},
	{"__weaklistoffset__", T_PYSSIZET, offsetof(struct py_column, weak_references), READONLY,
	 NULL},
	{NULL, 0, 0, 0, NULL},
};

static PyType_Slot column_slots[] = {
	{Py_tp_doc, PY_DOC_Column},
	{Py_tp_dealloc, column_dealloc},
	{Py_tp_repr, column_repr},
	{Py_tp_iter, column_iterate},
	{Py_tp_richcompare, column_compare},
	{Py_tp_hash, PyObject_HashNotImplemented},
	{Py_tp_methods, column_methods},
	{Py_tp_members, column_members},
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
	.basicsize = sizeof(struct py_column),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = column_slots,
};

int py_column_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &column_spec, NULL, &state->column);
}
