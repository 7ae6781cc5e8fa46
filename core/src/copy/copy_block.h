/* core/copy: one source block, written to the target. */
#ifndef CORE_COPY_BLOCK_H
#define CORE_COPY_BLOCK_H

#include "copy/copier.h"

/* Room for a block of `wosize` fields; its header and a copy of its words are written.
 * *ret_first is the index of its first field.  (blocks.c) */
enum ancient_code core_copy_block(struct core_copier *copier, uint64_t word, uint64_t wosize,
				  unsigned tag, uint64_t *ret_first, struct ancient_error *err);

/* The one empty block of a tag. */
enum ancient_code core_copy_block_empty(struct core_copier *copier, unsigned tag,
					uint64_t *ret_first, struct ancient_error *err);

/* The same as core_copy_block for blocks of tags above 250, judged before. */
enum ancient_code core_copy_block_special(struct core_copier *copier, uint64_t word,
					  uint64_t wosize, unsigned tag, uint64_t *ret_first,
					  struct ancient_error *err);

#endif
