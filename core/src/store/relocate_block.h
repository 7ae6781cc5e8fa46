/* core/store: relocates the values of one block.  Used by relocate.c, which walks over an extent,
 * and by relocate_segments.c, whose threads share it out. */
#ifndef CORE_RELOCATE_BLOCK_H
#define CORE_RELOCATE_BLOCK_H

#include <ancient/format.h>

#include "memory/file_mapping.h"

/* The values of an extent, as words, and what is added to which of them. */
struct core_relocated {
	uint64_t base, used;    /* a pointer into the file lies in [base, base + used) */
	uint64_t delta;         /* what is added to it */
	const uint64_t *source; /* where words are read: `words`, or another mapping of the file */
	uint64_t *words;        /* where they are written, in the store's mapping */
	uint64_t count;         /* of the words, without the filler */
};

static inline struct core_relocated core_relocated_values(const struct core_mapping *map,
							  uint64_t offset, uint64_t content)
{
	uint64_t *words = (uint64_t *)(void *)(map->base + offset + sizeof(struct ancient_extent));

	return (struct core_relocated){.base = map->file_base,
				       .used = map->used,
				       .delta = core_mapping_delta(map),
				       .source = words,
				       .words = words,
				       .count = content / 8 - 1};
}

/* Relocates word `at` if it is a pointer into the file. */
static inline void core_relocate_value(const struct core_relocated *values, uint64_t at)
{
	uint64_t word = values->source[at];

	if ((word & 1) == 0 && word - values->base < values->used)
		values->words[at] = word + values->delta;
}

static inline void core_relocate_custom(const struct core_relocated *values, uint64_t at,
					uint64_t wosize)
{
	uint64_t operations = values->source[at];
	uint64_t slot = operations - (values->base - ANCIENT_CUSTOM_WINDOW);

	if (slot >= ANCIENT_CUSTOM_WINDOW)
		return;
	values->words[at] = operations + values->delta;
	if (slot / ANCIENT_CUSTOM_SLOT == ANCIENT_CUSTOM_BIGARRAY &&
	    wosize >= ANCIENT_BIGARRAY_WORDS)
		core_relocate_value(values, at + 1);
}

/* Relocates the block whose header is word `at`, below `end`.  Returns its words, the header
 * included; 0: it does not end before `end`, and nothing was changed. */
static inline uint64_t core_relocate_block(const struct core_relocated *values, uint64_t at,
					   uint64_t end)
{
	uint64_t header = values->source[at];
	uint64_t wosize = header >> ANCIENT_HEADER_WOSIZE_SHIFT;
	uint64_t tag = header & ANCIENT_HEADER_TAG_MASK;

	if (wosize >= end - at)
		return 0;
	if (tag <= ANCIENT_TAG_LAST_PLAIN || tag == ANCIENT_TAG_FORWARD)
		for (uint64_t i = 1; i <= wosize; i++)
			core_relocate_value(values, at + i);
	else if (tag == ANCIENT_TAG_CUSTOM && wosize >= 1)
		core_relocate_custom(values, at + 1, wosize);
	return wosize + 1;
}

/* Relocates blocks from the one whose header is word `at` on, up to the first header at `stop` or
 * behind it.  Returns where that is; a word before `stop`: the block there does not end before
 * `end`. */
static inline uint64_t core_relocate_blocks(const struct core_relocated *extent, uint64_t at,
					    uint64_t stop, uint64_t end)
{
	const struct core_relocated values = *extent; /* which no store below can change */
	uint64_t words = 1;

	for (; at < stop && words; at += words)
		words = core_relocate_block(&values, at, end);
	return at;
}

#endif
