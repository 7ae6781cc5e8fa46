/* core: looking ahead of a copy, so that memory has answered when the copy gets there.
 *
 * The fields of a long block are looked at some time before their turn, and what is below them a
 * level for each field that the copy goes on.  Where there is no long block, or where more is below
 * a field of it, the blocks just copied say what comes next.  Part of copy.c, which is the only
 * one to include it.
 */
#ifndef CORE_LOOK_H
#define CORE_LOOK_H

#include "copy/copy.h"
#include "copy/source_block.h"

#define CORE_LOOK_CHILDREN 8u    /* a block of more fields is a long one */
#define CORE_LOOK_FAR 20u        /* fields of a long block between the look and the copy */
#define CORE_LOOK_LEVELS 12u     /* below a field of a long block that are looked at */
#define CORE_LOOK_NEAR_LEVELS 3u /* below any other block */
#define CORE_LOOK_STEPS 6u       /* blocks looked at, at most, for each one copied that was not */
#define CORE_LOOK_FAR_STEPS 48u  /* the same for a field of a long block */

static inline struct core_known *core_known_at(struct core_copier *copier, uint64_t word)
{
	return &copier->known[(word >> CORE_KNOWN_SHIFT) & copier->known_mask];
}

/* Whether `word` is known to lead to a block. */
static inline bool core_is_known(struct core_copier *copier, uint64_t word)
{
	const struct core_known *known = core_known_at(copier, word);

	return word - known->start < known->bytes && (word & 7) == 0;
}

static inline void core_know(struct core_copier *copier, uint64_t word,
			     const struct ancient_source_range *range)
{
	if (range->end <= CORE_MARK_LIMIT)
		*core_known_at(copier, word) =
			(struct core_known){range->start, range->end - range->start};
}

static inline void core_look_at(struct core_copier *copier, uint64_t word, unsigned levels,
				bool marks)
{
	if (core_is_kept(copier, word))
		return;
	core_scout_add(&copier->scout, word, levels);
	if (!marks)
		core_visited_prefetch_slot(&copier->visited, word);
}

/* Whether it can be known. */
static inline bool core_look_can_read(struct core_copier *copier, uint64_t word)
{
	const struct ancient_source_range *range = core_source_range(copier->source, word);

	if (!range)
		return false;
	core_know(copier, word, range);
	return range->end <= CORE_MARK_LIMIT;
}

/* Looks at the block that was asked for longest ago.  Only a header is read that is known to be
 * there.  `marks`: the source allows them; otherwise the side table is asked for, too. */
static inline __attribute__((always_inline)) void core_look_further(struct core_copier *copier,
								    bool marks)
{
	uint64_t shift = copier->source->shift, header, count;
	unsigned levels;
	uint64_t word = core_scout_take(&copier->scout, &levels);
	const uint64_t *field = (const uint64_t *)(uintptr_t)word;

	if (!core_is_known(copier, word) && !core_look_can_read(copier, word))
		return;
	if (!marks)
		core_visited_prefetch(&copier->visited, word);
	header = field[-1];
	count = core_wosize(header);
	if (count > CORE_LOOK_CHILDREN)
		return;
	__builtin_prefetch(field + count);
	if (core_tag(header) > ANCIENT_TAG_LAST_PLAIN || levels == 0)
		return;
	for (uint64_t i = 0; i < count; i++)
		if ((field[i] & 7) == 0)
			core_look_at(copier, field[i] + shift, levels - 1, marks);
}

/* The block with these fields was copied just now, and nobody has looked at it before. */
static inline void core_look_near(struct core_copier *copier, struct core_frame child, bool marks)
{
	struct core_scout *scout = &copier->scout;
	const uint64_t *field = copier->sink->words + child.next;
	uint64_t count = child.end - child.next;

	for (unsigned i = 0; i < CORE_LOOK_STEPS && scout->tail != scout->settled; i++)
		core_look_further(copier, marks);
	if (scout->head == scout->tail && count <= CORE_LOOK_CHILDREN)
		for (uint64_t i = 0; i < count; i++)
			if ((field[i] & 7) == 0)
				core_look_at(copier, field[i] + copier->source->shift,
					     CORE_LOOK_NEAR_LEVELS, marks);
	scout->settled = scout->head;
}

/* `count` fields of a long block; what was asked for at the last one of them is there by now. */
static inline void core_look_far(struct core_copier *copier, const uint64_t *field, uint64_t count,
				 bool marks)
{
	uint64_t shift = copier->source->shift;
	struct core_scout *scout = &copier->scout;

	for (uint64_t i = 0; i < count; i++)
		if ((field[i] & 7) == 0)
			core_look_at(copier, field[i] + shift, CORE_LOOK_LEVELS, marks);
	for (unsigned i = 0; i < CORE_LOOK_FAR_STEPS && scout->tail != scout->settled; i++)
		core_look_further(copier, marks);
	scout->settled = scout->head;
}

#endif
