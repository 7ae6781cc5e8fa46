/* core/copy: the state of the copy engine, shared by its parts. */
#ifndef CORE_COPIER_H
#define CORE_COPIER_H

#include <ancient/store.h>

#include "copy/copy_target.h"
#include "copy/header_marks.h"
#include "copy/known_ranges.h"
#include "copy/prefetch_queue.h"
#include "copy/visited.h"

struct core_frame { /* words [next, end) of the target: fields still to be visited */
	uint64_t next, end;
};

struct core_custom_cache {
	uint64_t operations; /* 0: the entry is free */
	uint64_t word;       /* word 0 of the copies of blocks with these operations */
	unsigned well_known;
};

#define CORE_CUSTOM_CACHE 16u

/* One copier serves all roots of a commit: a block that two of them share is copied once. */
struct core_copier {
	struct core_copy_target *target;
	const struct ancient_source *source; /* of the current call of ancient_core_copy */
	/* Values that are in the file already: pointers to them are kept as they are. */
	uint64_t referenced_start, referenced_bytes;
	enum ancient_source_marks allowed;
	/* A header with header & colours == unmarked must not be marked. */
	uint64_t colours, unmarked;
	struct core_header_marks marks;
	struct core_visited visited; /* source blocks without a mark */
	/* Index in the target of the empty block of each tag; 0: none yet. */
	uint64_t empty[ANCIENT_TAG_LAST_PLAIN + 1];
	uint64_t dummy;     /* index of the block that stands for CORE_DUMMY; 0: none yet */
	uint64_t met_dummy; /* the CORE_DUMMY that the last field visited led to; 0: none */
	struct core_custom_cache customs[CORE_CUSTOM_CACHE];
	struct core_frame *stack;
	size_t depth, capacity;
	uint64_t blocks;
	struct core_dedup *dedup; /* copy_dedup.h; NULL: every block is copied */

	/* Reset by each call of ancient_core_copy. */
	struct core_known_ranges known;
	struct core_prefetch_queue prefetch;
};

/* Whether `word` points to a value that is in the file already. */
static inline bool core_is_referenced(const struct core_copier *copier, uint64_t word)
{
	return word - copier->referenced_start < copier->referenced_bytes;
}

#endif
