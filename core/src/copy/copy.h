/* core/copy: the copy engine: copies the graph of blocks below a root into a target.  Called by
 * commits and by copies in memory. */
#ifndef CORE_COPY_H
#define CORE_COPY_H

#include "copy/copier.h"
#include "copy/copy_target.h"

bool core_copier_init(struct core_copier *copier, struct core_copy_target *target);

/* Gives back the headers that are marked: the last touch of source blocks. */
void core_copier_restore_headers(struct core_copier *copier);

void core_copier_done(struct core_copier *copier);

/* Copies the graph of `root` into the sink.  Iterative.  Marks stay where the source allows
 * them, but after an error.
 * Errors: UNSHAREABLE, MEMORY, and those of the sink. */
enum ancient_code core_copy(struct core_copier *copier, const struct ancient_source *source,
			    uint64_t root, enum ancient_order order,
			    struct ancient_copied *ret_copied, struct ancient_error *err);

#endif
