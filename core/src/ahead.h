/* core: blocks that a copy will come to soon, so that their headers are on the way. */
#ifndef CORE_AHEAD_H
#define CORE_AHEAD_H

#include <stdint.h>

/* A ring of addresses whose headers were asked for.  Each comes with a number in its low three
 * bits, how many levels below it are to be asked for as well, and the time in its upper 16. */
#define CORE_AHEAD_RING 256u
#define CORE_AHEAD_WAIT 3u /* steps of the copy in which memory has answered */

struct core_ahead {
	unsigned head, tail;
	unsigned now; /* steps of the copy, modulo 2^16 */
	uint64_t ring[CORE_AHEAD_RING];
};

static inline void core_ahead_add(struct core_ahead *ahead, uint64_t word, unsigned levels)
{
	__builtin_prefetch((const void *)(uintptr_t)(word - 8), 1);
	if (levels > 0 && ahead->head - ahead->tail < CORE_AHEAD_RING && word >> 48 == 0)
		ahead->ring[ahead->head++ % CORE_AHEAD_RING] =
			(uint64_t)ahead->now << 48 | word | levels;
}

/* The oldest, if it has waited long enough; otherwise 0. */
static inline uint64_t core_ahead_next(struct core_ahead *ahead, unsigned *ret_levels)
{
	uint64_t oldest = ahead->ring[ahead->tail % CORE_AHEAD_RING];

	if (ahead->head == ahead->tail ||
	    (uint16_t)(ahead->now - (unsigned)(oldest >> 48)) < CORE_AHEAD_WAIT)
		return 0;
	ahead->tail++;
	*ret_levels = (unsigned)(oldest & 7);
	return oldest & 0xFFFFFFFFFFF8;
}

#endif
