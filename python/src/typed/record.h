/* python/typed: records, and the functions that take the place of methods. */
#ifndef ANCIENT_PYTHON_TYPED_RECORD_H
#define ANCIENT_PYTHON_TYPED_RECORD_H

#include "module/objects.h"

PyObject *py_record_new(struct py_snapshot *snapshot, struct py_schema *schema,
			struct ancient_typed typed);

/* A field by number. */
PyObject *py_record_part(PyObject *self, uint32_t index);

/* Frees the memory of freed records that is kept for reuse. */
void py_record_drain(struct py_state *state);

/* ancient.fields, ancient.asdict */
PyObject *py_fields(PyObject *module, PyObject *object);
PyObject *py_asdict(PyObject *module, PyObject *object);

int py_record_init(PyObject *module, struct py_state *state);

#endif
