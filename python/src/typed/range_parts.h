/* python/typed: what a Range gives besides an iteration: r[key] and its repr; for range.c. */
#ifndef ANCIENT_PYTHON_TYPED_RANGE_PARTS_H
#define ANCIENT_PYTHON_TYPED_RANGE_PARTS_H

#include "typed/iter.h"

/* The value that a map has for a key; NoKeyError where that lies outside of the range.
 *
 * range   the object, whose iteration gives keys
 * ends    of the range, forwards and backwards; NULL where it is the whole map */
PyObject *py_range_value(PyObject *range, const struct py_typed *map,
			 const struct ancient_range *ends, PyObject *key);

/* "Range(['lib', 'liba', ...])" of the first that a range gives; never more than a line. */
PyObject *py_range_text(const struct py_typed *container, const struct ancient_range *range,
			enum py_wanted wanted);

#endif
