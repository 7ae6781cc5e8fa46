/* python/walk: tuples that keep their hash, for those that are large or share parts: CPython hashes
 * and compares a tuple along every path to its parts, as deep as it goes, each time. */
#ifndef ANCIENT_PYTHON_SHARED_TUPLE_H
#define ANCIENT_PYTHON_SHARED_TUPLE_H

#include "module/objects.h"

/* A new tuple whose parts are hashed in a few steps stays as it is; another one becomes an
 * ancient._Tuple, which is a tuple in every respect.  Steals and gives a reference; NULL gives
 * NULL. */
PyObject *py_shared_tuple(struct py_state *state, PyObject *tuple);

int py_shared_tuple_init(PyObject *module, struct py_state *state);

#endif
