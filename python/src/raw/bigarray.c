/* python/raw: Bigarray, the view of an OCaml bigarray of any kind, rank and layout. */
#include "raw/bigarray.h"

#include "arrow/arrow.h"
#include "module/errors.h"
#include "module/module.h"
#include "module/snapshot.h"
#include "raw/bigarray_index.h"
#include "raw/bigarray_slice.h"
#include "raw/dlpack.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "walk/compare.h"
#include "docs.h"

#include <string.h>

#include <ancient/format.h>

/* Names as in FORMAT appendix A.  Formats as in the struct module, with numpy's 'Z' for
 * complex numbers; each of these is what numpy and memoryview call the same type. */
static const struct {
	const char *name;
	const char *format;
} kinds[ANCIENT_BIGARRAY_KINDS] = {
	[ANCIENT_BIGARRAY_FLOAT32] = {"float32", "f"},
	[ANCIENT_BIGARRAY_FLOAT64] = {"float64", "d"},
	[ANCIENT_BIGARRAY_INT8_SIGNED] = {"int8", "b"},
	[ANCIENT_BIGARRAY_INT8_UNSIGNED] = {"uint8", "B"},
	[ANCIENT_BIGARRAY_INT16_SIGNED] = {"int16", "h"},
	[ANCIENT_BIGARRAY_INT16_UNSIGNED] = {"uint16", "H"},
	[ANCIENT_BIGARRAY_INT32] = {"int32", "i"},
	[ANCIENT_BIGARRAY_INT64] = {"int64", "l"},
	[ANCIENT_BIGARRAY_INT] = {"int", "l"},
	[ANCIENT_BIGARRAY_NATIVEINT] = {"nativeint", "l"},
	[ANCIENT_BIGARRAY_COMPLEX32] = {"complex32", "Zf"},
	[ANCIENT_BIGARRAY_COMPLEX64] = {"complex64", "Zd"},
	[ANCIENT_BIGARRAY_CHAR] = {"char", "B"},
	[ANCIENT_BIGARRAY_FLOAT16] = {"float16", "e"},
};

const char *py_bigarray_kind_name(int kind)
{
	return kind >= 0 && kind < ANCIENT_BIGARRAY_KINDS ? kinds[kind].name : NULL;
}

/* False where a dimension or stride does not fit Py_ssize_t, which only arrays without
 * elements can reach. */
static bool lay_out(struct py_bigarray *self)
{
	const struct ancient_bigarray *array = &self->array;
	Py_ssize_t stride = (Py_ssize_t)array->item_bytes;
	unsigned i, n = array->dims;

	for (i = 0; i < n; i++) {
		unsigned axis = array->fortran ? i : n - 1 - i;
		uint64_t dim = array->dim[axis];

		if (dim > PY_SSIZE_T_MAX)
			return false;
		self->shape[axis] = (Py_ssize_t)dim;
		self->strides[axis] = stride;
		if (dim > 0 && __builtin_mul_overflow(stride, (Py_ssize_t)dim, &stride))
			return false;
	}
	return true;
}

