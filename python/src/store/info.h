/* python/store: Store.info(). */
#ifndef ANCIENT_PYTHON_STORE_INFO_H
#define ANCIENT_PYTHON_STORE_INFO_H

#include "module/objects.h"

/* A UUID with hyphens. */
PyObject *py_uuid_text(const uint8_t *uuid);

PyObject *py_store_info(PyObject *self, PyObject *ignored);

#endif
