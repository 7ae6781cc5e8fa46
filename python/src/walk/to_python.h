/* python/walk: ancient.to_python. */
#ifndef ANCIENT_PYTHON_TO_PYTHON_H
#define ANCIENT_PYTHON_TO_PYTHON_H

#include "module/objects.h"

/* A copy of a view in plain objects; what is plain already is given back. */
PyObject *py_to_python(PyObject *module, PyObject *args, PyObject *keywords);

#endif
