/* python/arrow: capsules, each with a struct of the Arrow C interfaces that it owns. */
#ifndef ANCIENT_PYTHON_ARROW_CAPSULE_H
#define ANCIENT_PYTHON_ARROW_CAPSULE_H

#include "module/objects.h"

#include <ancient_arrow.h>

/* Take over what the struct holds, also where they fail. */
PyObject *py_capsule_schema(struct ArrowSchema *schema);
PyObject *py_capsule_array(struct ArrowArray *array);
PyObject *py_capsule_stream(struct ArrowArrayStream *stream);

/* The struct in a capsule; NULL with an exception where it is none, or was taken out of it. */
struct ArrowSchema *py_capsule_to_schema(PyObject *capsule);
struct ArrowArray *py_capsule_to_array(PyObject *capsule);
struct ArrowArrayStream *py_capsule_to_stream(PyObject *capsule);

#endif
