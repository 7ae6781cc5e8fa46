/* core: what a source block is, and whether it can be shared. */
#ifndef CORE_SHAPE_H
#define CORE_SHAPE_H

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

static inline uint64_t core_wosize(uint64_t header)
{
	return header >> ANCIENT_HEADER_WOSIZE_SHIFT;
}

static inline unsigned core_tag(uint64_t header)
{
	return (unsigned)(header & ANCIENT_HEADER_TAG_MASK);
}

/* Word `i` of the block at `word`; -1 is its header. */
static inline uint64_t core_source_word(uint64_t word, int64_t i)
{
	return ((const uint64_t *)(uintptr_t)word)[i];
}

/* The last word of a string, the bytes between its end and the last one zero. */
static inline uint64_t core_shape_string_end(uint64_t last)
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
bool core_shape_keeps_forward(unsigned target);

/* The value that stands for `word`: a forced lazy is looked through where the collector
 * would do so.  May be an immediate; of a pointer, where it leads to (source->shift). */
uint64_t core_source_forward(const struct ancient_source *source, uint64_t word);

/* Judges the block at `word` (which core_source_is_block) by its header and, for customs,
 * by what the runtime says.  Fields are not looked at. */
enum core_refusal core_shape_judge(const struct ancient_source *source, uint64_t word);

/* The well-known slot of an identifier, or ANCIENT_CUSTOM_WELL_KNOWN where it is none. */
unsigned core_shape_well_known(const char *identifier);

/* The identifier of a well-known slot. */
const char *core_shape_identifier(unsigned slot);

/* Bytes of an element, for a kind that is known. */
uint64_t core_shape_item_bytes(uint64_t kind);

/* Payload bytes of the bigarray at `word`; false where it is malformed. */
bool core_shape_payload(uint64_t word, uint64_t *ret_bytes);

/* "functional value", "unforced lazy value"; customs: 'custom value "ID" that is not
 * registered', in `room`. */
const char *core_shape_refusal(const struct ancient_source *source, uint64_t word,
			       enum core_refusal refusal, char *room, size_t bytes);

#endif
