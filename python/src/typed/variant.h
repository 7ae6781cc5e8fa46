/* python/typed: values of variants, polymorphic ones too. */
#ifndef ANCIENT_PYTHON_TYPED_VARIANT_H
#define ANCIENT_PYTHON_TYPED_VARIANT_H

#include "module/objects.h"

PyObject *py_variant_new(struct py_snapshot *snapshot, struct py_schema *schema,
			 struct ancient_typed typed);

/* An argument by number. */
PyObject *py_variant_part(PyObject *self, uint32_t index);

/* ancient.constructor */
PyObject *py_constructor(PyObject *module, PyObject *object);

int py_variant_init(PyObject *module, struct py_state *state);

#endif
