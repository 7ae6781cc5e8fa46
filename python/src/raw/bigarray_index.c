/* python/raw: the elements of bigarrays: as numbers, as lists, by index (bigarray_index.h). */
#include "raw/bigarray_index.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "module/snapshot.h"
#include "raw/bigarray_slice.h"
#include "raw/value.h"

#include <string.h>

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

static PyObject *element(int kind, const unsigned char *at)
{
	switch (kind) {
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

/* The elements that a position with an index for each dimension leads to are in the mapping. */
static PyObject *element_of(const struct py_bigarray *self, const unsigned char *at)
{
	PyObject *number = element(self->array.kind, at);

	if (number != NULL && py_stands(self->view.snapshot) < 0)
		Py_CLEAR(number);
	return number;
}

bool py_bigarray_is_inexact(int kind)
{
	switch (kind) {
	case ANCIENT_BIGARRAY_FLOAT16:
	case ANCIENT_BIGARRAY_FLOAT32:
	case ANCIENT_BIGARRAY_FLOAT64:
	case ANCIENT_BIGARRAY_COMPLEX32:
	case ANCIENT_BIGARRAY_COMPLEX64:
		return true;
	default:
		return false;
	}
}

bool py_bigarray_same_element(int kind, const unsigned char *a, const unsigned char *b,
			      uint64_t bytes)
{
	switch (kind) {
	case ANCIENT_BIGARRAY_FLOAT16:
		return from_half(LOAD(uint16_t, a)) == from_half(LOAD(uint16_t, b));
	case ANCIENT_BIGARRAY_FLOAT32:
		return LOAD(float, a) == LOAD(float, b);
	case ANCIENT_BIGARRAY_FLOAT64:
		return LOAD(double, a) == LOAD(double, b);
	case ANCIENT_BIGARRAY_COMPLEX32:
		return LOAD(float, a) == LOAD(float, b) && LOAD(float, a + 4) == LOAD(float, b + 4);
	case ANCIENT_BIGARRAY_COMPLEX64:
		return LOAD(double, a) == LOAD(double, b) &&
		       LOAD(double, a + 8) == LOAD(double, b + 8);
	default:
		return memcmp(a, b, bytes) == 0;
	}
}

/* ---- Lists ---------------------------------------------------------------------- */

/* Nested lists, one axis a level; at most 16 levels, so this may recurse. */
static PyObject *axis_list(const struct py_bigarray *self, unsigned axis,
			   const unsigned char *first)
{
	Py_ssize_t size = self->shape[axis], i;
	PyObject *list = PyList_New(size);

	for (i = 0; list != NULL && i < size; i++) {
		const unsigned char *at = first + i * self->strides[axis];
		PyObject *item = NULL;

		if (axis + 1 < self->dims)
			item = axis_list(self, axis + 1, at);
		else if (py_interrupted((uint64_t)i) == 0)
			item = element(self->array.kind, at);
		if (item == NULL)
			Py_CLEAR(list);
		else
			PyList_SET_ITEM(list, i, item);
	}
	return list;
}

/* An array with a dimension of 0 has no elements but may ask for any number of lists. */
static bool too_many_lists(const struct py_bigarray *self)
{
	bool empty = py_bigarray_count(self) == 0;
	uint64_t lists = 1;
	unsigned i;

	for (i = 0; i < self->dims && lists > 0; i++)
		if (__builtin_mul_overflow(lists, (uint64_t)self->shape[i], &lists) ||
		    (empty && lists > self->view.snapshot->words))
			return true;
	return false;
}

PyObject *py_bigarray_tolist(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct py_bigarray *self = (const struct py_bigarray *)object;
	uint64_t held = 0;
	PyObject *list;

	if (py_hold(self->view.snapshot, self->first, 8 * py_bigarray_count(self), &held) < 0)
		return NULL;
	if (too_many_lists(self))
		return py_fail(self->view.snapshot, ANCIENT_E_TOO_LARGE,
			       self->view.value.word - self->view.snapshot->base,
			       "a bigarray without elements has dimensions that are too large for "
			       "a list");
	list = self->dims == 0 ? element(self->array.kind, self->first)
			       : axis_list(self, 0, self->first);
	if (list != NULL && py_stands(self->view.snapshot) < 0)
		Py_CLEAR(list);
	return list;
}

/* ---- Indices --------------------------------------------------------------------- */

/* What an index leads to: the dimensions that it leaves. */
struct part {
	const unsigned char *first;
	unsigned dims;
	Py_ssize_t shape[ANCIENT_BIGARRAY_DIMS_MAX], strides[ANCIENT_BIGARRAY_DIMS_MAX];
};

static void keep_axis(const struct py_bigarray *self, unsigned axis, struct part *part)
{
	part->shape[part->dims] = self->shape[axis];
	part->strides[part->dims++] = self->strides[axis];
}

static int take_number(const struct py_bigarray *self, unsigned axis, Py_ssize_t i,
		       struct part *part)
{
	Py_ssize_t size = self->shape[axis];

	if (i < -size || i >= size) {
		py_fail(self->view.snapshot, ANCIENT_E_NO_INDEX, ANCIENT_NO_OFFSET,
			"index %zd out of range: dimension %u of the bigarray is %zd", i, axis,
			size);
		return -1;
	}
	if (py_bigarray_count(self) > 0)
		part->first += (i < 0 ? i + size : i) * self->strides[axis];
	return 0;
}

static int take_slice(const struct py_bigarray *self, unsigned axis, PyObject *key,
		      struct part *part)
{
	Py_ssize_t start, stop, step, count;

	if (PySlice_Unpack(key, &start, &stop, &step) < 0)
		return -1;
	count = PySlice_AdjustIndices(self->shape[axis], &start, &stop, step);
	keep_axis(self, axis, part);
	part->shape[part->dims - 1] = count;
	if (count > 1)
		part->strides[part->dims - 1] *= step;
	if (count > 0 && py_bigarray_count(self) > 0)
		part->first += start * self->strides[axis];
	return 0;
}

/* One of the indices; `rest` dimensions belong to an ellipsis. */
static int take_key(const struct py_bigarray *self, PyObject *key, unsigned rest, unsigned *axis,
		    struct part *part)
{
	Py_ssize_t i;

	if (key == Py_Ellipsis) {
		while (rest-- > 0)
			keep_axis(self, (*axis)++, part);
		return 0;
	}
	if (PySlice_Check(key))
		return take_slice(self, (*axis)++, key, part);
	if (!PyIndex_Check(key)) {
		PyErr_Format(PyExc_TypeError,
			     "indices of a bigarray are int, slice or ..., not %.200s",
			     Py_TYPE(key)->tp_name);
		return -1;
	}
	i = PyNumber_AsSsize_t(key, PyExc_IndexError);
	return i == -1 && PyErr_Occurred() ? -1 : take_number(self, (*axis)++, i, part);
}

static PyObject *made_of(const struct py_bigarray *self, const struct part *part)
{
	if (part->dims == 0)
		return element_of(self, part->first);
	return py_bigarray_slice_new(self, part->first, part->dims, part->shape, part->strides);
}

static PyObject *subscript(const struct py_bigarray *self, PyObject *keys)
{
	struct part part = {.first = self->first};
	Py_ssize_t count = PyTuple_GET_SIZE(keys), ellipses = 0;
	unsigned axis = 0, rest;

	for (Py_ssize_t i = 0; i < count; i++)
		ellipses += PyTuple_GET_ITEM(keys, i) == Py_Ellipsis;
	if (ellipses > 1)
		return PyErr_Format(PyExc_IndexError, "an index has one ellipsis at most");
	if (count - ellipses > (Py_ssize_t)self->dims)
		return py_fail(self->view.snapshot, ANCIENT_E_NO_INDEX, ANCIENT_NO_OFFSET,
			       "%zd indices for a bigarray of %u dimensions", count - ellipses,
			       self->dims);
	rest = self->dims - (unsigned)(count - ellipses);
	for (Py_ssize_t i = 0; i < count; i++)
		if (take_key(self, PyTuple_GET_ITEM(keys, i), rest, &axis, &part) < 0)
			return NULL;
	while (axis < self->dims)
		keep_axis(self, axis++, &part);
	return made_of(self, &part);
}

PyObject *py_bigarray_subscript(PyObject *object, PyObject *key)
{
	PyObject *keys = PyTuple_Check(key) ? Py_NewRef(key) : PyTuple_Pack(1, key);
	PyObject *found = keys == NULL ? NULL : subscript((const struct py_bigarray *)object, keys);

	Py_XDECREF(keys);
	return found;
}

/* What has no elements may have any number of rows, which would all be gone through. */
PyObject *py_bigarray_iterate(PyObject *object)
{
	const struct py_bigarray *self = (const struct py_bigarray *)object;

	if (py_bigarray_count(self) > 0 || /* also where there are no dimensions */
	    (uint64_t)self->shape[0] <= self->view.snapshot->words)
		return PySeqIter_New(object);
	return py_fail(self->view.snapshot, ANCIENT_E_TOO_LARGE,
		       self->view.value.word - self->view.snapshot->base,
		       "a bigarray without elements has more rows than the file has words");
}

Py_ssize_t py_bigarray_length(PyObject *object)
{
	const struct py_bigarray *self = (const struct py_bigarray *)object;

	if (self->dims > 0)
		return self->shape[0];
	PyErr_SetString(PyExc_TypeError, "a bigarray without dimensions has no len()");
	return -1;
}

PyObject *py_bigarray_item(PyObject *object, Py_ssize_t i)
{
	const struct py_bigarray *self = (const struct py_bigarray *)object;
	struct part part = {.first = self->first};

	if (self->dims == 0)
		return PyErr_Format(PyExc_TypeError,
				    "a bigarray without dimensions has one element: v[()]");
	if (take_number(self, 0, i, &part) < 0)
		return NULL;
	for (unsigned axis = 1; axis < self->dims; axis++)
		keep_axis(self, axis, &part);
	return made_of(self, &part);
}
