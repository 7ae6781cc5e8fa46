/* python/raw: what all views share: they keep their snapshot alive and know their place in it. */
#ifndef ANCIENT_PYTHON_RAW_VIEW_H
#define ANCIENT_PYTHON_RAW_VIEW_H

#include "module/objects.h"

PyObject *py_view_new(PyTypeObject *type, struct py_snapshot *snapshot, struct ancient_value value);
void py_view_dealloc(PyObject *self);

/* Getter of the attribute `offset`. */
PyObject *py_view_offset(PyObject *self, void *closure);

#endif
