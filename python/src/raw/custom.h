/* python/raw: Custom, the view of other custom blocks, and Zarith's integers. */
#ifndef ANCIENT_PYTHON_RAW_CUSTOM_H
#define ANCIENT_PYTHON_RAW_CUSTOM_H

#include "module/objects.h"

/* An int for Zarith's integers, a view for others. */
PyObject *py_custom_new(struct py_snapshot *snapshot, struct ancient_value value);

/* Getter of the attribute `identifier`. */
PyObject *py_custom_identifier(PyObject *self, void *closure);

/* True for Zarith's integers, which become int. */
bool py_custom_is_integer(const struct ancient_custom *custom);

int py_custom_init(PyObject *module, struct py_state *state);

#endif
