/* python/raw: Bigarray, the view of an OCaml bigarray of any kind, rank and layout. */
#include "raw/bigarray.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "module/module.h"
#include "module/snapshot.h"
#include "raw/value.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "walk/compare.h"

#include <string.h>

#include <ancient/format.h>

struct bigarray {
	struct py_view view;
	struct ancient_bigarray array;
	Py_ssize_t shape[ANCIENT_BIGARRAY_DIMS_MAX];
	Py_ssize_t strides[ANCIENT_BIGARRAY_DIMS_MAX]; /* in bytes */
};

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
static bool lay_out(struct bigarray *self)
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
	((struct bigarray *)self)->array = found;
	if (lay_out((struct bigarray *)self))
		return self;
	Py_DECREF(self);
	return py_fail(snapshot, ANCIENT_E_TOO_LARGE, value.word - snapshot->base,
		       "the dimensions of a bigarray without elements are too large for Python");
}

/* ---- Elements ------------------------------------------------------------------- */

/* IEEE half to double; exact. */
static double from_half(uint16_t half)
{
	uint64_t sign = (uint64_t)(half >> 15) << 63, exponent = (half >> 10) & 31;
	uint64_t fraction = half & 1023, bits;
	double number;

	if (exponent == 0) {
		number = (double)fraction / (1 << 24);
		return sign != 0 ? -number : number;
	}
	exponent = exponent == 31 ? 2047 : exponent - 15 + 1023;
	bits = sign | exponent << 52 | fraction << 42;
	memcpy(&number, &bits, sizeof number);
	return number;
}

#define LOAD(type, at)                                                                             \
	({                                                                                         \
		type loaded;                                                                       \
		memcpy(&loaded, (at), sizeof loaded);                                              \
		loaded;                                                                            \
	})

static PyObject *element(const struct ancient_bigarray *array, uint64_t i)
{
	const unsigned char *at = (const unsigned char *)array->data + i * array->item_bytes;

	switch (array->kind) {
	case ANCIENT_BIGARRAY_FLOAT32:
		return PyFloat_FromDouble((double)LOAD(float, at));
	case ANCIENT_BIGARRAY_FLOAT64:
		return PyFloat_FromDouble(LOAD(double, at));
	case ANCIENT_BIGARRAY_FLOAT16:
		return PyFloat_FromDouble(from_half(LOAD(uint16_t, at)));
	case ANCIENT_BIGARRAY_INT8_SIGNED:
		return PyLong_FromLong(LOAD(int8_t, at));
	case ANCIENT_BIGARRAY_INT8_UNSIGNED:
	case ANCIENT_BIGARRAY_CHAR:
		return PyLong_FromLong(LOAD(uint8_t, at));
	case ANCIENT_BIGARRAY_INT16_SIGNED:
		return PyLong_FromLong(LOAD(int16_t, at));
	case ANCIENT_BIGARRAY_INT16_UNSIGNED:
		return PyLong_FromLong(LOAD(uint16_t, at));
	case ANCIENT_BIGARRAY_INT32:
		return PyLong_FromLong(LOAD(int32_t, at));
	case ANCIENT_BIGARRAY_COMPLEX32:
		return PyComplex_FromDoubles((double)LOAD(float, at), (double)LOAD(float, at + 4));
	case ANCIENT_BIGARRAY_COMPLEX64:
		return PyComplex_FromDoubles(LOAD(double, at), LOAD(double, at + 8));
	default:
		return py_int(LOAD(int64_t, at));
	}
}

/* Nested lists, one axis a level; at most 16 levels, so this may recurse. */
static PyObject *axis_list(const struct bigarray *self, unsigned axis, uint64_t first)
{
	Py_ssize_t size = self->shape[axis], i;
	uint64_t step = (uint64_t)self->strides[axis] / self->array.item_bytes;
	PyObject *list = PyList_New(size);

	for (i = 0; list != NULL && i < size; i++) {
		uint64_t at = first + (uint64_t)i * step;
		PyObject *item = NULL;

		if (axis + 1 < self->array.dims)
			item = axis_list(self, axis + 1, at);
		else if (py_interrupted((uint64_t)i) == 0)
			item = element(&self->array, at);
		if (item == NULL)
			Py_CLEAR(list);
		else
			PyList_SET_ITEM(list, i, item);
	}
	return list;
}

