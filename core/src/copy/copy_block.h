/* core/copy: one source block, written to the target.  Called by copy.c. */
#ifndef CORE_COPY_BLOCK_H
#define CORE_COPY_BLOCK_H

#include "copy/copier.h"

/* Appends a block of `wosize` fields to the target: its header and a copy of its words.  *ret_first
 * is the index of its first field.
 * Errors: those of the target. */
enum ancient_code ancient_core_copy_block(struct core_copier *copier, uint64_t word,
					  uint64_t wosize, unsigned tag, uint64_t *ret_first,
					  struct ancient_error *err);

/* Appends the empty block of a tag, or gives the one that is there: a file has one for each tag. */
enum ancient_code ancient_core_copy_block_empty(struct core_copier *copier, unsigned tag,
						uint64_t *ret_first, struct ancient_error *err);

/* Appends the block that stands for all objects which are CORE_DUMMY, `ref ()`, or gives the one
 * that is there.  Dynarrays compare their elements with it by address. */
enum ancient_code ancient_core_copy_block_dummy(struct core_copier *copier, uint64_t *ret_first,
						struct ancient_error *err);

/* The same as ancient_core_copy_block for a block of a tag above 250, which
 * ancient_core_source_judge has accepted. Errors: also MEMORY NO_ROOM. */
enum ancient_code ancient_core_copy_block_special(struct core_copier *copier, uint64_t word,
						  uint64_t wosize, unsigned tag,
						  uint64_t *ret_first, struct ancient_error *err);

#endif
