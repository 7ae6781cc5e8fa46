/* core/copy: prefetch of source blocks, so that they are in the cache when the copy reads them.
 *
 * Fields of a long block are prefetched CORE_PREFETCH_DISTANCE fields before their turn, and the
 * blocks below them one level for each field that the copy goes on.  Elsewhere, and where a long
 * block's field has more below it, the fields of blocks just copied are prefetched.  Part of
 * copy.c, which alone includes it.
 */
#ifndef CORE_COPY_PREFETCH_H
#define CORE_COPY_PREFETCH_H

#include "base/block.h"
#include "copy/copier.h"
#include "copy/header_marks.h"
#include "copy/prefetch_queue.h"
#include "copy/source_block.h"
#include "copy/visited.h"

#define CORE_PREFETCH_SHORT 8u     /* a block of more fields is a long block */
#define CORE_PREFETCH_DISTANCE 20u /* fields of a long block between the prefetch and the copy */
#define CORE_PREFETCH_FIELD_LEVELS 12u /* levels prefetched below a field of a long block */
#define CORE_PREFETCH_COPIED_LEVELS 3u /* levels prefetched below any other block */
/* Queue entries handled, at most: for each block copied, and for each field of a long block. */
#define CORE_PREFETCH_COPIED_STEPS 6u
#define CORE_PREFETCH_FIELD_STEPS 48u

static inline void core_prefetch_block(struct core_copier *copier, uint64_t word, unsigned levels,
				       bool marks)
{
	if (core_is_referenced(copier, word))
		return;
	core_prefetch_queue_add(&copier->prefetch, word, levels);
	if (!marks)
		core_visited_prefetch_slot(&copier->visited, word);
}

/* Whether `word` lies in a range of the source; makes the range known. */
static inline bool core_prefetch_can_read(struct core_copier *copier, uint64_t word)
{
	const struct ancient_source_range *range = core_source_range(copier->source, word);

	if (!range)
		return false;
	core_known_ranges_add(&copier->known, word, range);
	return range->end <= CORE_MARK_LIMIT;
}

/* Takes the oldest entry of the queue, whose header should be in the cache by now, and prefetches
 * what the block leads to.  Reads only headers that are known to exist.  `marks`: the source allows
 * marks; otherwise the entry of the side table is prefetched too. */
static inline __attribute__((always_inline)) void core_prefetch_step(struct core_copier *copier,
								     bool marks)
{
	uint64_t shift = copier->source->shift, header, count;
	unsigned levels;
	uint64_t word = core_prefetch_queue_take(&copier->prefetch, &levels);
	const uint64_t *field = (const uint64_t *)(uintptr_t)word;

	if (!core_known_ranges_hold(&copier->known, word) && !core_prefetch_can_read(copier, word))
		return;
	if (!marks)
		core_visited_prefetch(&copier->visited, word);
	header = field[-1];
	count = core_wosize(header);
	if (count > CORE_PREFETCH_SHORT)
		return;
	__builtin_prefetch(field + count);
	if (core_tag(header) > ANCIENT_TAG_LAST_PLAIN || levels == 0)
		return;
	for (uint64_t i = 0; i < count; i++)
		if ((field[i] & 7) == 0)
			core_prefetch_block(copier, field[i] + shift, levels - 1, marks);
}

/* The block with the fields `child` was copied just now, and was not prefetched from a long
 * block. */
static inline void core_prefetch_copied(struct core_copier *copier, struct core_frame child,
					bool marks)
{
	struct core_prefetch_queue *prefetch = &copier->prefetch;
	const uint64_t *field = copier->target->words + child.next;
	uint64_t count = child.end - child.next;

	for (unsigned i = 0;
	     i < CORE_PREFETCH_COPIED_STEPS && prefetch->tail != prefetch->previous_head; i++)
		core_prefetch_step(copier, marks);
	if (prefetch->head == prefetch->tail && count <= CORE_PREFETCH_SHORT)
		for (uint64_t i = 0; i < count; i++)
			if ((field[i] & 7) == 0)
				core_prefetch_block(copier, field[i] + copier->source->shift,
						    CORE_PREFETCH_COPIED_LEVELS, marks);
	prefetch->previous_head = prefetch->head;
}

/* Prefetches `count` fields of a long block, and handles entries that the previous call made. */
static inline void core_prefetch_fields(struct core_copier *copier, const uint64_t *field,
					uint64_t count, bool marks)
{
	uint64_t shift = copier->source->shift;
	struct core_prefetch_queue *prefetch = &copier->prefetch;

	for (uint64_t i = 0; i < count; i++)
		if ((field[i] & 7) == 0)
			core_prefetch_block(copier, field[i] + shift, CORE_PREFETCH_FIELD_LEVELS,
					    marks);
	for (unsigned i = 0;
	     i < CORE_PREFETCH_FIELD_STEPS && prefetch->tail != prefetch->previous_head; i++)
		core_prefetch_step(copier, marks);
	prefetch->previous_head = prefetch->head;
}

#endif
