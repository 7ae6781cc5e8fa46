/* core: what a source block is, and whether it can be shared. */
#ifndef CORE_SOURCE_BLOCK_H
#define CORE_SOURCE_BLOCK_H

#include <stdbool.h>

#include <ancient/format.h>
#include <ancient/store.h>

/* Why a block is refused (FORMAT 7.2, 8.3). */
enum core_refusal {
	CORE_FINE = 0,
	CORE_NAKED,
	CORE_FUNCTION,
	CORE_OBJECT,
	CORE_LAZY,
	CORE_FORCING,
	CORE_CONTINUATION,
	CORE_ABSTRACT,
	CORE_CUSTOM,
	CORE_BIGARRAY,
	CORE_MALFORMED,
};

/* The last word of a string, the bytes between its end and the last one zero. */
static inline uint64_t core_source_string_end(uint64_t last)
{
	unsigned padding = (unsigned)(last >> 56);

	return last & (0xFFull << 56 | ((1ull << (56 - 8 * padding)) - 1));
}

/* The range of the source that `word` lies in, or NULL. */
static inline const struct ancient_source_range *
core_source_range(const struct ancient_source *source, uint64_t word)
{
	const struct ancient_source_range *range = source->ranges;

	if (source->range_count == 0)
		return NULL;
	for (size_t n = source->range_count; n > 1; n -= n / 2)
		range += range[n / 2].start <= word ? n / 2 : 0;
	return word - range->start < range->end - range->start ? range : NULL;
}

/* Whether the even word leads to a block with a readable header; *ret_range, the range of the
 * source that it lies in, or NULL. */
bool core_source_is_block(const struct ancient_source *source, uint64_t word,
			  const struct ancient_source_range **ret_range);

/* Whether a forced lazy stays what it is, because of its target's tag.  Otherwise the target
 * stands for it, as an immediate one does. */
bool core_source_keeps_forward(unsigned target);

/* The value that stands for `word`: a forced lazy is looked through where the collector
 * would do so.  May be an immediate; of a pointer, where it leads to (source->shift). */
uint64_t core_source_forward(const struct ancient_source *source, uint64_t word);

/* Judges the block at `word` (which core_source_is_block) by its header and, for customs,
 * by what the runtime says.  Fields are not looked at. */
enum core_refusal core_source_judge(const struct ancient_source *source, uint64_t word);

/* "functional value", "unforced lazy value"; customs: 'custom value "ID" that is not
 * registered', in `room`. */
const char *core_source_refusal(const struct ancient_source *source, uint64_t word,
				enum core_refusal refusal, char *buffer, size_t bytes);

#endif
