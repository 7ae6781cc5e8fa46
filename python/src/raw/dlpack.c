/* python/raw: DLPack (dlpack.h): a capsule with the address, type, shape and strides of a buffer,
 * which it holds.
 *
 * Only from version 1.0 on can a producer say that its memory is read-only; consumers of earlier
 * ones would write to it, and a mapping of a file is no memory to be written to. */
#include "raw/dlpack.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CAPSULE "dltensor_versioned"
#define DEVICE_CPU 1
#define FLAG_READ_ONLY 1u
#define FLAG_IS_COPIED 2u

/* ---- What DLPack 1.0 lays down -------------------------------------------------------- */

enum { CODE_INT, CODE_UINT, CODE_FLOAT, CODE_COMPLEX = 5, CODE_BOOL };

struct dl_tensor {
	void *data;
	struct {
		int32_t type, id;
	} device;
	int32_t dimensions;
	struct {
		uint8_t code, bits;
		uint16_t lanes;
	} type;
	int64_t *shape, *strides; /* in elements */
	uint64_t byte_offset;
};

struct dl_managed {
	struct {
		uint32_t major, minor;
	} version;
	void *context;
	void (*deleter)(struct dl_managed *self);
	uint64_t flags;
	struct dl_tensor tensor;
};

/* ---- The struct that is handed out ------------------------------------------------------ */

struct handed_out {
	struct dl_managed managed; /* first: what is handed out is its address */
	Py_buffer buffer;          /* obj NULL: the elements were copied behind the strides */
	int64_t numbers[];         /* shape, strides */
};

/* Called by the consumer, on any thread. */
static void deleter(struct dl_managed *managed)
{
	struct handed_out *self = (struct handed_out *)managed;

	if (self->buffer.obj != NULL) {
		PyGILState_STATE lock;

		if (!Py_IsInitialized()) /* Python's objects are gone, or going */
			return;
		lock = PyGILState_Ensure();
		PyBuffer_Release(&self->buffer);
		PyGILState_Release(lock);
	}
	PyMem_RawFree(self);
}

/* A capsule that a consumer has taken has another name. */
static void capsule_destructor(PyObject *capsule)
{
	struct dl_managed *managed;

	if (!PyCapsule_IsValid(capsule, CAPSULE))
		return;
	managed = PyCapsule_GetPointer(capsule, CAPSULE);
	managed->deleter(managed);
}

static uint8_t code_of(const char *format)
{
	switch (format[0]) {
	case '?':
		return CODE_BOOL;
	case 'Z':
		return CODE_COMPLEX;
	case 'e':
	case 'f':
	case 'd':
		return CODE_FLOAT;
	default:
		return format[0] >= 'A' && format[0] <= 'Z' ? CODE_UINT : CODE_INT;
	}
}

static void lay_out(struct handed_out *self, bool copied)
{
	const Py_buffer *buffer = &self->buffer;
	struct dl_tensor *tensor = &self->managed.tensor;
	int64_t step = 1;

	tensor->dimensions = buffer->ndim;
	tensor->shape = self->numbers;
	tensor->strides = self->numbers + buffer->ndim;
	for (int i = buffer->ndim; i-- > 0;) {
		tensor->shape[i] = buffer->shape[i];
		tensor->strides[i] = copied ? step : buffer->strides[i] / buffer->itemsize;
		step *= buffer->shape[i] > 0 ? buffer->shape[i] : 1;
	}
}

/* Takes the buffer over, also where it fails. */
static PyObject *hand_out(Py_buffer *buffer, bool copies)
{
	size_t numbers = 2 * (size_t)buffer->ndim * sizeof(int64_t);
	size_t bytes = copies ? (size_t)buffer->len : 0;
	struct handed_out *self = NULL;
	PyObject *capsule = NULL;

	if (bytes <= (size_t)PY_SSIZE_T_MAX - sizeof *self - numbers)
		self = PyMem_RawCalloc(1, sizeof *self + numbers + bytes);
	if (self == NULL) {
		PyBuffer_Release(buffer);
		return PyErr_NoMemory();
	}
	self->buffer = *buffer;
	self->managed.version.major = 1;
	self->managed.deleter = deleter;
	self->managed.flags = copies ? FLAG_IS_COPIED : FLAG_READ_ONLY;
	self->managed.tensor.device.type = DEVICE_CPU;
	self->managed.tensor.type.code = code_of(buffer->format);
	self->managed.tensor.type.bits = (uint8_t)(8 * buffer->itemsize);
	self->managed.tensor.type.lanes = 1;
	self->managed.tensor.data = copies ? (char *)self->numbers + numbers : buffer->buf;
	lay_out(self, copies);
	if (!copies ||
	    PyBuffer_ToContiguous(self->managed.tensor.data, buffer, buffer->len, 'C') == 0)
		capsule = PyCapsule_New(&self->managed, CAPSULE, capsule_destructor);
	if (copies)
		PyBuffer_Release(&self->buffer);
	if (capsule == NULL)
		deleter(&self->managed);
	return capsule;
}

/* ---- The methods ------------------------------------------------------------------------ */

/* 1 where a pair of numbers is (first, second or more), 0 where it is another, -1 error */
static int is_pair(PyObject *pair, long first, long second, const char *name)
{
	long a, b;

	if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
		PyErr_Format(PyExc_TypeError, "%s is a tuple of two int, not %R", name, pair);
		return -1;
	}
	a = PyLong_AsLong(PyTuple_GET_ITEM(pair, 0));
	b = PyLong_AsLong(PyTuple_GET_ITEM(pair, 1));
	if ((a == -1 || b == -1) && PyErr_Occurred())
		return -1;
	return a == first && b == second;
}

static int is_version(PyObject *version)
{
	if (version == Py_None)
		return 0;
	if (is_pair(version, 0, 0, "max_version") < 0)
		return -1;
	return PyLong_AsLong(PyTuple_GET_ITEM(version, 0)) >= 1;
}

PyObject *py_dlpack(PyObject *self, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"stream", "max_version", "dl_device", "copy", NULL};
	PyObject *stream = Py_None, *version = Py_None, *device = Py_None, *copy = Py_None;
	Py_buffer buffer;
	int is, copies;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|$OOOO:__dlpack__", names, &stream,
					 &version, &device, &copy))
		return NULL;
	copies = copy == Py_None ? 0 : PyObject_IsTrue(copy);
	is = copies < 0 ? -1 : device == Py_None ? 1 : is_pair(device, DEVICE_CPU, 0, "dl_device");
	if (is == 0 || (is == 1 && stream != Py_None))
		PyErr_SetString(PyExc_BufferError,
				"this memory is the processor's: no other device, and no stream");
	if (PyErr_Occurred())
		return NULL;
	is = is_version(version);
	if (is == 0)
		PyErr_SetString(PyExc_BufferError,
				"only DLPack 1.0 and later can say that memory is read-only: "
				"expected max_version=(1, 0) or later (numpy.asarray() works too)");
	if (is != 1 || PyObject_GetBuffer(self, &buffer, PyBUF_FULL_RO) < 0)
		return NULL;
	return hand_out(&buffer, copies > 0);
}

PyObject *py_dlpack_device(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
	return Py_BuildValue("(ii)", DEVICE_CPU, 0);
}
