/* python/raw: FloatArray, the view of an OCaml float array. */
#ifndef ANCIENT_PYTHON_RAW_FLOATARRAY_H
#define ANCIENT_PYTHON_RAW_FLOATARRAY_H

#include "module/objects.h"

PyObject *py_float_array_new(struct py_snapshot *snapshot, struct ancient_value value);

/* The same where the reader has found the floats already. */
PyObject *py_float_array_make(struct py_snapshot *snapshot, struct ancient_value value,
			      const double *floats, size_t count);

PyObject *py_float_array_tolist(PyObject *self, PyObject *ignored);
int py_float_array_init(PyObject *module, struct py_state *state);

#endif
