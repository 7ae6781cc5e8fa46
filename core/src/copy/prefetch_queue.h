/* core: the blocks that a copy will come to soon, looked at before it does.
 *
 * A queue of addresses whose headers were asked for.  An entry is taken out when memory has had
 * time to answer, and what the block leads to is asked for and put in at the other end.
 */
#ifndef CORE_SCOUT_H
#define CORE_SCOUT_H

#include <stdbool.h>
#include <stdint.h>

#define CORE_SCOUT_RING 256u
#define CORE_SCOUT_LEVELS_SHIFT 48u

struct core_scout {
	unsigned head, tail;
	unsigned settled;               /* where the head was a step of the copy ago */
	uint64_t ring[CORE_SCOUT_RING]; /* levels below it to look at, and the address */
};

static inline void core_scout_add(struct core_scout *scout, uint64_t word, unsigned levels)
{
	__builtin_prefetch((const void *)(uintptr_t)(word - 8));
	if (scout->head - scout->tail < CORE_SCOUT_RING && word >> CORE_SCOUT_LEVELS_SHIFT == 0)
		scout->ring[scout->head++ % CORE_SCOUT_RING] =
			(uint64_t)levels << CORE_SCOUT_LEVELS_SHIFT | word;
}

static inline uint64_t core_scout_take(struct core_scout *scout, unsigned *ret_levels)
{
	uint64_t oldest = scout->ring[scout->tail++ % CORE_SCOUT_RING];

	*ret_levels = (unsigned)(oldest >> CORE_SCOUT_LEVELS_SHIFT);
	return oldest & ((1ull << CORE_SCOUT_LEVELS_SHIFT) - 1);
}

#endif
