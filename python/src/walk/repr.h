/* python/walk: the texts of values in reprs.  They are short whatever the value, and what is
 * damaged is said to be so: "<damaged: BAD_POINTER>". */
#ifndef ANCIENT_PYTHON_REPR_H
#define ANCIENT_PYTHON_REPR_H

#include "module/objects.h"

/* A value in the repr of what holds it.
 * schema  NULL for a raw value, of which only typed.value counts
 * levels  of typed containers whose parts are shown; deeper ones read "[...]" */
PyObject *py_repr_value(struct py_snapshot *snapshot, struct py_schema *schema,
			struct ancient_typed typed, int levels);

/* "[a, b, ...]" of the first elements of a view, as `element` prints them. */
PyObject *py_repr_elements(PyObject *view, PyObject *(*element)(PyObject *, Py_ssize_t),
			   Py_ssize_t size);

/* tp_repr of typed views. */
PyObject *py_typed_repr(PyObject *self);

#endif
