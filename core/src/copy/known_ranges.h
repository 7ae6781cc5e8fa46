/* core/copy: remembers in which ranges of the source recent pointers lay.
 *
 * A heap of OCaml 4 is dozens of chunks, and to search them takes longer than to copy a block.  The
 * table is indexed by address, in steps so short that few of them hold more than one boundary
 * between chunks; a slot has room for the two ranges that meet there.
 */
#ifndef CORE_KNOWN_RANGES_H
#define CORE_KNOWN_RANGES_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <ancient/store.h>

#include "copy/header_marks.h"

#define CORE_KNOWN_SLOTS 128u
#define CORE_KNOWN_SLOT_BITS 5u /* a slot has 32 bytes */

struct core_known_range { /* every aligned pointer into it leads to a block */
	uint64_t start, words;
};

struct core_known_ranges {
	/* A slot's offset in bytes is an address >> shift under `mask`; mask 0: only slot 0. */
	unsigned shift, mask;
	struct core_known_range slots[CORE_KNOWN_SLOTS][2]; /* [0]: the one added last */
};

static_assert(2 * sizeof(struct core_known_range) == 1u << CORE_KNOWN_SLOT_BITS,
	      "the offset of a slot");

static inline struct core_known_range core_known_range_of(uint64_t start, uint64_t end)
{
	start = (start + 7) & ~7ull;
	return (struct core_known_range){start, start < end ? (end - start) / 8 : 0};
}

static inline struct core_known_range *core_known_slot(const struct core_known_ranges *known,
						       uint64_t word)
{
	return (void *)((char *)(uintptr_t)known->slots + ((word >> known->shift) & known->mask));
}

/* Nothing in the `referenced` bytes is ever known, so that what is known is to be copied. */
static inline void core_known_ranges_init(struct core_known_ranges *known,
					  const struct ancient_source *source, uint64_t referenced,
					  uint64_t referenced_bytes)
{
	uint64_t bytes = 0;
	unsigned step = 12;

	for (size_t i = 0; i < source->range_count; i++)
		bytes += source->ranges[i].end - source->ranges[i].start;
	while (bytes >> step >= CORE_KNOWN_SLOTS)
		step++;
	known->shift = step - CORE_KNOWN_SLOT_BITS;
	known->mask = source->range_count > 1 ? (CORE_KNOWN_SLOTS - 1) << CORE_KNOWN_SLOT_BITS : 0;
	memset(known->slots, 0, known->mask + sizeof known->slots[0]);
	if (source->classify || source->range_count > 0)
		return;
	/* Every pointer leads to a block; heaps lie above files more often than below. */
	known->slots[0][0] = core_known_range_of(8, CORE_MARK_LIMIT);
	if (referenced_bytes > 0) {
		known->slots[0][0] =
			core_known_range_of(referenced + referenced_bytes, CORE_MARK_LIMIT);
		known->slots[0][1] = core_known_range_of(8, referenced);
	}
}

static inline bool core_known_range_holds(const struct core_known_range *range, uint64_t word)
{
	uint64_t at = word - range->start;

	return (at >> 3 | at << 61) < range->words; /* not where it is no multiple of 8 */
}

static inline bool core_known_ranges_hold(const struct core_known_ranges *known, uint64_t word)
{
	const struct core_known_range *slot = core_known_slot(known, word);

	return core_known_range_holds(&slot[0], word) || core_known_range_holds(&slot[1], word);
}

/* Adds the range in which `word` lies.  It has nothing of the referenced bytes. */
static inline void core_known_ranges_add(struct core_known_ranges *known, uint64_t word,
					 const struct ancient_source_range *range)
{
	struct core_known_range *slot = core_known_slot(known, word);

	if (range->end > CORE_MARK_LIMIT)
		return;
	slot[1] = slot[0];
	slot[0] = core_known_range_of(range->start, range->end);
}

#endif
