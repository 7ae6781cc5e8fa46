/* core/copy: what a type says of a block (ancient/dedup.h).  Part of copy_dedup.c. */
#ifndef CORE_BLOCK_TYPE_H
#define CORE_BLOCK_TYPE_H

#include <stddef.h>

#include <ancient/dedup.h>

#include "base/block.h"

#define CORE_ROOT_TYPE 1u

enum { CORE_CASE_FIELDS, CORE_CASE_SHARED, CORE_CASE_TYPES }; /* words of a case */

#define CORE_TAG_WORDS 3u /* of an entry of ANCIENT_DEDUP_TAGS */

/* Lazies within each other: `t lazy_t lazy_t`. */
#define CORE_LAZY_MOST 16u

/* The type of the value, for that of a lazy which the copy has replaced by its value. */
static inline uint32_t core_block_type_forced(const uint32_t *types, uint32_t type)
{
	for (unsigned i = 0; i < CORE_LAZY_MOST && types[type] == ANCIENT_DEDUP_LAZY; i++)
		type = types[type + 1];
	return type;
}

/* The case of blocks of this tag and size; NULL: there is none. */
static inline const uint32_t *core_block_type_case(const uint32_t *words, uint32_t type,
						   unsigned tag, uint64_t wosize)
{
	const uint32_t *found;

	if (words[type] != ANCIENT_DEDUP_CASES || tag >= words[type + 1])
		return NULL;
	found = words + words[type + 2 + tag];
	return found[CORE_CASE_FIELDS] == wosize ? found : NULL;
}

static inline bool core_block_type_shares_strings(const struct ancient_dedup *dedup, uint32_t type)
{
	if (!dedup->types)
		return dedup->strings;
	type = core_block_type_forced(dedup->types, type);
	return dedup->types[type] == ANCIENT_DEDUP_STRING ||
	       (dedup->strings && dedup->types[type] == ANCIENT_DEDUP_ANY);
}

/* Whether float arrays of this type and size are immutable records. */
static inline bool core_block_type_shares_floats(const struct ancient_dedup *dedup, uint32_t type,
						 uint64_t wosize)
{
	const uint32_t *found = NULL;

	if (dedup->types)
		found = core_block_type_case(dedup->types,
					     core_block_type_forced(dedup->types, type), 0, wosize);
	return found && found[CORE_CASE_SHARED];
}

/* The entry of a polymorphic constructor among `count`; NULL: there is none. */
static inline const uint32_t *core_block_type_tag(const uint32_t *entries, uint32_t count,
						  uint32_t tag)
{
	while (count > 0) {
		uint32_t half = count / 2;
		const uint32_t *middle = entries + (size_t)half * CORE_TAG_WORDS;

		if (middle[0] == tag)
			return middle;
		if (middle[0] < tag) {
			entries = middle + CORE_TAG_WORDS;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return NULL;
}

/* The types of the fields of a block, `*ret_step` words apart, and whether it may be shared.  Its
 * words begin at `block`; those that are no immediates are not looked at. */
static inline bool core_block_type_fields(const struct ancient_dedup *dedup, uint32_t type,
					  const uint64_t *block, const uint32_t **ret_types,
					  uint64_t *ret_step)
{
	static const uint32_t any = ANCIENT_DEDUP_ANY;
	const uint32_t *words = dedup->types, *found;
	uint64_t wosize = core_wosize(block[-1]);
	unsigned tag = core_tag(block[-1]);

	*ret_types = &any;
	*ret_step = 0;
	if (!words || type == ANCIENT_DEDUP_ANY)
		return false;
	if (tag == ANCIENT_TAG_FORWARD) {
		*ret_types = words[type] == ANCIENT_DEDUP_LAZY ? &words[type + 1] : &any;
		return false;
	}
	type = core_block_type_forced(words, type);
	found = core_block_type_case(words, type, tag, wosize);
	if (found) {
		*ret_types = found + CORE_CASE_TYPES;
		*ret_step = 1;
		return found[CORE_CASE_SHARED];
	}
	if (words[type] == ANCIENT_DEDUP_ARRAY && tag == 0)
		*ret_types = &words[type + 1];
	if (words[type] != ANCIENT_DEDUP_TAGS || tag != 0 || wosize != 2)
		return false;
	found = core_block_type_tag(words + type + 2, words[type + 1], (uint32_t)block[0]);
	if (!found)
		return false;
	*ret_types = found + 1;
	*ret_step = 1;
	return true;
}

#endif
