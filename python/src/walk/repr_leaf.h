/* python/walk: the texts of leaves in reprs, and of what is damaged. */
#ifndef ANCIENT_PYTHON_REPR_LEAF_H
#define ANCIENT_PYTHON_REPR_LEAF_H

#include "walk/walk.h"

/* The text of a value without parts: strings are cut, large integers and raw float arrays only
 * described. */
PyObject *py_repr_leaf(const struct py_walk *leaf);

/* "<damaged: BAD_POINTER>" in place of an exception of this package, which is cleared; NULL where
 * another one is raised. */
PyObject *py_repr_damage(struct py_snapshot *snapshot);

#endif
