/* c-reader/value: fingerprints of values: 128 bits that are the same for two values that OCaml's
 * compare takes to be equal, and for others only by an accident of 1 in 2^64: for finding equal
 * ones among many, where comparing each with each would take the square of their number.
 * Called by value/equality.c and typed/bucket_index.c. */
#ifndef ANCIENT_READER_FINGERPRINT_H
#define ANCIENT_READER_FINGERPRINT_H

#include "base/word_map.h"
#include "value/operand.h"

struct reader_fingerprint {
	uint64_t word[2];
};

/* The fingerprints of blocks that were met, by offset, so that each block is read once.  Start from
 * {0}; the seed is chosen when the first one is made. */
struct reader_fingerprints {
	struct reader_word_map met;
	uint64_t seed;
};

/* Cost: the words of the blocks that were not met before.  Blocks that have no order (bigarrays,
 * customs other than int32, int64, nativeint and Z.t) are the same where they are one block.
 * Errors: those of the gate; TOO_LARGE where a value contains itself, or the budget is spent;
 * INTERRUPTED, MEMORY. */
enum ancient_code ancient_reader_fingerprint(struct reader_fingerprints *prints,
					     struct reader_budget *budget, struct lookup_item item,
					     struct reader_fingerprint *ret_print,
					     struct ancient_error *err);
void ancient_reader_fingerprints_done(struct reader_fingerprints *prints,
				      struct reader_budget *budget);

#endif