PyObject *py_bigarray_new(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	struct ancient_bigarray found;
	PyObject *self;

	if (ancient_bigarray_get(snapshot->file, value, &found, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	if (py_bigarray_kind_name(found.kind) == NULL || found.dims > ANCIENT_BIGARRAY_DIMS_MAX)
		return py_fail(snapshot, ANCIENT_E_WRONG_KIND, value.word - snapshot->base,
			       "a kind of bigarray this package does not know: %d", found.kind);
	self = py_view_new(snapshot->state->bigarray, snapshot, value);
	if (self == NULL)
		return NULL;
	((struct py_bigarray *)self)->array = found;
	((struct py_bigarray *)self)->first = found.data;
	((struct py_bigarray *)self)->dims = found.dims;
	if (lay_out((struct py_bigarray *)self))
		return self;
	Py_DECREF(self);
	return py_fail(snapshot, ANCIENT_E_TOO_LARGE, value.word - snapshot->base,
		       "the dimensions of a bigarray without elements are too large for Python");
}

/* ---- Equality ------------------------------------------------------------------- */

bool py_bigarray_equal(const struct ancient_bigarray *a, const struct ancient_bigarray *b)
{
	unsigned i;

	if (a->kind != b->kind || a->fortran != b->fortran || a->dims != b->dims)
		return false;
	for (i = 0; i < a->dims; i++)
		if (a->dim[i] != b->dim[i])
			return false;
	if (!py_bigarray_is_inexact(a->kind))
		return memcmp(a->data, b->data, a->count * a->item_bytes) == 0;
	for (uint64_t at = 0; at < a->count * a->item_bytes; at += a->item_bytes)
		if (!py_bigarray_same_element(a->kind, (const unsigned char *)a->data + at,
					      (const unsigned char *)b->data + at, a->item_bytes))
			return false;
	return true;
}

/* ---- Buffer --------------------------------------------------------------------- */

/* Whether the elements lie one behind the other, the last index running fastest, or the first. */
static bool contiguous(const struct py_bigarray *self, bool fortran)
{
	Py_ssize_t step = (Py_ssize_t)self->array.item_bytes;

	for (unsigned i = 0; i < self->dims; i++)
		if (self->shape[i] == 0)
			return true;
	for (unsigned i = 0; i < self->dims; i++) {
		unsigned axis = fortran ? i : self->dims - 1 - i;

		if (self->shape[axis] > 1 && self->strides[axis] != step)
			return false;
		step *= self->shape[axis];
	}
	return true;
}

/* Why a request cannot be met, or NULL. */
static const char *refusal(const struct py_bigarray *self, int flags)
{
	bool c = contiguous(self, false), fortran = contiguous(self, true);

	if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE)
		return "an ancient.Bigarray is read-only";
	if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !c)
		return fortran ? "the bigarray has Fortran layout, not C layout"
			       : "the elements of the slice do not lie in C layout";
	if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && !fortran)
		return c ? "the bigarray has C layout, not Fortran layout"
			 : "the elements of the slice do not lie in Fortran layout";
	if ((flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS && !c && !fortran)
		return "the elements of the slice do not lie one behind the other";
	if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES && !c)
		return fortran ? "the bigarray has Fortran layout, so its buffer needs strides"
			       : "the elements of the slice do not lie one behind the other, so "
				 "its buffer needs strides";
	return NULL;
}

static int bigarray_buffer(PyObject *object, Py_buffer *buffer, int flags)
{
	struct py_bigarray *self = (struct py_bigarray *)object;
	const char *why = refusal(self, flags);

	if (why != NULL) {
		PyErr_SetString(PyExc_BufferError, why);
		return -1;
	}
	if (py_stands(self->view.snapshot) < 0)
		return -1;
	buffer->obj = Py_NewRef(object);
	buffer->buf = (void *)(uintptr_t)self->first;
	buffer->len = (Py_ssize_t)(py_bigarray_count(self) * self->array.item_bytes);
	buffer->itemsize = (Py_ssize_t)self->array.item_bytes;
	buffer->readonly = 1;
	buffer->ndim = (int)self->dims;
	buffer->format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT
				 ? (char *)(uintptr_t)kinds[self->array.kind].format
				 : NULL;
	buffer->shape = (flags & PyBUF_ND) == PyBUF_ND ? self->shape : NULL;
	buffer->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? self->strides : NULL;
	buffer->suboffsets = NULL;
	buffer->internal = NULL;
	return 0;
}

/* ---- Attributes ----------------------------------------------------------------- */

static PyObject *get_kind(PyObject *self, void *Py_UNUSED(closure))
{
	return PyUnicode_FromString(kinds[((struct py_bigarray *)self)->array.kind].name);
}

static PyObject *get_layout(PyObject *self, void *Py_UNUSED(closure))
{
	return PyUnicode_FromString(((struct py_bigarray *)self)->array.fortran ? "fortran" : "c");
}

static PyObject *get_shape(PyObject *object, void *Py_UNUSED(closure))
{
	const struct py_bigarray *self = (const struct py_bigarray *)object;
	PyObject *shape = PyTuple_New((Py_ssize_t)self->dims);
	unsigned i;

	for (i = 0; shape != NULL && i < self->dims; i++) {
		PyObject *dim = PyLong_FromSsize_t(self->shape[i]);

		if (dim == NULL)
			Py_CLEAR(shape);
		else
			PyTuple_SET_ITEM(shape, i, dim);
	}
	return shape;
}

