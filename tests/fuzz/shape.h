/* tests/fuzz: what a value is, as bytes, so that a value in memory and its copy in a file can be
 * compared: kinds, sizes, contents, and which of its blocks are the same one. */
#ifndef SHAPE_H
#define SHAPE_H

#include "fuzz.h"

struct shape {
	uint8_t *bytes; /* malloc's */
	size_t size;
	bool abstract; /* holds a block that nothing can share */
};

/* Of the value `word`: in memory, or in `file` unless that is NULL.  With `equals` strings and
 * boxed numbers have no identity, as in a copy where equal ones were written once.
 *
 * In memory the first word of a custom block leads to one that leads to its identifier. */
struct shape fuzz_shape(const struct ancient_file *file, uint64_t word, bool equals);

#endif
