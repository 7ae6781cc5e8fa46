/* c-reader/verify: the work on extents that threads share out, done before verify_extents.c asks
 * for it. */
#ifndef ANCIENT_READER_VERIFY_AHEAD_H
#define ANCIENT_READER_VERIFY_AHEAD_H

#include "verify/verify_state.h"

/* Sums the contents of extents and walks over their blocks, as far as the headers lead, by all
 * threads of the pool, which is there.  Reports no fault of the file: where something is not as it
 * should be, ancient_reader_ahead_find does not tell of that extent, and whoever verifies it meets
 * the fault in its place.  Errors: INTERRUPTED, TORN_AWAY, MEMORY. */
enum ancient_code ancient_reader_verify_ahead(struct reader_verify *v);

/* Whether the extent at `at` with this header was found good: E5 and, of values, V2 to V7 for its
 * blocks, which end where its filler should be; their number is in *ret_blocks, and they are in
 * v->pieces and v->starts.  To be asked in file order. */
bool ancient_reader_ahead_find(struct reader_verify *v, uint64_t at,
			       const struct ancient_extent *head, uint64_t *ret_blocks);

/* Every extent was asked for: what is left lies where no extent is any more. */
void ancient_reader_ahead_end(struct reader_verify *v);

void ancient_reader_ahead_done(struct reader_verify *v);

#endif
