/* core/copy: a queue of source blocks whose headers were prefetched.
 *
 * An entry is taken out some steps later, when its header should be in the cache; then what the
 * block leads to is prefetched and queued (copy/copy_prefetch.h).
 */
#ifndef CORE_PREFETCH_QUEUE_H
#define CORE_PREFETCH_QUEUE_H

#include <stdint.h>

#define CORE_PREFETCH_QUEUE_ENTRIES 256u
#define CORE_PREFETCH_QUEUE_LEVELS_SHIFT 48u

struct core_prefetch_queue {
	unsigned head, tail;
	unsigned previous_head; /* `head` one step ago: older entries are ready */
	uint64_t
		ring[CORE_PREFETCH_QUEUE_ENTRIES]; /* levels to prefetch below it << 48 | address */
};

/* `head` and `tail` are those of the queue, which the caller keeps in registers while it works. */
static inline __attribute__((always_inline)) void
core_prefetch_queue_add(struct core_prefetch_queue *prefetch, unsigned *head, unsigned tail,
			uint64_t word, unsigned levels)
{
	__builtin_prefetch((const void *)(uintptr_t)(word - 8));
	if (*head - tail < CORE_PREFETCH_QUEUE_ENTRIES &&
	    word >> CORE_PREFETCH_QUEUE_LEVELS_SHIFT == 0)
		prefetch->ring[(*head)++ % CORE_PREFETCH_QUEUE_ENTRIES] =
			(uint64_t)levels << CORE_PREFETCH_QUEUE_LEVELS_SHIFT | word;
}

static inline __attribute__((always_inline)) uint64_t
core_prefetch_queue_take(const struct core_prefetch_queue *prefetch, unsigned *tail,
			 unsigned *ret_levels)
{
	uint64_t oldest = prefetch->ring[(*tail)++ % CORE_PREFETCH_QUEUE_ENTRIES];

	*ret_levels = (unsigned)(oldest >> CORE_PREFETCH_QUEUE_LEVELS_SHIFT);
	return oldest & ((1ull << CORE_PREFETCH_QUEUE_LEVELS_SHIFT) - 1);
}

#endif
