/* python/walk: equality of two values without parts; called by compare.c. */
#ifndef ANCIENT_PYTHON_COMPARE_LEAF_H
#define ANCIENT_PYTHON_COMPARE_LEAF_H

#include "walk/walk.h"
#include "walk/wordmap.h"

/* What a comparison has met, and what it may still read: raw values, no more words than their
 * files have, as blocks of a sound file do not overlap; typed ones, steps. */
struct py_allowance {
	uint64_t words;
	uint64_t elements;      /* of bigarrays, which may share them */
	struct wordmap parents; /* union-find of the blocks that were compared, or are being */
	bool one_file;          /* and one schema: a number of py_walk_node is the same in both */
};

/* Takes `words` off; 0, or -1 with an exception that names the snapshot's file. */
int py_allowance_take(struct py_allowance *allowance, struct py_snapshot *snapshot, uint64_t words);

/* 1: they were one class already; 0: they are united now, or have no block; -1: an exception */
int py_allowance_unite(struct py_allowance *allowance, const struct py_walk *a,
		       const struct py_walk *b);

/* 1 equal, 0 different, -1 an exception.  Raw or typed, both alike; raw values may be of any two
 * kinds, unless both are blocks. */
int py_leaves_equal(struct py_allowance *allowance, const struct py_walk *a,
		    const struct py_walk *b);

#endif
