/* python/raw: Bigarray, the view of an OCaml bigarray. */
#ifndef ANCIENT_PYTHON_RAW_BIGARRAY_H
#define ANCIENT_PYTHON_RAW_BIGARRAY_H

#include "module/objects.h"

PyObject *py_bigarray_new(struct py_snapshot *snapshot, struct ancient_value value);
PyObject *py_bigarray_tolist(PyObject *self, PyObject *ignored);

/* The name of a bigarray's kind, "float64"; NULL for a number that is no kind. */
const char *py_bigarray_kind_name(int kind);

/* Whether two bigarrays have the same kind, layout, shape and elements. */
bool py_bigarray_equal(const struct ancient_bigarray *a, const struct ancient_bigarray *b);

int py_bigarray_init(PyObject *module, struct py_state *state);

#endif
