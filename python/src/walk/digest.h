/* python/walk: digests of typed values: 128 bits that are the same for two values that == takes to
 * be equal, and for others only by an accident of 1 in 2^64.  Made from the leaves upwards, each
 * block once, so that a value costs its blocks and not the paths to them.  hash.c makes hash() of
 * them; compare.c and typed/mapping.c find by them the binding that belongs to a key. */
#ifndef ANCIENT_PYTHON_DIGEST_H
#define ANCIENT_PYTHON_DIGEST_H

#include "module/objects.h"
#include "walk/wordmap.h"

struct py_digest {
	uint64_t word[2];
};

/* The digests of one file's and schema's values that were met. */
struct py_digests {
	struct py_snapshot *snapshot; /* borrowed, as the next */
	struct py_schema *schema;
	struct wordmap met; /* node: number in `made`, from 1 */
	struct py_digest *made;
	size_t count, capacity;
	uint64_t steps, limit;
	uint64_t nans; /* each differs from all others */
	/* For hash(): parts without a hash are a TypeError, and NaN is the same each time. */
	bool hash;
};

void py_digests_init(struct py_digests *digests, struct py_snapshot *snapshot,
		     struct py_schema *schema, bool hash);
void py_digests_done(struct py_digests *digests);

/* 0, or -1 with an exception: TooLargeError where the value contains itself, or has more parts
 * than the file can hold. */
int py_digest(struct py_digests *digests, struct ancient_typed typed, struct py_digest *ret_digest);

#endif