static PyObject *get_nbytes(PyObject *object, void *Py_UNUSED(closure))
{
	const struct py_bigarray *self = (const struct py_bigarray *)object;

	return PyLong_FromUnsignedLongLong(py_bigarray_count(self) * self->array.item_bytes);
}

static PyObject *bigarray_repr(PyObject *object)
{
	const struct py_bigarray *self = (const struct py_bigarray *)object;
	PyObject *text, *shape = get_shape(object, NULL);

	if (shape == NULL)
		return NULL;
	text = PyUnicode_FromFormat("<%s kind='%s' shape=%R layout='%s'>", Py_TYPE(object)->tp_name,
				    kinds[self->array.kind].name, shape,
				    self->array.fortran ? "fortran" : "c");
	Py_DECREF(shape);
	return text;
}

/* A slice is no raw value of its own. */
static PyObject *bigarray_compare(PyObject *left, PyObject *right, int operator)
{
	const struct py_state *state = ((struct py_view *)left)->snapshot->state;

	return Py_IS_TYPE(right, state->bigarray_slice)
		       ? py_bigarray_slice_compare(left, right, operator)
		       : py_raw_compare(left, right, operator);
}

#define METHODS(reduce, ...)                                                                       \
	{                                                                                          \
		{"tolist", py_bigarray_tolist, METH_NOARGS, PY_DOC_Bigarray_tolist},               \
			PY_DLPACK_METHODS, PY_VIEW_METHODS(reduce), __VA_ARGS__                    \
		{                                                                                  \
			NULL, NULL, 0, NULL                                                        \
		}                                                                                  \
	}

static PyMethodDef bigarray_methods[] =
	METHODS(py_view_reduce, PY_ARROW_NUMBERS_METHODS(Bigarray), );
static PyMethodDef slice_methods[] = METHODS(py_bigarray_slice_reduce, );

static PyGetSetDef bigarray_attributes[] = {
	{"kind", get_kind, NULL, PY_DOC_Bigarray_kind, NULL},
	{"layout", get_layout, NULL, PY_DOC_Bigarray_layout, NULL},
	{"shape", get_shape, NULL, PY_DOC_Bigarray_shape, NULL},
	{"nbytes", get_nbytes, NULL, PY_DOC_Bigarray_nbytes, NULL},
	{"offset", py_view_offset, NULL, PY_DOC_Bigarray_offset, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

#define SLOTS(doc, compare, methods)                                                               \
	{                                                                                          \
		{Py_tp_doc, doc}, {Py_tp_dealloc, py_view_dealloc}, {Py_tp_repr, bigarray_repr},   \
			{Py_tp_richcompare, compare}, {Py_tp_hash, PyObject_HashNotImplemented},   \
			{Py_tp_iter, py_bigarray_iterate}, {Py_tp_methods, methods},               \
			{Py_tp_members, py_view_members}, {Py_tp_getset, bigarray_attributes},     \
			{Py_sq_length, py_bigarray_length}, {Py_sq_item, py_bigarray_item},        \
			{Py_mp_length, py_bigarray_length},                                        \
			{Py_mp_subscript, py_bigarray_subscript},                                  \
			{Py_bf_getbuffer, bigarray_buffer},                                        \
		{                                                                                  \
			0, NULL                                                                    \
		}                                                                                  \
	}

static PyType_Slot bigarray_slots[] = SLOTS(PY_DOC_Bigarray, bigarray_compare, bigarray_methods);
static PyType_Slot slice_slots[] =
	SLOTS(PY_DOC_BigarraySlice, py_bigarray_slice_compare, slice_methods);

static PyType_Spec bigarray_spec = {
	.name = "ancient.Bigarray",
	.basicsize = sizeof(struct py_bigarray),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = bigarray_slots,
};

static PyType_Spec slice_spec = {
	.name = "ancient.BigarraySlice",
	.basicsize = sizeof(struct py_bigarray),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = slice_slots,
};

int py_bigarray_init(PyObject *module, struct py_state *state)
{
	if (py_add_type(module, &bigarray_spec, NULL, &state->bigarray) < 0)
		return -1;
	return py_add_type(module, &slice_spec, NULL, &state->bigarray_slice);
}
