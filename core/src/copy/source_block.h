/* core/copy: what a source block is, and whether it can be shared. */
#ifndef CORE_SOURCE_BLOCK_H
#define CORE_SOURCE_BLOCK_H

#include <stdbool.h>

#include <ancient/format.h>
#include <ancient/store.h>

/* Why a block is refused (FORMAT 7.2, 8.3). */
enum core_refusal {
	CORE_FINE = 0,
	CORE_DUMMY, /* not refused: what fills the spare room of a Dynarray, copied as another block
		     */
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

/* The last word of a string, with the bytes between the string's end and the last byte zeroed. */
static inline uint64_t core_source_string_end(uint64_t last)
{
	unsigned padding = (unsigned)(last >> 56);

	return last & (0xFFull << 56 | ((1ull << (56 - 8 * padding)) - 1));
}

/* The range of the source in which `word` lies, or NULL. */
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

/* Whether the even `word` leads to a block with a readable header.  *ret_range: the range of the
 * source in which it lies, or NULL. */
bool ancient_core_source_is_block(const struct ancient_source *source, uint64_t word,
				  const struct ancient_source_range **ret_range);

/* Whether a forced lazy stays a block of its own because of the tag of its target.  Otherwise the
 * target replaces it, as an immediate always does. */
bool ancient_core_source_keeps_forward(unsigned target);

/* The value that replaces the block at `word`: the target of a forced lazy if the collector would
 * do the same; otherwise `word`.  May be an immediate; a pointer has source->shift added. */
uint64_t ancient_core_source_forward(const struct ancient_source *source, uint64_t word);

/* Judges the block at `word` by its header and, for a custom, by what the runtime says about it.
 * Fields are read of objects only. ancient_core_source_is_block holds for `word`. */
enum core_refusal ancient_core_source_judge(const struct ancient_source *source, uint64_t word);

/* The text for an error message, such as "functional value".  That of a custom contains its
 * identifier and is written to `buffer`. */
const char *ancient_core_source_refusal(const struct ancient_source *source, uint64_t word,
					enum core_refusal refusal, char *buffer, size_t bytes);

#endif
