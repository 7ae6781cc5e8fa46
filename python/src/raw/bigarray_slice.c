/* python/raw: slices of bigarrays (bigarray_slice.h): comparing and pickling them. */
#include "raw/bigarray_slice.h"

#include "module/interrupt.h"
#include "module/snapshot.h"
#include "raw/bigarray_index.h"
#include "raw/view.h"

#include <string.h>

PyObject *py_bigarray_slice_new(const struct py_bigarray *of, const unsigned char *first,
				unsigned dims, const Py_ssize_t *shape, const Py_ssize_t *strides)
{
	struct py_snapshot *snapshot = of->view.snapshot;
	PyObject *object = py_view_new(snapshot->state->bigarray_slice, snapshot, of->view.value);
	struct py_bigarray *self = (struct py_bigarray *)object;

	if (object == NULL)
		return NULL;
	self->array = of->array;
	self->first = first;
	self->dims = dims;
	memcpy(self->shape, shape, dims * sizeof shape[0]);
	memcpy(self->strides, strides, dims * sizeof strides[0]);
	return object;
}

/* ---- Equality ---------------------------------------------------------------------- */

/* Elements from two places on, for the dimensions from `axis` on: at most 16, so this may
 * recurse.  1 equal, 0 not, -1 error */
static int equal_from(const struct py_bigarray *a, const unsigned char *left,
		      const struct py_bigarray *b, const unsigned char *right, unsigned axis)
{
	int equal = 1;

	if (axis == a->dims)
		return py_bigarray_same_element(a->array.kind, left, right, a->array.item_bytes);
	for (Py_ssize_t i = 0; i < a->shape[axis] && equal == 1; i++)
		equal = py_interrupted((uint64_t)i) < 0
				? -1
				: equal_from(a, left + i * a->strides[axis], b,
					     right + i * b->strides[axis], axis + 1);
	return equal;
}

static int slices_equal(const struct py_bigarray *a, const struct py_bigarray *b)
{
	int equal;

	if (a->array.kind != b->array.kind || a->dims != b->dims ||
	    memcmp(a->shape, b->shape, a->dims * sizeof a->shape[0]) != 0)
		return 0;
	equal = py_bigarray_count(a) == 0 ? 1 : equal_from(a, a->first, b, b->first, 0);
	if (py_stands(a->view.snapshot) < 0 || py_stands(b->view.snapshot) < 0)
		return -1;
	return equal;
}

PyObject *py_bigarray_slice_compare(PyObject *left, PyObject *right, int operation)
{
	const struct py_state *state = ((struct py_view *)left)->snapshot->state;
	int equal;

	if ((operation != Py_EQ && operation != Py_NE) ||
	    (!Py_IS_TYPE(right, state->bigarray) && !Py_IS_TYPE(right, state->bigarray_slice)))
		Py_RETURN_NOTIMPLEMENTED;
	equal = slices_equal((const struct py_bigarray *)left, (const struct py_bigarray *)right);
	return equal < 0 ? NULL : PyBool_FromLong(equal == (operation == Py_EQ));
}

/* ---- Pickles ----------------------------------------------------------------------- */

static PyObject *numbers(const Py_ssize_t *from, unsigned count)
{
	PyObject *tuple = PyTuple_New((Py_ssize_t)count);

	for (unsigned i = 0; tuple != NULL && i < count; i++) {
		PyObject *number = PyLong_FromSsize_t(from[i]);

		if (number == NULL)
			Py_CLEAR(tuple);
		else
			PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, number);
	}
	return tuple;
}

/* The bigarray that it is a slice of, and which elements. */
PyObject *py_bigarray_slice_reduce(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct py_bigarray *self = (const struct py_bigarray *)object;
	struct py_snapshot *snapshot = self->view.snapshot;
	const unsigned char *data = self->array.data;

	return Py_BuildValue(
		"(N(NnNN))",
		PyObject_GetAttrString(snapshot->state->module, "_restore_bigarray_slice"),
		py_bigarray_new(snapshot, self->view.value), (Py_ssize_t)(self->first - data),
		numbers(self->shape, self->dims), numbers(self->strides, self->dims));
}

static int read_numbers(PyObject *tuple, unsigned dims, Py_ssize_t *to)
{
	for (unsigned i = 0; i < dims; i++) {
		to[i] = PyLong_AsSsize_t(PyTuple_GET_ITEM(tuple, (Py_ssize_t)i));
		if (to[i] == -1 && PyErr_Occurred())
			return -1;
	}
	return 0;
}

/* Whether all elements that a pickle speaks of are elements of the bigarray, each at most once or
 * at least no more than those. */
static bool within(const struct py_bigarray *whole, Py_ssize_t first, unsigned dims,
		   const Py_ssize_t *shape, const Py_ssize_t *strides)
{
	const Py_ssize_t item = (Py_ssize_t)whole->array.item_bytes;
	const Py_ssize_t bytes = (Py_ssize_t)(whole->array.count * whole->array.item_bytes);
	Py_ssize_t low = first, high = first, count = 1;
	bool empty = false;

	if (first < 0 || first > bytes || first % item != 0)
		return false;
	for (unsigned i = 0; i < dims; i++) {
		if (shape[i] < 0 || strides[i] % item != 0)
			return false;
		empty |= shape[i] == 0;
	}
	for (unsigned i = 0; i < dims && !empty; i++) {
		Py_ssize_t reach;

		if (__builtin_mul_overflow(count, shape[i], &count) ||
		    __builtin_mul_overflow(shape[i] - 1, strides[i], &reach) ||
		    __builtin_add_overflow(reach < 0 ? low : high, reach,
					   reach < 0 ? &low : &high) ||
		    low < 0 || high > bytes - item)
			return false;
	}
	return empty || (high <= bytes - item && count <= bytes / item);
}

PyObject *py_restore_bigarray_slice(PyObject *module, PyObject *args)
{
	const struct py_state *state = PyModule_GetState(module);
	Py_ssize_t shape[ANCIENT_BIGARRAY_DIMS_MAX], strides[ANCIENT_BIGARRAY_DIMS_MAX], first;
	PyObject *whole, *shapes, *steps;
	const struct py_bigarray *of;
	unsigned dims;

	if (!PyArg_ParseTuple(args, "O!nO!O!:_restore_bigarray_slice", state->bigarray, &whole,
			      &first, &PyTuple_Type, &shapes, &PyTuple_Type, &steps))
		return NULL;
	of = (const struct py_bigarray *)whole;
	if (PyTuple_GET_SIZE(shapes) > (Py_ssize_t)of->dims ||
	    PyTuple_GET_SIZE(steps) != PyTuple_GET_SIZE(shapes))
		return PyErr_Format(PyExc_ValueError, "a slice has other dimensions");
	dims = (unsigned)PyTuple_GET_SIZE(shapes);
	if (read_numbers(shapes, dims, shape) < 0 || read_numbers(steps, dims, strides) < 0)
		return NULL;
	if (!within(of, first, dims, shape, strides))
		return PyErr_Format(PyExc_ValueError, "a slice of elements that are none");
	return py_bigarray_slice_new(of, (const unsigned char *)of->array.data + first, dims, shape,
				     strides);
}
