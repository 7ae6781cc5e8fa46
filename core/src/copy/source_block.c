/* core/copy: what a source block is, and whether it can be shared (FORMAT 7.2, 8.3).  The copy and
 * the walk that explains a refusal judge by the same functions. */
#include "copy/source_block.h"

#include <stdio.h>
#include <string.h>

#include "base/bigarray.h"
#include "base/block.h"
#include "index/custom_records.h"

bool ancient_core_source_is_block(const struct ancient_source *source, uint64_t word,
				  const struct ancient_source_range **ret_range)
{
	*ret_range = NULL;
	if (word == 0 || word % 8)
		return false;
	*ret_range = core_source_range(source, word);
	return *ret_range || !source->classify ||
	       source->classify(source->context, word) == ANCIENT_SOURCE_BLOCK;
}

/* The rule of OCaml's major collector: a Forward block is replaced by its target unless the target
 * is a float (a boxed float would take the place of a lazy, and a flat float array that of an array
 * of lazies), a lazy, or another Forward. */
bool ancient_core_source_keeps_forward(unsigned target)
{
	return target == ANCIENT_TAG_FORWARD || target == ANCIENT_TAG_LAZY ||
	       target == ANCIENT_TAG_FORCING || target == ANCIENT_TAG_DOUBLE;
}

uint64_t ancient_core_source_forward(const struct ancient_source *source, uint64_t word)
{
	const struct ancient_source_range *range;
	uint64_t target;

	if (core_tag(core_block_word(word, -1)) != ANCIENT_TAG_FORWARD || source->keep_lazies)
		return word;
	target = core_block_word(word, 0);
	if (target & 1)
		return target;
	target += source->shift;
	if (!ancient_core_source_is_block(source, target, &range) ||
	    ancient_core_source_keeps_forward(core_tag(core_block_word(target, -1))))
		return word;
	return target;
}

static enum core_refusal judge_custom(const struct ancient_source *source, uint64_t word,
				      uint64_t wosize)
{
	struct ancient_source_custom custom = {0};
	uint64_t bytes;

	if (wosize < 1)
		return CORE_MALFORMED;
	if (source->custom)
		custom = source->custom(source->context, core_block_word(word, 0));
	if (!custom.identifier)
		return CORE_CUSTOM;
	switch (ancient_core_custom_well_known(custom.identifier)) {
	case ANCIENT_CUSTOM_INT64:
	case ANCIENT_CUSTOM_INT32:
	case ANCIENT_CUSTOM_NATIVEINT:
		return wosize == 2 ? CORE_FINE : CORE_MALFORMED;
	case ANCIENT_CUSTOM_BIGARRAY:
		return ancient_core_bigarray_bytes(word, &bytes) ? CORE_FINE : CORE_BIGARRAY;
	case ANCIENT_CUSTOM_ZARITH:
		return wosize >= 2 ? CORE_FINE : CORE_MALFORMED;
	default:
		return custom.registered && strlen(custom.identifier) <= ANCIENT_CUSTOM_ID_MAX &&
				       custom.identifier[0]
			       ? CORE_FINE
			       : CORE_CUSTOM;
	}
}

/* The block that field i leads to, with the shift added; 0 where it leads to none. */
static uint64_t field_block(const struct ancient_source *source, uint64_t word, int64_t i)
{
	const struct ancient_source_range *range;
	uint64_t field = core_block_word(word, i);

	if (field & 1)
		return 0;
	field += source->shift;
	return ancient_core_source_is_block(source, field, &range) ? field : 0;
}

/* Whether an object is one that a Dynarray of OCaml 5.3 and later fills its spare room with: it has
 * no public methods, and one instance variable, a reference to itself.  Nothing can be asked of
 * such an object but whether it is the same as another one. */
static bool is_dummy(const struct ancient_source *source, uint64_t word, uint64_t wosize)
{
	uint64_t methods, reference, some;

	if (wosize != 3 || (core_block_word(word, 1) & 1) == 0)
		return false;
	methods = field_block(source, word, 0);
	if (methods == 0 || core_block_word(methods, 0) != 1)
		return false;
	reference = field_block(source, word, 2);
	some = reference == 0 ? 0 : field_block(source, reference, 0);
	return some != 0 && field_block(source, some, 0) == word;
}

enum core_refusal ancient_core_source_judge(const struct ancient_source *source, uint64_t word)
{
	uint64_t header = core_block_word(word, -1), wosize = core_wosize(header);
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
		return wosize >= 1 && core_block_word(word, (int64_t)wosize - 1) >> 56 < 8
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
		return is_dummy(source, word, wosize) ? CORE_DUMMY : CORE_OBJECT;
	case ANCIENT_TAG_ABSTRACT:
		return CORE_ABSTRACT;
	default:
		return CORE_FUNCTION; /* closures, and infix pointers into them */
	}
}

/* Constructors of exceptions and extensible variants are object blocks too.  Their first field is a
 * name; that of an object leads to its methods. */
static bool is_constructor(const struct ancient_source *source, uint64_t word)
{
	const struct ancient_source_range *range;
	uint64_t name = core_block_word(word, 0);

	name += name & 1 ? 0 : source->shift;
	return core_wosize(core_block_word(word, -1)) == 2 && (name & 1) == 0 &&
	       ancient_core_source_is_block(source, name, &range) &&
	       core_tag(core_block_word(name, -1)) == ANCIENT_TAG_STRING;
}

const char *ancient_core_source_refusal(const struct ancient_source *source, uint64_t word,
					enum core_refusal refusal, char *buffer, size_t bytes)
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
		custom = source->custom(source->context, core_block_word(word, 0));
	if (!custom.identifier)
		snprintf(buffer, bytes, "custom value of an unknown type");
	else if (strlen(custom.identifier) > ANCIENT_CUSTOM_ID_MAX)
		snprintf(buffer, bytes,
			 "custom value \"%.55s...\" whose identifier is longer than %u bytes",
			 custom.identifier, ANCIENT_CUSTOM_ID_MAX);
	else
		snprintf(buffer, bytes, "custom value \"%s\" that is not registered",
			 custom.identifier);
	return buffer;
}
