/* python/walk: ancient.identity, which tells blocks of a file apart. */
#ifndef ANCIENT_PYTHON_WALK_IDENTITY_H
#define ANCIENT_PYTHON_WALK_IDENTITY_H

#include "module/objects.h"

/* (UUID of the file, offset of the block), the same in all views of the block. */
PyObject *py_identity_of(struct py_snapshot *snapshot, struct ancient_value value);

/* ancient.identity */
PyObject *py_identity(PyObject *module, PyObject *object);

#endif
