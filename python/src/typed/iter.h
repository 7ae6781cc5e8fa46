/* python/typed: the iterator over typed lists, arrays, tables, maps and sets. */
#ifndef ANCIENT_PYTHON_TYPED_ITER_H
#define ANCIENT_PYTHON_TYPED_ITER_H

#include "module/objects.h"

/* What an iteration over a table or map gives; the others have elements only, whatever is wanted.
 */
enum py_wanted { PY_KEYS, PY_VALUES, PY_ITEMS };

/* all: the bindings that newer ones hide, too. */
PyObject *py_iterate(PyObject *view, enum py_wanted wanted, bool all);

int py_iter_init(PyObject *module, struct py_state *state);

#endif
