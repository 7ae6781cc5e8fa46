/* python/module: what help() shows of the classes that get their names at run time: errors, and
 * those that are written in Python. */
#ifndef ANCIENT_PYTHON_CLASS_DOC_H
#define ANCIENT_PYTHON_CLASS_DOC_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* The docstring that the stub has for the class; "" where it has none. */
const char *py_class_doc(const char *name);

/* Sets the __doc__ of a class that is written in Python. */
int py_set_class_doc(PyObject *class);

#endif
