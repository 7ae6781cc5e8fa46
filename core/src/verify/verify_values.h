/* core/verify: verification of values extents (FORMAT 10, rules V1 to V8). */
#ifndef CORE_VERIFY_VALUES_H
#define CORE_VERIFY_VALUES_H

#include "verify/verify_state.h"

/* Rules V2 to V8, but for where bigarrays' payloads lie: the blocks of the values extent at
 * `offset`.  Sets the bits of v->starts and adds to the counts. */
enum ancient_code ancient_core_verify_blocks(struct core_verify *v, uint64_t offset,
					     const struct ancient_extent *extent);

/* Rule V1 and the payloads of V7, for the values extent with the content [start, end), when the
 * blocks of all extents are known. */
enum ancient_code ancient_core_verify_pointers(struct core_verify *v, uint64_t start, uint64_t end);

#endif
