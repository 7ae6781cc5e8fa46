/* python/walk: equality of two values without parts; called by compare.c. */
#ifndef ANCIENT_PYTHON_COMPARE_LEAF_H
#define ANCIENT_PYTHON_COMPARE_LEAF_H

#include "walk/walk.h"

/* What the comparison of two raw values may still read.  In a sound file blocks do not overlap, so
 * that two values never hold more words than their files. */
struct py_allowance {
	uint64_t words;
	uint64_t elements; /* of bigarrays, which may share them */
};

/* Takes `words` off; 0, or -1 with an exception that names the snapshot's file. */
int py_allowance_take(struct py_allowance *allowance, struct py_snapshot *snapshot, uint64_t words);

/* 1 equal, 0 different, -1 an exception.  Raw or typed, both alike; raw values may be of any two
 * kinds, unless both are blocks. */
int py_leaves_equal(struct py_allowance *allowance, const struct py_walk *a,
		    const struct py_walk *b);

#endif
