/* python/store: the named tuples Entry, Info, Verified and Commit. */
#ifndef ANCIENT_PYTHON_STORE_NAMED_TUPLES_H
#define ANCIENT_PYTHON_STORE_NAMED_TUPLES_H

#include "module/objects.h"

int py_named_tuples_init(PyObject *module, struct py_state *state);

#endif
