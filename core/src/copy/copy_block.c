/* core/copy: one source block, written to the target: its words, and what must differ in the copy
 * (FORMAT 7.3 to 7.6). */
#include "copy/copy_block.h"

#include <string.h>

#include "base/bigarray.h"
#include "base/block.h"
#include "base/buffer.h"
#include "base/fail.h"
#include "copy/source_block.h"
#include "index/custom_records.h"

#define SHORT 8u /* a block of at most this many fields is copied without a call of memcpy */

enum ancient_code ancient_core_copy_block(struct core_copier *copier, uint64_t word,
					  uint64_t wosize, unsigned tag, uint64_t *ret_first,
					  struct ancient_error *err)
{
	struct core_copy_target *target = copier->target;
	uint64_t *to;

	if (__builtin_expect(target->capacity - target->used <= wosize, 0)) {
		enum ancient_code code = target->grow(target, wosize + 1, err);

		if (code != ANCIENT_OK)
			return code;
	}
	to = target->words + target->used;
	*to++ = ANCIENT_HEADER(wosize, tag);
	if (wosize <= SHORT)
		for (uint64_t i = 0; i < wosize; i++)
			to[i] = core_block_word(word, (int64_t)i);
	else
		memcpy(to, (const void *)(uintptr_t)word, wosize * 8);
	*ret_first = target->used + 1;
	target->used += wosize + 1;
	copier->blocks++;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_copy_block_empty(struct core_copier *copier, unsigned tag,
						uint64_t *ret_first, struct ancient_error *err)
{
	if (tag > ANCIENT_TAG_LAST_PLAIN)
		tag = 0;
	if (!copier->empty[tag]) {
		enum ancient_code code =
			ancient_core_copy_block(copier, 0, 0, tag, &copier->empty[tag], err);

		if (code != ANCIENT_OK)
			return code;
	}
	*ret_first = copier->empty[tag];
	return ANCIENT_OK;
}

enum ancient_code ancient_core_copy_block_dummy(struct core_copier *copier, uint64_t *ret_first,
						struct ancient_error *err)
{
	static const uint64_t unit[1] = {1};

	if (!copier->dummy) {
		enum ancient_code code = ancient_core_copy_block(copier, (uint64_t)(uintptr_t)unit,
								 1, 0, &copier->dummy, err);

		if (code != ANCIENT_OK)
			return code;
	}
	*ret_first = copier->dummy;
	return ANCIENT_OK;
}

static enum ancient_code find_custom(struct core_copier *copier, uint64_t operations,
				     const struct core_custom_cache **ret,
				     struct ancient_error *err)
{
	struct core_custom_cache *cache = &copier->customs[operations / 64 % CORE_CUSTOM_CACHE];
	struct ancient_source_custom custom;
	enum ancient_code code;
	uint64_t word;

	if (cache->operations != operations) {
		custom = copier->source->custom(copier->source->context, operations);
		code = copier->target->custom(copier->target,
					      custom.operations ? custom.operations : operations,
					      custom.identifier, &word, err);
		if (code != ANCIENT_OK)
			return code;
		cache->operations = operations;
		cache->word = word;
		cache->well_known = ancient_core_custom_well_known(custom.identifier);
	}
	*ret = cache;
	return ANCIENT_OK;
}

/* FORMAT 7.5: the words that belong to the source's own memory management become 0. */
static enum ancient_code finish_bigarray(struct core_copier *copier, uint64_t word, uint64_t first,
					 struct ancient_error *err)
{
	struct core_copy_target *target = copier->target;
	uint64_t *field = target->words + first;
	struct core_patch *patch;
	uint64_t bytes = 0, payload;

	ancient_core_bigarray_bytes(word, &bytes);
	field[1] = 0;
	field[3] &= ANCIENT_BIGARRAY_FLAGS_KNOWN;
	field[4] = 0;
	if (bytes == 0)
		return ANCIENT_OK;
	payload = (target->payload_bytes + ANCIENT_EXTENT_ALIGN - 1) &
		  ~(uint64_t)(ANCIENT_EXTENT_ALIGN - 1);
	if (target->payload_most &&
	    (payload > target->payload_most || bytes > target->payload_most - payload))
		return ancient_core_fail(
			err, ANCIENT_E_NO_ROOM,
			"%s: its bigarrays overlap, so that a copy would be larger", target->name);
	patch = ancient_core_buffer_append(&target->patches, sizeof *patch);
	if (!patch)
		return ancient_core_fail_memory(err, target->name);
	patch->word = first + 1;
	patch->payload = payload;
	patch->from =
		(const uint8_t *)(uintptr_t)(core_block_word(word, 1) + copier->source->shift);
	patch->bytes = bytes;
	target->payload_bytes = payload + bytes;
	return ANCIENT_OK;
}

static enum ancient_code finish_custom(struct core_copier *copier, uint64_t word, uint64_t first,
				       struct ancient_error *err)
{
	const struct core_custom_cache *cache;
	enum ancient_code code = find_custom(copier, core_block_word(word, 0), &cache, err);
	uint64_t *field = copier->target->words + first;

	if (code != ANCIENT_OK)
		return code;
	field[0] = cache->word;
	if (cache->well_known == ANCIENT_CUSTOM_INT32)
		field[1] = (uint64_t)(int64_t)(int32_t)
			field[1]; /* the runtime leaves its upper half undefined */
	if (cache->well_known == ANCIENT_CUSTOM_BIGARRAY)
		return finish_bigarray(copier, word, first, err);
	return ANCIENT_OK;
}

enum ancient_code ancient_core_copy_block_special(struct core_copier *copier, uint64_t word,
						  uint64_t wosize, unsigned tag,
						  uint64_t *ret_first, struct ancient_error *err)
{
	enum ancient_code code = ancient_core_copy_block(copier, word, wosize, tag, ret_first, err);
	uint64_t *last;

	if (code != ANCIENT_OK)
		return code;
	last = copier->target->words + *ret_first + wosize - 1;
	if (tag == ANCIENT_TAG_STRING)
		*last = core_source_string_end(*last);
	if (tag == ANCIENT_TAG_CUSTOM)
		return finish_custom(copier, word, *ret_first, err);
	return ANCIENT_OK;
}
