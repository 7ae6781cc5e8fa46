/* python/walk: < and its kin of values of one variant type, as OCaml's compare orders them. */
#ifndef ANCIENT_PYTHON_WALK_ORDER_H
#define ANCIENT_PYTHON_WALK_ORDER_H

#include "module/objects.h"

/* tp_richcompare of variants: == and != as every view, the others by OCaml's compare. */
PyObject *py_variant_compare(PyObject *a, PyObject *b, int operation);

#endif
