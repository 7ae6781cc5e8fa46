/* core/copy: the walk of a copy in which equal blocks are written once.  Called by copy.c, and
 * prepared by commits. */
#ifndef CORE_COPY_DEDUP_H
#define CORE_COPY_DEDUP_H

#include "copy/copier.h"
#include "copy/equal_blocks.h"

/* A block of the copy whose fields are being visited. */
struct core_dedup_frame {
	uint64_t next, end;    /* fields still to be visited */
	uint64_t number;       /* of the block, if an equal one may take its place; otherwise 0 */
	uint64_t field;        /* index of the field that leads to it */
	uint64_t source;       /* its address in the source */
	const uint32_t *types; /* of the fields from `next` on, ... */
	uint64_t step;         /* ... `step` apart: 0 where all have the same */
};

struct core_dedup {
	struct ancient_dedup options;
	struct core_equal_blocks blocks;
	struct core_dedup_frame *stack;
	size_t depth, capacity;
	size_t complete; /* frames of the stack without fields to visit */
};

/* NULL if memory is out. */
struct core_dedup *ancient_core_dedup_new(const struct ancient_dedup *options);
void ancient_core_dedup_free(struct core_dedup *dedup);

/* Copies what is below the root, whose source lies at the address `source` and whose copy *ret_root
 * leads to; that changes if the root itself is equal to a block from before.  `root`: the fields of
 * its copy, if it was copied now; `start`: words that the target had used before.
 * Errors: as ancient_core_copy. */
enum ancient_code ancient_core_copy_dedup(struct core_copier *copier, uint64_t source,
					  uint64_t start, struct core_frame root,
					  enum ancient_order order, uint64_t *ret_root,
					  struct ancient_error *err);

#endif
