/* core/copy: marks in the headers of source blocks that a copy has met.
 *
 * The alternative is the side table (copy/visited.h), which costs a cache miss for each block,
 * where the header is read anyway.  A mark replaces the header and holds the number of the copy.  A
 * log of one word a block restores every header; it lies in private memory and does not depend on
 * what is written to the file.
 */
#ifndef CORE_HEADER_MARKS_H
#define CORE_HEADER_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include <ancient/format.h>
#include <ancient/store.h>

/* Colour and tag of a mark.  No source block has both: blocks of this tag are refused; besides, on
 * OCaml 4 a block of colour 2 is free, and on OCaml 5 no continuation has colour 3. */
#define CORE_MARK_MASK (ANCIENT_HEADER_COLOUR_MASK | ANCIENT_HEADER_TAG_MASK)
#define CORE_MARK_NEVER UINT64_MAX /* no header equals this under the mask */

/* A log word holds the block's address, a multiple of 8 below 2^48, from bit 19 on, and the low 19
 * bits of the header.  These are the whole header if wosize is less than 511.  Otherwise the wosize
 * in them reads 511, and the next log word is the header. */
#define CORE_LOG_BITS 19u
#define CORE_LOG_LONG (511ull << ANCIENT_HEADER_WOSIZE_SHIFT)
#define CORE_MARK_LIMIT (1ull << 48) /* blocks from here on cannot be marked */

struct core_header_marks {
	uint64_t bits;  /* of a mark, under CORE_MARK_MASK; CORE_MARK_NEVER: no marks are made */
	uint64_t *next; /* where the next log word goes */
	uint64_t *end;  /* one word before the chunk's end: an entry may take two */
	struct core_log_chunk *chunks;
	struct core_log_chunk *spare; /* an unused chunk of the smallest size, or NULL */
	bool full;                    /* memory for the log ran out */
};

/* Sets what the source allows.  The log is empty. */
void ancient_core_header_marks_allow(struct core_header_marks *marks,
				     enum ancient_source_marks allowed);

/* Restores all headers, and frees the log but for a spare chunk, which
 * ancient_core_header_marks_done frees.
 */
void ancient_core_header_marks_restore(struct core_header_marks *marks);
void ancient_core_header_marks_done(struct core_header_marks *marks);

static inline bool core_header_marks_is(const struct core_header_marks *marks, uint64_t header)
{
	return (header & CORE_MARK_MASK) == marks->bits;
}

/* The number that a mark holds. */
static inline uint64_t core_header_marks_number(uint64_t mark)
{
	return mark >> ANCIENT_HEADER_WOSIZE_SHIFT;
}

/* Adds a chunk to the log; false if memory is out. */
bool ancient_core_header_marks_grow(struct core_header_marks *marks);

/* Whether the log has room for one more block.  Once it had none, it never has again. */
static inline bool core_header_marks_ready(struct core_header_marks *marks)
{
	return __builtin_expect(marks->next < marks->end, 1) ||
	       ancient_core_header_marks_grow(marks);
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
