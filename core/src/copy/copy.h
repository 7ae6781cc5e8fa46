/* core: the copy engine. */
#ifndef CORE_COPY_H
#define CORE_COPY_H

#include <ancient/store.h>

#include "copy/header_marks.h"
#include "copy/prefetch_queue.h"
#include "copy/copy_target.h"
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
	struct core_sink *sink;
	const struct ancient_source *source; /* of the copy under way */
	uint64_t kept_start, kept_bytes;     /* pointers in this range are referred to */
	enum ancient_source_marks allowed;
	uint64_t colours, unmarked; /* no mark for a block where header & colours == unmarked */
	struct core_marks marks;
	struct core_visited visited;                /* blocks that have none */
	uint64_t empty[ANCIENT_TAG_LAST_PLAIN + 1]; /* word index of each tag's empty block */
	struct core_custom_cache customs[CORE_CUSTOM_CACHE];
	struct core_frame *stack;
	size_t depth, capacity;
	uint64_t blocks;

	/* Each copy begins with them anew. */
	uint64_t known_mask; /* of steps; 0: all that is known is at 0 */
	struct core_known known[CORE_KNOWN_COUNT];
	struct core_scout scout;
};

/* Whether `word` lies in what is referred to instead of copied. */
static inline bool core_is_kept(const struct core_copier *copier, uint64_t word)
{
	return word - copier->kept_start < copier->kept_bytes;
}

bool core_copier_init(struct core_copier *copier, struct core_sink *sink);

/* Gives back the headers that are marked: the last touch of source blocks. */
void core_copier_settle(struct core_copier *copier);

void core_copier_done(struct core_copier *copier);

/* Copies the graph of `root` into the sink.  Iterative.  Marks stay where the source allows
 * them, but after an error.
 * Errors: UNSHAREABLE, MEMORY, and those of the sink. */
enum ancient_code core_copy(struct core_copier *copier, const struct ancient_source *source,
			    uint64_t root, enum ancient_order order,
			    struct ancient_copied *ret_copied, struct ancient_error *err);

/* Room for a block of `wosize` fields; its header and a copy of its words are written.
 * *ret_first is the index of its first field.  (blocks.c) */
enum ancient_code core_place(struct core_copier *copier, uint64_t word, uint64_t wosize,
			     unsigned tag, uint64_t *ret_first, struct ancient_error *err);

/* The one empty block of a tag. */
enum ancient_code core_place_empty(struct core_copier *copier, unsigned tag, uint64_t *ret_first,
				   struct ancient_error *err);

/* The same as core_place for blocks of tags above 250, judged before. */
enum ancient_code core_place_special(struct core_copier *copier, uint64_t word, uint64_t wosize,
				     unsigned tag, uint64_t *ret_first, struct ancient_error *err);

/* Walks the graph of `root` again to say what in it cannot be shared, and where:
 * "functional value at root.(3).(0)".  Returns UNSHAREABLE, or MEMORY. */
enum ancient_code core_path_explain(const struct core_copier *copier, uint64_t root,
				    struct ancient_error *err);

#endif
