/* python/column: columns as Arrow data, for column.c. */
#ifndef ANCIENT_PYTHON_COLUMN_COLUMN_ARROW_H
#define ANCIENT_PYTHON_COLUMN_COLUMN_ARROW_H

#include "module/objects.h"

/* __arrow_c_array__ and __arrow_c_schema__ */
PyObject *py_column_arrow_array(PyObject *self, PyObject *args, PyObject *keywords);
PyObject *py_column_arrow_schema(PyObject *self, PyObject *ignored);

#endif
