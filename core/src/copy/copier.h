/* core/copy: the state of the copy engine, shared by its parts. */
#ifndef CORE_COPIER_H
#define CORE_COPIER_H

#include <ancient/store.h>

#include "copy/copy_target.h"
#include "copy/header_marks.h"
#include "copy/prefetch_queue.h"
#include "copy/visited.h"

struct core_frame { /* fields of a copied block that are still to be visited */
	uint64_t next, end;
};

struct core_custom_cache {
	uint64_t operations; /* 0: free */
	uint64_t word;       /* that the sink wants for them */
	unsigned well_known;
};

#define CORE_CUSTOM_CACHE 16u

/* Where pointers are known to lead to blocks, by their address in steps of 16 MiB. */
struct core_known {
	uint64_t start, bytes;
};

#define CORE_KNOWN_SHIFT 24u
#define CORE_KNOWN_COUNT 32u

/* What several roots of one commit have in common. */
struct core_copier {
	struct core_copy_target *target;
	const struct ancient_source *source;         /* of the copy under way */
	uint64_t referenced_start, referenced_bytes; /* pointers in this range are referred to */
	enum ancient_source_marks allowed;
	uint64_t colours, unmarked; /* no mark for a block where header & colours == unmarked */
	struct core_header_marks marks;
	struct core_visited visited;                /* blocks that have none */
	uint64_t empty[ANCIENT_TAG_LAST_PLAIN + 1]; /* word index of each tag's empty block */
	struct core_custom_cache customs[CORE_CUSTOM_CACHE];
	struct core_frame *stack;
	size_t depth, capacity;
	uint64_t blocks;

	/* Each copy begins with them anew. */
	uint64_t known_mask; /* of steps; 0: all that is known is at 0 */
	struct core_known known[CORE_KNOWN_COUNT];
	struct core_prefetch_queue prefetch;
};

/* Whether `word` lies in what is referred to instead of copied. */
static inline bool core_is_referenced(const struct core_copier *copier, uint64_t word)
{
	return word - copier->referenced_start < copier->referenced_bytes;
}

#endif
