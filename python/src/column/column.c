/* python/column: Column, the buffer of numbers that ancient.column returns..  Made by take.c. */
#include "column/column.h"

#include "column/huge_pages.h"
#include "module/module.h"

struct column {
	PyObject_HEAD struct py_large data;
	Py_ssize_t count, item_bytes;
	const char *format; /* in the letters of the struct module */
	PyObject *present;  /* a column of bool, or None */
};

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

PyObject *py_column_new(struct py_state *state, struct py_large *data, Py_ssize_t count,
			const char *format, Py_ssize_t item_bytes, PyObject *present)
{
	struct column *self = NULL;

	if (present != NULL)
		self = (struct column *)state->column->tp_alloc(state->column, 0);
	if (self == NULL) {
		py_large_free(data);
		return NULL;
	}
	/* Also a column without rows has an address, as buffers need one. */
	self->data = *data;
	*data = (struct py_large){0};
	self->count = count;
	self->format = format;
	self->item_bytes = item_bytes;
	self->present = Py_NewRef(present);
	return (PyObject *)self;
}
