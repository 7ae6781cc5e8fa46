/* python/raw: subscripts, index() and count() of Block and FloatArray, by the sq_length and
 * sq_item of their types. */
#include "raw/sequence.h"

#include "module/interrupt.h"

static PyObject *slice(PyObject *self, PyObject *key, Py_ssize_t size)
{
	ssizeargfunc item = Py_TYPE(self)->tp_as_sequence->sq_item;
	Py_ssize_t start, stop, step, length, i;
	PyObject *elements;

	if (PySlice_Unpack(key, &start, &stop, &step) < 0)
		return NULL;
	length = PySlice_AdjustIndices(size, &start, &stop, step);
	elements = PyTuple_New(length);
	for (i = 0; elements != NULL && i < length; i++) {
		PyObject *element =
			py_interrupted((uint64_t)i) < 0 ? NULL : item(self, start + i * step);

		if (element == NULL)
			Py_CLEAR(elements);
		else
			PyTuple_SET_ITEM(elements, i, element);
	}
	return elements;
}

PyObject *py_sequence_subscript(PyObject *self, PyObject *key)
{
	Py_ssize_t size = PySequence_Size(self), i;

	if (size < 0)
		return NULL;
	if (PySlice_Check(key))
		return slice(self, key, size);
	if (!PyIndex_Check(key))
		return PyErr_Format(PyExc_TypeError, "indices of %s are int or slice, not %.200s",
				    Py_TYPE(self)->tp_name, Py_TYPE(key)->tp_name);
	i = PyNumber_AsSsize_t(key, PyExc_IndexError);
	if (i == -1 && PyErr_Occurred())
		return NULL;
	return Py_TYPE(self)->tp_as_sequence->sq_item(self, i < 0 ? i + size : i);
}

/* 1 equal, 0 not, -1 error */
static int element_equals(PyObject *self, Py_ssize_t i, PyObject *value)
{
	PyObject *element = Py_TYPE(self)->tp_as_sequence->sq_item(self, i);
	int equal;

	if (element == NULL)
		return -1;
	equal = PyObject_RichCompareBool(element, value, Py_EQ);
	Py_DECREF(element);
	return equal;
}

static int to_bound(PyObject *object, Py_ssize_t size, Py_ssize_t *ret_bound)
{
	Py_ssize_t bound = PyNumber_AsSsize_t(object, NULL);

	if (bound == -1 && PyErr_Occurred())
		return -1;
	if (bound < 0)
		bound = bound + size < 0 ? 0 : bound + size;
	*ret_bound = bound > size ? size : bound;
	return 0;
}

PyObject *py_sequence_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
	Py_ssize_t size = PySequence_Size(self), start = 0, stop = size, i;

	if (size < 0)
		return NULL;
	if (nargs < 1 || nargs > 3)
		return PyErr_Format(PyExc_TypeError, "index() takes 1 to 3 arguments, not %zd",
				    nargs);
	if ((nargs > 1 && to_bound(args[1], size, &start) < 0) ||
	    (nargs > 2 && to_bound(args[2], size, &stop) < 0))
		return NULL;
	for (i = start; i < stop; i++) {
		int equal = py_interrupted((uint64_t)i) < 0 ? -1 : element_equals(self, i, args[0]);

		if (equal < 0)
			return NULL;
		if (equal)
			return PyLong_FromSsize_t(i);
	}
	return PyErr_Format(PyExc_ValueError, "no element of %s equals the value",
			    Py_TYPE(self)->tp_name);
}

PyObject *py_sequence_count(PyObject *self, PyObject *value)
{
	Py_ssize_t size = PySequence_Size(self), count = 0, i;

	if (size < 0)
		return NULL;
	for (i = 0; i < size; i++) {
		int equal = py_interrupted((uint64_t)i) < 0 ? -1 : element_equals(self, i, value);

		if (equal < 0)
			return NULL;
		count += equal;
	}
	return PyLong_FromSsize_t(count);
}
