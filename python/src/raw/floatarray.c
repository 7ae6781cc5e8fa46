/* python/raw: FloatArray, the view of an OCaml float array (or record of floats). */
#include "raw/floatarray.h"

#include "arrow/arrow.h"
#include "module/errors.h"
#include "module/module.h"
#include "module/snapshot.h"
#include "raw/dlpack.h"
#include "raw/sequence.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "walk/compare.h"
#include "walk/repr.h"
#include "docs.h"

#include <string.h>

struct float_array {
	struct py_view view;
	const double *floats; /* in the mapping */
	Py_ssize_t count;
};

PyObject *py_float_array_new(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	const double *floats;
	size_t count;

	if (ancient_float_array_get(snapshot->file, value, &floats, &count, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return py_float_array_make(snapshot, value, floats, count);
}

PyObject *py_float_array_make(struct py_snapshot *snapshot, struct ancient_value value,
			      const double *floats, size_t count)
{
	PyObject *self = py_view_new(snapshot->state->float_array, snapshot, value);

	if (self != NULL) {
		((struct float_array *)self)->floats = floats;
		((struct float_array *)self)->count = (Py_ssize_t)count;
	}
	return self;
}

static Py_ssize_t array_length(PyObject *self)
{
	return ((struct float_array *)self)->count;
}

static double load(const struct float_array *array, Py_ssize_t i)
{
	uint64_t word = __atomic_load_n((const uint64_t *)(const void *)(array->floats + i),
					__ATOMIC_RELAXED);
	double number;

	memcpy(&number, &word, sizeof number);
	return number;
}

static PyObject *array_item(PyObject *self, Py_ssize_t i)
{
	const struct float_array *array = (const struct float_array *)self;
	double number;

	if (i < 0 || i >= array->count)
		return py_fail(array->view.snapshot, ANCIENT_E_NO_INDEX, ANCIENT_NO_OFFSET,
			       "index out of range: the float array has %zd elements",
			       array->count);
	number = load(array, i);
	if (py_stands(array->view.snapshot) < 0)
		return NULL;
	return PyFloat_FromDouble(number);
}

PyObject *py_float_array_tolist(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	const struct float_array *array = (const struct float_array *)self;
	uint64_t held = 0;
	PyObject *list;
	Py_ssize_t i;

	if (py_hold(array->view.snapshot, array->floats, 8 * (uint64_t)array->count, &held) < 0)
		return NULL;
	list = PyList_New(array->count);
	for (i = 0; list != NULL && i < array->count; i++) {
		PyObject *number = PyFloat_FromDouble(load(array, i));

		if (number == NULL)
			Py_CLEAR(list);
		else
			PyList_SET_ITEM(list, i, number);
	}
	if (list != NULL && py_stands(array->view.snapshot) < 0)
		Py_CLEAR(list);
	return list;
}

static int array_buffer(PyObject *self, Py_buffer *buffer, int flags)
{
	static Py_ssize_t stride = sizeof(double); /* constant: nobody writes to it */
	struct float_array *array = (struct float_array *)self;

	if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE) {
		PyErr_SetString(PyExc_BufferError, "an ancient.FloatArray is read-only");
		return -1;
	}
	if (py_stands(array->view.snapshot) < 0)
		return -1;
	buffer->obj = Py_NewRef(self);
	buffer->buf = (void *)(uintptr_t)array->floats;
	buffer->len = array->count * (Py_ssize_t)sizeof(double);
	buffer->itemsize = sizeof(double);
	buffer->readonly = 1;
	buffer->ndim = 1;
	buffer->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? (char *)(uintptr_t) "d" : NULL;
	buffer->shape = (flags & PyBUF_ND) == PyBUF_ND ? &array->count : NULL;
	buffer->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &stride : NULL;
	buffer->suboffsets = NULL;
	buffer->internal = NULL;
	return 0;
}

static PyObject *element_repr(PyObject *self, Py_ssize_t i)
{
	PyObject *number = array_item(self, i), *text;

	if (number == NULL)
		return NULL;
	text = PyObject_Repr(number);
	Py_DECREF(number);
	return text;
}

static PyObject *array_repr(PyObject *self)
{
	PyObject *text, *elements = py_repr_elements(self, element_repr, array_length(self));

	if (elements == NULL)
		return NULL;
	text = PyUnicode_FromFormat("<ancient.FloatArray size=%zd %U>", array_length(self),
				    elements);
	Py_DECREF(elements);
	return text;
}

static PyMethodDef array_methods[] = {
	{"index", (PyCFunction)(void (*)(void))py_sequence_index, METH_FASTCALL,
	 PY_DOC_FloatArray_index},
	{"count", py_sequence_count, METH_O, PY_DOC_FloatArray_count},
	{"tolist", py_float_array_tolist, METH_NOARGS, PY_DOC_FloatArray_tolist},
	PY_DLPACK_METHODS,
	PY_ARROW_NUMBERS_METHODS(FloatArray),
	PY_VIEW_METHODS(py_view_reduce),
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef array_attributes[] = {
	{"offset", py_view_offset, NULL, PY_DOC_FloatArray_offset, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot array_slots[] = {
	{Py_tp_doc, PY_DOC_FloatArray},
	{Py_tp_dealloc, py_view_dealloc},
	{Py_tp_repr, array_repr},
	{Py_tp_richcompare, py_raw_compare},
	{Py_tp_hash, PyObject_HashNotImplemented},
	{Py_tp_iter, PySeqIter_New},
	{Py_tp_methods, array_methods},
	{Py_tp_members, py_view_members},
	{Py_tp_getset, array_attributes},
	{Py_sq_length, array_length},
	{Py_sq_item, array_item},
	{Py_mp_length, array_length},
	{Py_mp_subscript, py_sequence_subscript},
	{Py_bf_getbuffer, array_buffer},
	{0, NULL},
};

static PyType_Spec array_spec = {
	.name = "ancient.FloatArray",
	.basicsize = sizeof(struct float_array),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE |
		 Py_TPFLAGS_SEQUENCE,
	.slots = array_slots,
};

int py_float_array_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &array_spec, "Sequence", &state->float_array);
}
