/* python/typed: views of hash tables, maps and sets. */
#ifndef ANCIENT_PYTHON_TYPED_MAPPING_H
#define ANCIENT_PYTHON_TYPED_MAPPING_H

#include "module/objects.h"

/* The binding that a table, map or set has for a Python object: 1 found, 0 not, -1 with an
 * exception. */
int py_container_find(PyObject *self, PyObject *key, struct ancient_typed *ret_value);

int py_mappings_init(PyObject *module, struct py_state *state);

#endif
