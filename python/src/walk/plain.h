/* python/walk: the plain Python objects that to_python gives for one value: from a leaf, or from
 * the plain objects of its parts. */
#ifndef ANCIENT_PYTHON_PLAIN_H
#define ANCIENT_PYTHON_PLAIN_H

#include "walk/walk.h"

/* The memory of a leaf in the file, in words: what its copy is counted as.  At least 1.
 * ret_elements: of a raw bigarray, whose elements count by themselves; otherwise 0. */
uint64_t py_plain_words(const struct py_walk *leaf, uint64_t *ret_elements);

/* A leaf: int, str, bytes, float, list of numbers, Tagged for a custom block.
 * frozen: it must be hashable, so that lists become tuples. */
PyObject *py_plain_leaf(const struct py_walk *leaf, bool frozen);

/* A value made of its parts, of which `walk` has seen the last.
 * parts   of a raw block: a tuple, which becomes part of the result; otherwise a list, of tuples
 *         (key, value) where the walk is keyed
 * frozen  as above: records, lists and tables become tuples, sets frozensets */
PyObject *py_plain_value(const struct py_walk *walk, PyObject *parts, bool frozen);

#endif
