/* python/typed: the bounds of a range, made of Python objects; for range.c. */
#ifndef ANCIENT_PYTHON_TYPED_BOUND_H
#define ANCIENT_PYTHON_TYPED_BOUND_H

#include "typed/key.h"

/* Makes the key of a bound of a map's or set's keys.  An integer that no key can be is as far away
 * as it is great, so that it may change whether the bound is excluded.
 *
 * object   NULL: none was given; None: no bound, where it is no key itself
 * high     whether it is the upper bound
 * 1: made; 0: no bound; -1: an exception */
int py_bound_make(struct py_keys *keys, const struct py_typed *container, PyObject *object,
		  bool high, struct ancient_key *ret_key, bool *excluded);

#endif
