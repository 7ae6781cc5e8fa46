/* python/typed: the error for an attribute that a record or constructor has not. */
#ifndef ANCIENT_PYTHON_TYPED_NO_FIELD_H
#define ANCIENT_PYTHON_TYPED_NO_FIELD_H

#include "module/objects.h"

/* PyObject_GenericGetAttr of a record or variant, which raises NoFieldError with the fields there
 * are in place of AttributeError. */
PyObject *py_field_or_error(PyObject *self, PyObject *name);

/* sq_item and mp_subscript of a record, which raise TypeError: they say what takes their place. */
PyObject *py_record_not_iterable(PyObject *self, Py_ssize_t index);
PyObject *py_record_no_subscript(PyObject *self, PyObject *key);

#endif