/* An array with a dimension of 0 has no elements but may ask for any number of lists. */
static bool too_many_lists(const struct bigarray *self)
{
	uint64_t lists = 1;
	unsigned i;

	for (i = 0; i < self->array.dims && lists > 0; i++)
		if (__builtin_mul_overflow(lists, (uint64_t)self->shape[i], &lists) ||
		    (self->array.count == 0 && lists > self->view.snapshot->words))
			return true;
	return false;
}

PyObject *py_bigarray_tolist(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct bigarray *self = (const struct bigarray *)object;
	PyObject *list;

	if (too_many_lists(self))
		return py_fail(self->view.snapshot, ANCIENT_E_TOO_LARGE,
			       self->view.value.word - self->view.snapshot->base,
			       "a bigarray without elements has dimensions that are too large for "
			       "a list");
	list = self->array.dims == 0 ? element(&self->array, 0) : axis_list(self, 0, 0);
	if (list != NULL && py_stands(self->view.snapshot) < 0)
		Py_CLEAR(list);
	return list;
}

/* ---- Equality ------------------------------------------------------------------- */

static bool floats_equal(const struct ancient_bigarray *a, const struct ancient_bigarray *b,
			 uint64_t numbers)
{
	const unsigned char *left = a->data, *right = b->data;
	uint64_t i;

	for (i = 0; i < numbers; i++)
		switch (a->kind) {
		case ANCIENT_BIGARRAY_FLOAT16:
			if (from_half(LOAD(uint16_t, left + 2 * i)) !=
			    from_half(LOAD(uint16_t, right + 2 * i)))
				return false;
			break;
		case ANCIENT_BIGARRAY_FLOAT32:
		case ANCIENT_BIGARRAY_COMPLEX32:
			if (LOAD(float, left + 4 * i) != LOAD(float, right + 4 * i))
				return false;
			break;
		default:
			if (LOAD(double, left + 8 * i) != LOAD(double, right + 8 * i))
				return false;
		}
	return true;
}

bool py_bigarray_equal(const struct ancient_bigarray *a, const struct ancient_bigarray *b)
{
	unsigned i;

	if (a->kind != b->kind || a->fortran != b->fortran || a->dims != b->dims)
		return false;
	for (i = 0; i < a->dims; i++)
		if (a->dim[i] != b->dim[i])
			return false;
	switch (a->kind) {
	case ANCIENT_BIGARRAY_FLOAT16:
	case ANCIENT_BIGARRAY_FLOAT32:
	case ANCIENT_BIGARRAY_FLOAT64:
		return floats_equal(a, b, a->count);
	case ANCIENT_BIGARRAY_COMPLEX32:
	case ANCIENT_BIGARRAY_COMPLEX64:
		return floats_equal(a, b, 2 * a->count);
	default:
		return memcmp(a->data, b->data, a->count * a->item_bytes) == 0;
	}
}

/* ---- Buffer --------------------------------------------------------------------- */

static bool c_contiguous(const struct ancient_bigarray *array)
{
	return !array->fortran || array->dims < 2;
}

static bool f_contiguous(const struct ancient_bigarray *array)
{
	return array->fortran || array->dims < 2;
}

/* Why a request cannot be met, or NULL. */
static const char *refusal(const struct ancient_bigarray *array, int flags)
{
	if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE)
		return "an ancient.Bigarray is read-only";
	if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !c_contiguous(array))
		return "the bigarray has Fortran layout, not C layout";
	if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && !f_contiguous(array))
		return "the bigarray has C layout, not Fortran layout";
	if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES && !c_contiguous(array))
		return "the bigarray has Fortran layout, so its buffer needs strides";
	return NULL;
}

