/* python/raw: DLPack, by which tensor libraries take arrays over without a copy; for every type
 * that is a buffer of numbers. */
#ifndef ANCIENT_PYTHON_RAW_DLPACK_H
#define ANCIENT_PYTHON_RAW_DLPACK_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *py_dlpack(PyObject *self, PyObject *args, PyObject *keywords);
PyObject *py_dlpack_device(PyObject *self, PyObject *ignored);

#define PY_DLPACK_METHODS                                                                          \
	{"__dlpack__", (PyCFunction)(void (*)(void))py_dlpack, METH_VARARGS | METH_KEYWORDS,       \
	 "__dlpack__($self, /, *, stream=None, max_version=None, dl_device=None, copy=None)\n"     \
	 "--\n\nThe elements in place, read-only, for from_dlpack() of a tensor library."},        \
	{                                                                                          \
		"__dlpack_device__", py_dlpack_device, METH_NOARGS,                                \
			"__dlpack_device__($self, /)\n--\n\nThe processor's memory: (1, 0)."       \
	}

#endif
