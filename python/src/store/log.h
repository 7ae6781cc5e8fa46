/* python/store: Store.log(), and times. */
#ifndef ANCIENT_PYTHON_STORE_LOG_H
#define ANCIENT_PYTHON_STORE_LOG_H

#include "module/objects.h"

/* A time of the file, as an aware datetime; None for 0. */
PyObject *py_time(struct py_state *state, uint64_t nanoseconds);

PyObject *py_store_log(PyObject *self, PyObject *args, PyObject *keywords);

#endif
