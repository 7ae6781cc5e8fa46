/* core/copy: the copy engine: copies the graph of blocks below a root into a target.  Called by
 * commits and by copies in memory. */
#ifndef CORE_COPY_H
#define CORE_COPY_H

#include "copy/copier.h"
#include "copy/copy_target.h"

/* Returns false if memory is out. */
bool ancient_core_copier_init(struct core_copier *copier, struct core_copy_target *target);

/* Restores the headers that are marked.  No source block is written to afterwards. */
void ancient_core_copier_restore_headers(struct core_copier *copier);

/* Restores headers and forgets all blocks.  The copier can be used again, with small buffers that
 * it keeps, once its `target` is set.  Returns false if memory is out: then it may only be freed.
 */
bool ancient_core_copier_reset(struct core_copier *copier);

/* Restores headers, and frees the copier. */
void ancient_core_copier_done(struct core_copier *copier);

/* Copies the graph of `root` to the target.  Marks stay in the source, if it allows them, until
 * ancient_core_copier_restore_headers; after an error they have been removed.  A target
 * that changes its address when it grows moves pointers to itself; the root given back is the
 * address at the time when its block was copied.
 * Errors: UNSHAREABLE, MEMORY, and those of the target. */
enum ancient_code ancient_core_copy(struct core_copier *copier, const struct ancient_source *source,
				    uint64_t root, enum ancient_order order,
				    struct ancient_copied *ret_copied, struct ancient_error *err);

#endif
