/* core: marks left in the headers of source blocks that a copy has met.
 *
 * The other way of knowing them is the side table (visited.h), whose entries cost a cache
 * miss each where the header is at hand anyway.  A mark stands where the header was and holds
 * the number of the copy; a log of one word a block gives every header back.  The log is in
 * memory of its own and depends on nothing that is written to the file.
 */
#ifndef CORE_HEADER_MARKS_H
#define CORE_HEADER_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ancient/format.h>
#include <ancient/store.h>

/* Colour and tag of a mark.  A block of this tag is refused, so none is ever reached that has
 * them: on OCaml 4 a block of colour 2 is free, on OCaml 5 no continuation has colour 3. */
#define CORE_MARK_MASK (ANCIENT_HEADER_COLOUR_MASK | ANCIENT_HEADER_TAG_MASK)
#define CORE_MARK_NEVER UINT64_MAX /* what no header is under the mask */

/* A log word: the address, a multiple of 8 below 2^48, from bit 19 on, and the low 19 bits of
 * the header, which hold all of it where wosize is small.  Otherwise its wosize reads as this,
 * and the header is the next word. */
#define CORE_LOG_BITS 19u
#define CORE_LOG_LONG (511ull << ANCIENT_HEADER_WOSIZE_SHIFT)
#define CORE_MARK_LIMIT (1ull << 48) /* blocks from here on cannot be marked */

struct core_header_marks {
	uint64_t bits;  /* of a mark, under CORE_MARK_MASK; CORE_MARK_NEVER: none are left */
	uint64_t *next; /* place of the next log word */
	uint64_t *end;  /* less one: there is room for two */
	struct core_log_chunk *chunks;
	bool full; /* memory for the log has failed */
};

/* What a source allows; the log is empty. */
void core_header_marks_allow(struct core_header_marks *marks, enum ancient_source_marks allowed);

/* Gives all headers back. */
void core_header_marks_restore(struct core_header_marks *marks);

static inline bool core_header_marks_is(const struct core_header_marks *marks, uint64_t header)
{
	return (header & CORE_MARK_MASK) == marks->bits;
}

/* The number in a mark. */
static inline uint64_t core_header_marks_number(uint64_t mark)
{
	return mark >> ANCIENT_HEADER_WOSIZE_SHIFT;
}

bool core_header_marks_grow(struct core_header_marks *marks);

/* Whether there is room in the log for one block more.  Once there was not, there never is. */
static inline bool core_header_marks_ready(struct core_header_marks *marks)
{
	return __builtin_expect(marks->next < marks->end, 1) || core_header_marks_grow(marks);
}

/* Marks the block at `word`, whose header this is. */
static inline void core_header_marks_set(struct core_header_marks *marks, uint64_t word,
					 uint64_t header, uint64_t number)
{
	uint64_t log = word << (CORE_LOG_BITS - 3) | (header & ((1u << CORE_LOG_BITS) - 1));

	if (__builtin_expect(header >= CORE_LOG_LONG, 0)) {
		*marks->next++ = log | CORE_LOG_LONG;
		*marks->next++ = header;
	} else {
		*marks->next++ = log;
	}
	((uint64_t *)(uintptr_t)word)[-1] = number << ANCIENT_HEADER_WOSIZE_SHIFT | marks->bits;
}

#endif
