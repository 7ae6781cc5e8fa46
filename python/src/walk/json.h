/* python/walk: ancient.to_json and ancient.dump. */
#ifndef ANCIENT_PYTHON_WALK_JSON_H
#define ANCIENT_PYTHON_WALK_JSON_H

#include "module/objects.h"

PyObject *py_to_json(PyObject *module, PyObject *args, PyObject *keywords);
/* _json_leaf(value), for ancient._json: a str, or a float that is a number, as the dump has it. */
PyObject *py_json_leaf(PyObject *module, PyObject *value);
PyObject *py_dump(PyObject *module, PyObject *args, PyObject *keywords);

#endif
