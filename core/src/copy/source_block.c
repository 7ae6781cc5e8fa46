/* core: what a source block is, and whether it can be shared (FORMAT 7.2, 8.3).
 *
 * One judge for the copy and for the walk that names the path of what was refused.
 */
#include "copy/source_block.h"

#include <stdio.h>
#include <string.h>

static const char *const well_known[ANCIENT_CUSTOM_WELL_KNOWN] = {"_j", "_i", "_n", "_bigarr02",
								  "_z"};

static const uint8_t item_bytes[ANCIENT_BIGARRAY_KINDS] = {4, 8, 1, 1, 2,  2, 4,
							   8, 8, 8, 8, 16, 1, 2};

unsigned core_shape_well_known(const char *identifier)
{
	unsigned i = 0;

	while (i < ANCIENT_CUSTOM_WELL_KNOWN && strcmp(identifier, well_known[i]) != 0)
		i++;
	return i;
}

bool core_source_is_block(const struct ancient_source *source, uint64_t word,
			  const struct ancient_source_range **ret_range)
{
	*ret_range = NULL;
	if (word == 0 || word % 8)
		return false;
	*ret_range = core_source_range(source, word);
	return *ret_range || !source->classify ||
	       source->classify(source->context, word) == ANCIENT_SOURCE_BLOCK;
}

/* The rule of OCaml's major collector: a Forward block is short-circuited unless its target
 * is a float (which would make a boxed float of a lazy one and so a flat array of a boxed
 * one), a lazy, or another Forward. */
bool core_shape_keeps_forward(unsigned target)
{
	return target == ANCIENT_TAG_FORWARD || target == ANCIENT_TAG_LAZY ||
	       target == ANCIENT_TAG_FORCING || target == ANCIENT_TAG_DOUBLE;
}

uint64_t core_source_forward(const struct ancient_source *source, uint64_t word)
{
	const struct ancient_source_range *range;
	uint64_t target;

	if (core_tag(core_source_word(word, -1)) != ANCIENT_TAG_FORWARD || source->keep_lazies)
		return word;
	target = core_source_word(word, 0);
	if (target & 1)
		return target;
	target += source->shift;
	if (!core_source_is_block(source, target, &range) ||
	    core_shape_keeps_forward(core_tag(core_source_word(target, -1))))
		return word;
	return target;
}

const char *core_shape_identifier(unsigned slot)
{
	return well_known[slot];
}

uint64_t core_shape_item_bytes(uint64_t kind)
{
	return item_bytes[kind];
}

bool core_shape_payload(uint64_t word, uint64_t *ret_bytes)
{
	uint64_t wosize = core_wosize(core_source_word(word, -1));
	uint64_t dims, kind, bytes;
	bool empty = false;

	if (wosize < ANCIENT_BIGARRAY_WORDS)
		return false;
	dims = core_source_word(word, 2);
	kind = core_source_word(word, 3) & ANCIENT_BIGARRAY_KIND_MASK;
	if (dims > ANCIENT_BIGARRAY_DIMS_MAX || wosize != ANCIENT_BIGARRAY_WORDS + dims ||
	    kind >= ANCIENT_BIGARRAY_KINDS)
		return false;
	bytes = item_bytes[kind];
	for (uint64_t i = 0; i < dims; i++)
		empty |= core_source_word(word, (int64_t)(ANCIENT_BIGARRAY_WORDS + i)) == 0;
	for (uint64_t i = 0; i < dims && !empty; i++)
		if (__builtin_mul_overflow(
			    bytes, core_source_word(word, (int64_t)(ANCIENT_BIGARRAY_WORDS + i)),
			    &bytes) ||
		    bytes > ANCIENT_ADDRESS_LIMIT)
			return false;
	*ret_bytes = empty ? 0 : bytes;
	return true;
}

