/* c-reader/verify: a walk from block to block of a values extent (V2 to V8), for
 * verify_extents.c. */
#ifndef ANCIENT_READER_VERIFY_BLOCKS_H
#define ANCIENT_READER_VERIFY_BLOCKS_H

#include "verify/verify_state.h"

struct reader_blocks {
	uint64_t start, at, end; /* of the extent's blocks, of the next header, of the filler */
	uint64_t last;           /* of the header before `at`, once there is one */
	uint64_t piece;          /* where the piece begins that `at` is in */
	uint64_t count;
	enum ancient_code code; /* of the fault that ended the walk */
	struct ancient_error err;
};

void ancient_reader_blocks_begin(struct reader_blocks *blocks, const struct reader_region *region);
/* On to the first block that does not begin before `until`. */
void ancient_reader_blocks_walk(struct reader_verify *v, struct reader_blocks *blocks,
				uint64_t until);
/* A piece for the test of pointers; false: no memory. */
bool ancient_reader_add_piece(struct reader_verify *v, const struct reader_piece *piece);
/* What the walk found, the filler and the count of the extent at `extent`. */
enum ancient_code ancient_reader_blocks_end(struct reader_verify *v, struct reader_blocks *blocks,
					    const struct reader_region *region, uint64_t extent);

#endif
