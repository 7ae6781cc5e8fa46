/* core/copy: prefetch of source blocks, so that they are in the cache when the copy reads them.
 *
 * Fields of a long block are prefetched CORE_PREFETCH_DISTANCE fields before their turn, and the
 * blocks below them one level for each field that the copy goes on.  Elsewhere, and where a long
 * block's field has more below it, the fields of blocks just copied are prefetched.  Part of
 * copy.c and copy_dedup.c.
 */
#ifndef CORE_COPY_PREFETCH_H
#define CORE_COPY_PREFETCH_H

#include "base/block.h"
#include "copy/copier.h"
#include "copy/equal_blocks.h"
#include "copy/header_marks.h"
#include "copy/prefetch_queue.h"
#include "copy/source_block.h"
#include "copy/visited.h"

#define CORE_PREFETCH_SHORT 8u     /* a block of more fields is a long block */
#define CORE_PREFETCH_DISTANCE 20u /* fields of a long block between the prefetch and the copy */
#define CORE_PREFETCH_FIELD_LEVELS 12u /* levels prefetched below a field of a long block */
#define CORE_PREFETCH_EQUAL 4u         /* words of a block whose equals are looked for ahead */
#define CORE_PREFETCH_COPIED_LEVELS 3u /* levels prefetched below any other block */
/* Queue entries handled, at most: for each block copied, and for each field of a long block. */
#define CORE_PREFETCH_COPIED_STEPS 6u
#define CORE_PREFETCH_FIELD_STEPS 48u

/* Adds the source pointer `word`, with the shift added, and prefetches its header. */
static inline __attribute__((always_inline)) void core_prefetch_block(struct core_copier *copier,
								      unsigned *head, unsigned tail,
								      uint64_t word,
								      unsigned levels, bool marks)
{
	if (core_is_referenced(copier, word))
		return;
	core_prefetch_queue_add(&copier->prefetch, head, tail, word, levels);
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

/* Prefetches where an equal of this block will be looked for, if it is a short string or a float.
 */
static inline void core_prefetch_equals(const struct core_equal_blocks *equals, uint64_t header,
					const uint64_t *field)
{
	uint64_t count = core_wosize(header);
	unsigned tag = core_tag(header);

	if (tag == ANCIENT_TAG_STRING || tag == ANCIENT_TAG_DOUBLE)
		core_equal_blocks_prefetch(
			equals,
			core_equal_blocks_hash_short(ANCIENT_HEADER(count, tag), field, count));
}

/* Takes the entries that were added before the previous call, `steps` at most, whose headers should
 * be in the cache by now, and prefetches what the blocks lead to.  Reads only headers that are
 * known to exist.  `marks`: the source allows marks; otherwise the entries of the side table are
 * prefetched too.  `equals`: not NULL where equal blocks are looked for. */
static inline __attribute__((always_inline)) void
core_prefetch_run(struct core_copier *copier, unsigned *head, unsigned steps, bool marks,
		  const struct core_equal_blocks *equals)
{
	struct core_prefetch_queue *queue = &copier->prefetch;
	unsigned tail = queue->tail, ready = queue->previous_head, levels;
	uint64_t shift = copier->source->shift;

	for (; steps > 0 && tail != ready; steps--) {
		uint64_t word = core_prefetch_queue_take(queue, &tail, &levels), header, count;
		const uint64_t *field = (const uint64_t *)(uintptr_t)word;

		if (!core_known_ranges_hold(&copier->known, word) &&
		    !core_prefetch_can_read(copier, word))
			continue;
		if (!marks)
			core_visited_prefetch(&copier->visited, word);
		header = field[-1];
		count = core_wosize(header);
		if (count > CORE_PREFETCH_SHORT)
			continue;
		__builtin_prefetch(field + count);
		if (equals && count <= CORE_PREFETCH_EQUAL)
			core_prefetch_equals(equals, header, field);
		if (core_tag(header) > ANCIENT_TAG_LAST_PLAIN || levels == 0)
			continue;
		for (uint64_t i = 0; i < count; i++)
			if ((field[i] & 7) == 0)
				core_prefetch_block(copier, head, tail, field[i] + shift,
						    levels - 1, marks);
	}
	queue->tail = tail;
	queue->head = queue->previous_head = *head;
}

/* The block with these fields was copied just now, and was not prefetched from a long
 * block. */
static inline void core_prefetch_copied(struct core_copier *copier, const uint64_t *field,
					uint64_t count, bool marks,
					const struct core_equal_blocks *equals)
{
	struct core_prefetch_queue *queue = &copier->prefetch;
	unsigned head = queue->head;

	core_prefetch_run(copier, &head, CORE_PREFETCH_COPIED_STEPS, marks, equals);
	if (head == queue->tail && count <= CORE_PREFETCH_SHORT)
		for (uint64_t i = 0; i < count; i++)
			if ((field[i] & 7) == 0)
				core_prefetch_block(copier, &head, queue->tail,
						    field[i] + copier->source->shift,
						    CORE_PREFETCH_COPIED_LEVELS, marks);
	queue->head = queue->previous_head = head;
}

/* Prefetches `count` fields of a long block, and handles entries that the previous call made. */
static inline void core_prefetch_fields(struct core_copier *copier, const uint64_t *field,
					uint64_t count, bool marks,
					const struct core_equal_blocks *equals)
{
	struct core_prefetch_queue *queue = &copier->prefetch;
	unsigned head = queue->head;

	for (uint64_t i = 0; i < count; i++)
		if ((field[i] & 7) == 0)
			core_prefetch_block(copier, &head, queue->tail,
					    field[i] + copier->source->shift,
					    CORE_PREFETCH_FIELD_LEVELS, marks);
	core_prefetch_run(copier, &head, CORE_PREFETCH_FIELD_STEPS, marks, equals);
}

#endif
