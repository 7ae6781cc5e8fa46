/* python/typed: what the views of lists, arrays, tables, maps and sets share. */
#ifndef ANCIENT_PYTHON_TYPED_CONTAINER_H
#define ANCIENT_PYTHON_TYPED_CONTAINER_H

#include "module/objects.h"

/* Classes of ancient._typed derive from these types. */
#define PY_CONTAINER_FLAGS                                                                         \
	(Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION |            \
	 Py_TPFLAGS_IMMUTABLETYPE)

/* Makes a type and puts it into the module, where ancient._typed finds it.  0, or -1 with an
 * exception. */
int py_add_container_type(PyObject *module, PyType_Spec *spec, PyTypeObject **ret_type);

/* nb_bool: whether there is an element; nothing is counted. */
int py_container_true(PyObject *self);

#endif
