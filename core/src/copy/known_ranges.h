/* core/copy: remembers in which ranges of the source recent pointers lay.
 *
 * A heap of OCaml 4 is dozens of chunks, and to search them takes longer than to copy a block.  The
 * table is indexed by address, in steps so short that few of them hold more than one boundary
 * between chunks; a slot has room for the two ranges that meet there.
 */
#ifndef CORE_KNOWN_RANGES_H
#define CORE_KNOWN_RANGES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <ancient/store.h>

#include "copy/header_marks.h"

#define CORE_KNOWN_SLOTS 128u

struct core_known_range { /* every aligned pointer into it leads to a block */
	uint64_t start, bytes;
};

struct core_known_ranges {
	unsigned shift; /* a step is 1 << shift bytes */
	unsigned mask;  /* of the index; 0: only slot 0 is used */
	struct core_known_range slots[CORE_KNOWN_SLOTS][2]; /* [0]: the one added last */
};

static inline void core_known_ranges_init(struct core_known_ranges *known,
					  const struct ancient_source *source)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < source->range_count; i++)
		bytes += source->ranges[i].end - source->ranges[i].start;
	for (known->shift = 12; bytes >> known->shift >= CORE_KNOWN_SLOTS; known->shift++)
		;
	known->mask = source->range_count > 1 ? CORE_KNOWN_SLOTS - 1 : 0;
	memset(known->slots, 0, (known->mask + 1) * sizeof known->slots[0]);
	if (!source->classify && source->range_count == 0)
		known->slots[0][0] = (struct core_known_range){8, CORE_MARK_LIMIT - 8};
}

static inline bool core_known_ranges_hold(const struct core_known_ranges *known, uint64_t word)
{
	const struct core_known_range *slot = known->slots[(word >> known->shift) & known->mask];

	return (word - slot[0].start < slot[0].bytes || word - slot[1].start < slot[1].bytes) &&
	       (word & 7) == 0;
}

/* Adds the range in which `word` lies. */
static inline void core_known_ranges_add(struct core_known_ranges *known, uint64_t word,
					 const struct ancient_source_range *range)
{
	struct core_known_range *slot = known->slots[(word >> known->shift) & known->mask];

	if (range->end > CORE_MARK_LIMIT)
		return;
	slot[1] = slot[0];
	slot[0] = (struct core_known_range){range->start, range->end - range->start};
}

#endif
