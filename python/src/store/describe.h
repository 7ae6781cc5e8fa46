/* python/store: how a store shows itself. */
#ifndef ANCIENT_PYTHON_STORE_DESCRIBE_H
#define ANCIENT_PYTHON_STORE_DESCRIBE_H

#include "module/objects.h"

/* tp_repr of Store: the file, its generation, and its first keys with their types. */
PyObject *py_store_repr(PyObject *self);

/* Store._rows(limit), for _repr_html_: of so many keys, tuples of number, name or None, type and
 * bytes. */
PyObject *py_store_rows(PyObject *self, PyObject *limit);

#endif