static enum core_refusal judge_custom(const struct ancient_source *source, uint64_t word,
				      uint64_t wosize)
{
	struct ancient_source_custom custom = {0};
	uint64_t bytes;

	if (wosize < 1)
		return CORE_MALFORMED;
	if (source->custom)
		custom = source->custom(source->context, core_source_word(word, 0));
	if (!custom.identifier)
		return CORE_CUSTOM;
	switch (core_shape_well_known(custom.identifier)) {
	case ANCIENT_CUSTOM_INT64:
	case ANCIENT_CUSTOM_INT32:
	case ANCIENT_CUSTOM_NATIVEINT:
		return wosize == 2 ? CORE_FINE : CORE_MALFORMED;
	case ANCIENT_CUSTOM_BIGARRAY:
		return core_shape_payload(word, &bytes) ? CORE_FINE : CORE_BIGARRAY;
	case ANCIENT_CUSTOM_ZARITH:
		return wosize >= 2 ? CORE_FINE : CORE_MALFORMED;
	default:
		return custom.registered && strlen(custom.identifier) <= ANCIENT_CUSTOM_ID_MAX &&
				       custom.identifier[0]
			       ? CORE_FINE
			       : CORE_CUSTOM;
	}
}

enum core_refusal core_shape_judge(const struct ancient_source *source, uint64_t word)
{
	uint64_t header = core_source_word(word, -1), wosize = core_wosize(header);
	unsigned tag = core_tag(header);

	if (tag <= ANCIENT_TAG_LAST_PLAIN)
		return CORE_FINE;
	switch (tag) {
	case ANCIENT_TAG_FORWARD:
	case ANCIENT_TAG_DOUBLE:
		return wosize == 1 ? CORE_FINE : CORE_MALFORMED;
	case ANCIENT_TAG_DOUBLE_ARRAY:
		return CORE_FINE; /* an empty one becomes the empty block of tag 0 */
	case ANCIENT_TAG_STRING:
		return wosize >= 1 && core_source_word(word, (int64_t)wosize - 1) >> 56 < 8
			       ? CORE_FINE
			       : CORE_MALFORMED;
	case ANCIENT_TAG_CUSTOM:
		return judge_custom(source, word, wosize);
	case ANCIENT_TAG_FORCING:
		return CORE_FORCING;
	case ANCIENT_TAG_CONTINUATION:
		return CORE_CONTINUATION;
	case ANCIENT_TAG_LAZY:
		return CORE_LAZY;
	case ANCIENT_TAG_OBJECT:
		return CORE_OBJECT;
	case ANCIENT_TAG_ABSTRACT:
		return CORE_ABSTRACT;
	default:
		return CORE_FUNCTION; /* closures, and infix pointers into them */
	}
}

/* Exceptions and extensible variants are told apart by the address of a block with the name
 * first; an object has its methods there. */
static bool is_constructor(const struct ancient_source *source, uint64_t word)
{
	const struct ancient_source_range *range;
	uint64_t name = core_source_word(word, 0);

	name += name & 1 ? 0 : source->shift;
	return core_wosize(core_source_word(word, -1)) == 2 && (name & 1) == 0 &&
	       core_source_is_block(source, name, &range) &&
	       core_tag(core_source_word(name, -1)) == ANCIENT_TAG_STRING;
}

const char *core_shape_refusal(const struct ancient_source *source, uint64_t word,
			       enum core_refusal refusal, char *room, size_t bytes)
{
	static const char *const texts[] = {
		[CORE_NAKED] = "naked pointer",
		[CORE_FUNCTION] = "functional value",
		[CORE_OBJECT] = "object",
		[CORE_LAZY] = "unforced lazy value",
		[CORE_FORCING] = "lazy value that is being forced",
		[CORE_CONTINUATION] = "continuation",
		[CORE_ABSTRACT] = "abstract value",
		[CORE_BIGARRAY] = "bigarray of an unknown layout",
		[CORE_MALFORMED] = "malformed block",
	};
	struct ancient_source_custom custom = {0};

	if (refusal == CORE_OBJECT && is_constructor(source, word))
		return "exception or extensible variant";
	if (refusal != CORE_CUSTOM)
		return texts[refusal] ? texts[refusal] : "value";
	if (source->custom)
		custom = source->custom(source->context, core_source_word(word, 0));
	if (!custom.identifier)
		snprintf(room, bytes, "custom value of an unknown type");
	else if (strlen(custom.identifier) > ANCIENT_CUSTOM_ID_MAX)
		snprintf(room, bytes,
			 "custom value \"%.55s...\" whose identifier is longer than %u bytes",
			 custom.identifier, ANCIENT_CUSTOM_ID_MAX);
	else
		snprintf(room, bytes, "custom value \"%s\" that is not registered",
			 custom.identifier);
	return room;
}
