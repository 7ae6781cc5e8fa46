/* python/store: the error for a key that a store has not. */
#ifndef ANCIENT_PYTHON_STORE_ABSENT_H
#define ANCIENT_PYTHON_STORE_ABSENT_H

#include "module/objects.h"

/* Raises NoKeyError: the key, the name most like it, and what there is.  NULL. */
PyObject *py_raise_absent(struct py_snapshot *snapshot, PyObject *key);

/* After a str could not be encoded: 0 where it has a lone surrogate, so that no string of a file
 * equals it; -1 with another exception. */
int py_no_such_text(void);

#endif