static int bigarray_buffer(PyObject *object, Py_buffer *buffer, int flags)
{
	struct bigarray *self = (struct bigarray *)object;
	const char *why = refusal(&self->array, flags);

	if (why != NULL) {
		PyErr_SetString(PyExc_BufferError, why);
		return -1;
	}
	if (py_stands(self->view.snapshot) < 0)
		return -1;
	buffer->obj = Py_NewRef(object);
	buffer->buf = (void *)(uintptr_t)self->array.data;
	buffer->len = (Py_ssize_t)(self->array.count * self->array.item_bytes);
	buffer->itemsize = (Py_ssize_t)self->array.item_bytes;
	buffer->readonly = 1;
	buffer->ndim = (int)self->array.dims;
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
	return PyUnicode_FromString(kinds[((struct bigarray *)self)->array.kind].name);
}

static PyObject *get_layout(PyObject *self, void *Py_UNUSED(closure))
{
	return PyUnicode_FromString(((struct bigarray *)self)->array.fortran ? "fortran" : "c");
}

static PyObject *get_shape(PyObject *object, void *Py_UNUSED(closure))
{
	const struct bigarray *self = (const struct bigarray *)object;
	PyObject *shape = PyTuple_New((Py_ssize_t)self->array.dims);
	unsigned i;

	for (i = 0; shape != NULL && i < self->array.dims; i++) {
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
	const struct ancient_bigarray *array = &((struct bigarray *)object)->array;

	return PyLong_FromUnsignedLongLong(array->count * array->item_bytes);
}

static PyObject *bigarray_repr(PyObject *object)
{
	const struct bigarray *self = (const struct bigarray *)object;
	PyObject *text, *shape = get_shape(object, NULL);

	if (shape == NULL)
		return NULL;
	text = PyUnicode_FromFormat("<ancient.Bigarray kind='%s' shape=%R layout='%s'>",
				    kinds[self->array.kind].name, shape,
				    self->array.fortran ? "fortran" : "c");
	Py_DECREF(shape);
	return text;
}

static PyMethodDef bigarray_methods[] = {
	{"tolist", py_bigarray_tolist, METH_NOARGS,
	 "tolist($self, /)\n--\n\n"
	 "The elements as nested lists, so that v.tolist()[i][j] is the element (i, j) in\n"
	 "either layout; a single number where there are no dimensions."},
	PY_VIEW_METHODS(py_view_reduce),
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef bigarray_attributes[] = {
	{"kind", get_kind, NULL,
	 "'float16', 'float32', 'float64', 'int8', 'uint8', 'int16', 'uint16', 'int32',\n"
	 "'int64', 'int' (OCaml's, 63 bits), 'nativeint', 'complex32' (two float32),\n"
	 "'complex64' (two float64) or 'char'.",
	 NULL},
	{"layout", get_layout, NULL, "'c' (last index fastest) or 'fortran' (first fastest).",
	 NULL},
	{"shape", get_shape, NULL, "The dimensions.", NULL},
	{"nbytes", get_nbytes, NULL, "Bytes of all elements.", NULL},
	{"offset", py_view_offset, NULL, "Where in the file the OCaml block lies.", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot bigarray_slots[] = {
	{Py_tp_doc, "A view of an OCaml bigarray.\n\n"
		    "A read-only buffer: numpy.asarray(v) uses the file in place, with the right\n"
		    "shape, strides and type.  Indices count from 0 in either layout."},
	{Py_tp_dealloc, py_view_dealloc},
	{Py_tp_repr, bigarray_repr},
	{Py_tp_richcompare, py_raw_compare},
	{Py_tp_hash, PyObject_HashNotImplemented},
	{Py_tp_methods, bigarray_methods},
	{Py_tp_members, py_view_members},
	{Py_tp_getset, bigarray_attributes},
	{Py_bf_getbuffer, bigarray_buffer},
	{0, NULL},
};

static PyType_Spec bigarray_spec = {
	.name = "ancient.Bigarray",
	.basicsize = sizeof(struct bigarray),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = bigarray_slots,
};

int py_bigarray_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &bigarray_spec, NULL, &state->bigarray);
}
