/* python/walk: hash() of records and constructors. */
#ifndef ANCIENT_PYTHON_HASH_H
#define ANCIENT_PYTHON_HASH_H

#include "module/objects.h"

/* tp_hash of records and constructors; TypeError where a part is not hashable, as in Python. */
Py_hash_t py_typed_hash(PyObject *self);

/* Frees what a snapshot keeps of them; NULL: nothing. */
void py_hashes_free(struct py_digests *digests);

#endif
