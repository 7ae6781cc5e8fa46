/* core/store: the relocation of a large values extent by several threads, from waypoint to waypoint
 * (FORMAT 4.3).  Called by relocate.c. */
#ifndef CORE_RELOCATE_SEGMENTS_H
#define CORE_RELOCATE_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/relocate_block.h"
#include "store/store_internal.h"

struct core_segments {
	bool shared; /* the rest of the extent is shared out, as far as is known now */
	unsigned threads;
	struct core_relocated values; /* whose source is `view` */
	void *view;                   /* the extent, mapped a second time */
	size_t view_bytes;
	const uint64_t *waypoints; /* offsets in the file, of which none is trusted */
	uint64_t waypoint_count, next;
	uint64_t first; /* offset in the file of the first word */
};

/* Begins to share out the values extent at `offset`, with this content, of which the words from
 * `at` on are not yet relocated.  walk: has been moved behind the extent.  Where the extent is
 * small or has no waypoints, where there is one processor or no room for the second mapping,
 * `shared` is false. */
void ancient_core_segments_begin(struct core_segments *segments, const struct ancient_store *store,
				 const struct core_extent_walk *walk, uint64_t offset,
				 uint64_t content, uint64_t at);

/* Relocates words from `at` on, which is a block's header: CORE_PROGRESS_STEP for each thread, or
 * some more where a block is long.  Returns how many: the next one is a header, as a walk over all
 * blocks before it would find.  Everything behind is as it was.  Where a waypoint is not right, or
 * a block, `shared` becomes false, and the caller goes on alone.  No thread is left when the call
 * returns; none takes a signal.  `shared` is true. */
uint64_t ancient_core_segments_relocate(struct core_segments *segments, uint64_t at);

void ancient_core_segments_end(struct core_segments *segments);

#endif
