/* python/raw: Tagged, the copy of a raw block. */
#ifndef ANCIENT_PYTHON_RAW_TAGGED_H
#define ANCIENT_PYTHON_RAW_TAGGED_H

#include "module/objects.h"

/* Steals `fields`, a tuple. */
PyObject *py_tagged_new(struct py_state *state, unsigned tag, PyObject *fields);
int py_tagged_init(PyObject *module, struct py_state *state);

#endif
