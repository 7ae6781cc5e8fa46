/* python/typed: Types, the namespace of a schema's types. */
#ifndef ANCIENT_PYTHON_TYPED_TYPES_H
#define ANCIENT_PYTHON_TYPED_TYPES_H

#include "module/objects.h"

PyObject *py_types_new(struct py_schema *schema, uint32_t root);

/* ancient.types */
PyObject *py_types(PyObject *module, PyObject *object);

/* For ancient._shards: the fingerprint of the schema that a view is read by, in hexadecimal digits,
 * of all of it wherever the view is. */
PyObject *py_fingerprint(PyObject *module, PyObject *object);

/* What pickles call when they are loaded. */
PyObject *py_restore_types(PyObject *module, PyObject *args);

int py_types_init(PyObject *module, struct py_state *state);

#endif
