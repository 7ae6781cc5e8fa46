/* python/typed: the error for a key that a table or map has not. */
#ifndef ANCIENT_PYTHON_TYPED_ABSENT_KEY_H
#define ANCIENT_PYTHON_TYPED_ABSENT_KEY_H

#include "module/objects.h"

/* Raises NoKeyError, which says what keys are where the key is none of them.  NULL.
 * type   of the keys */
PyObject *py_raise_absent_key(const struct py_typed *table, uint32_t type, PyObject *key);

#endif
