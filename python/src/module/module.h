/* python/module: what the module offers the files that define its types. */
#ifndef ANCIENT_PYTHON_MODULE_MODULE_H
#define ANCIENT_PYTHON_MODULE_MODULE_H

#include "module/objects.h"

/* Makes a type and, where its name does not begin with an underscore, puts it into the
 * module; where `abc` is not NULL, registers it with that class of collections.abc.
 * 0, or -1 with an exception. */
int py_add_type(PyObject *module, PyType_Spec *spec, const char *abc, PyTypeObject **ret_type);

#endif
