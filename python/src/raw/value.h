/* python/raw: Python objects for values whose OCaml type is not known. */
#ifndef ANCIENT_PYTHON_RAW_VALUE_H
#define ANCIENT_PYTHON_RAW_VALUE_H

#include <assert.h>

#include "module/objects.h"

/* An int.  PyLong_FromLongLong takes twice the time. */
static inline PyObject *py_int(int64_t number)
{
	static_assert(sizeof(long) == sizeof number, "a long holds an OCaml int");
	return PyLong_FromLong((long)number);
}

/* The Python object for an OCaml value: an int, str, bytes, float or a view. */
PyObject *py_value(struct py_snapshot *snapshot, struct ancient_value value);

/* `length` bytes of the mapping as str or bytes. */
PyObject *py_text(struct py_snapshot *snapshot, const char *bytes, size_t length, bool as_bytes);

/* A memoryview of the bytes of a string, in place; `what` names the place in errors. */
PyObject *py_string_memoryview(struct py_snapshot *snapshot, struct ancient_value value,
			       const char *what);

int py_value_init(PyObject *module, struct py_state *state);

#endif
