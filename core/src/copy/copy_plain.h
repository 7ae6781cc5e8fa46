/* core/copy: the frequent kinds of blocks, copied inline: short plain blocks, strings and floats.
 * Part of copy.c and copy_dedup.c, which have a slower way for every block. */
#ifndef CORE_COPY_PLAIN_H
#define CORE_COPY_PLAIN_H

#include "base/block.h"
#include "copy/copier.h"
#include "copy/copy_prefetch.h"
#include "copy/copy_target.h"
#include "copy/header_marks.h"
#include "copy/source_block.h"
#include "copy/visited.h"

#define CORE_COPY_PLAIN_WORDS 32u /* a longer block is left to ancient_core_copy_block */

/* What of the target changes only where it grows, in registers. */
struct core_copy_place {
	uint64_t *words;
	uint64_t used, capacity, address;
};

static inline struct core_copy_place core_copy_place_of(const struct core_copy_target *target)
{
	return (struct core_copy_place){target->words, target->used, target->capacity,
					target->address};
}

/* Writes the block at `word` behind the target's used words, without counting it as used, if it is
 * a plain block, a well-formed string or a float, and fits without growing the target.  *ret_frame:
 * its fields, empty unless they are values. */
static inline __attribute__((always_inline)) bool
core_copy_plain_words(struct core_copy_place at, uint64_t word, uint64_t header,
		      struct core_frame *ret_frame)
{
	uint64_t wosize = core_wosize(header), *to = at.words + at.used;
	const uint64_t *from = (const uint64_t *)(uintptr_t)word;
	unsigned tag = core_tag(header);

	if (wosize - 1 >= CORE_COPY_PLAIN_WORDS || at.capacity - at.used <= wosize)
		return false;
	ret_frame->next = ret_frame->end = at.used + 1;
	if (tag <= ANCIENT_TAG_LAST_PLAIN) {
		ret_frame->end += wosize;
	} else if (tag == ANCIENT_TAG_STRING) {
		if (from[wosize - 1] >> 56 >= 8)
			return false;
	} else if (tag != ANCIENT_TAG_DOUBLE || wosize != 1) {
		return false;
	}
	*to++ = ANCIENT_HEADER(wosize, tag);
	for (uint64_t i = 0; i < wosize; i++)
		to[i] = from[i];
	if (tag == ANCIENT_TAG_STRING)
		to[wosize - 1] = core_source_string_end(to[wosize - 1]);
	return true;
}

/* The number of the copy of the block at `word`, if it was copied before or can be copied inline;
 * otherwise 0.  `marks`: the source allows marks. */
static inline __attribute__((always_inline)) uint64_t
core_copy_plain(struct core_copier *copier, struct core_copy_place *at, uint64_t word,
		struct core_frame *ret_frame, bool marks)
{
	uint64_t used = at->used, header, first;
	struct core_visited_page *page = NULL;

	ret_frame->next = ret_frame->end = 0;
	if (!core_known_ranges_hold(&copier->known, word))
		return 0;
	header = core_block_word(word, -1);
	if (marks) {
		if (core_header_marks_is(&copier->marks, header)) {
			first = core_header_marks_number(header);
			return first <= used ? first : 0;
		}
		if ((header & copier->colours) == copier->unmarked ||
		    copier->marks.next >= copier->marks.end)
			return 0;
	} else {
		/* Two empty blocks may have the same entry of the side table. */
		page = core_wosize(header) ? core_visited_at(&copier->visited, word) : NULL;
		if (!page)
			return 0;
		first = core_visited_get(&copier->visited, page, word);
		if (first)
			return first;
	}
	if (!core_copy_plain_words(*at, word, header, ret_frame))
		return 0;
	if (marks)
		core_header_marks_set(&copier->marks, word, header, used + 1);
	else if (!core_visited_set(&copier->visited, page, word, used + 1))
		return 0;
	at->used = copier->target->used = used + 1 + core_wosize(header);
	copier->blocks++;
	return used + 1;
}

#endif
