/* python/typed: the iterator over typed lists, arrays, tables, maps and sets. */
#ifndef ANCIENT_PYTHON_TYPED_ITER_H
#define ANCIENT_PYTHON_TYPED_ITER_H

#include "module/objects.h"

/* What an iteration over a table or map gives; the others have elements only, whatever is wanted.
 */
enum py_wanted { PY_KEYS, PY_VALUES, PY_ITEMS };

/* all: the bindings that newer ones hide, too. */
PyObject *py_iterate(PyObject *view, enum py_wanted wanted, bool all);

/* What an iteration gives for one binding, or for one element: then it is `part`, and `keyed` is
 * false. */
PyObject *py_iter_item(struct py_snapshot *snapshot, struct py_schema *schema,
		       enum py_wanted wanted, bool keyed, struct ancient_typed key,
		       struct ancient_typed part);

int py_iter_init(PyObject *module, struct py_state *state);

#endif
