/* core/base: how many bytes a bigarray's elements take (FORMAT 7.5). */
#include "base/bigarray.h"

#include "base/block.h"

static const uint8_t item_bytes[ANCIENT_BIGARRAY_KINDS] = {4, 8, 1, 1, 2,  2, 4,
							   8, 8, 8, 8, 16, 1, 2};

uint64_t ancient_core_bigarray_item_bytes(uint64_t kind)
{
	return item_bytes[kind];
}

bool ancient_core_bigarray_bytes(uint64_t word, uint64_t *ret_bytes)
{
	uint64_t wosize = core_wosize(core_block_word(word, -1));
	uint64_t dims, kind, bytes;
	bool empty = false;

	if (wosize < ANCIENT_BIGARRAY_WORDS)
		return false;
	dims = core_block_word(word, 2);
	kind = core_block_word(word, 3) & ANCIENT_BIGARRAY_KIND_MASK;
	if (dims > ANCIENT_BIGARRAY_DIMS_MAX || wosize != ANCIENT_BIGARRAY_WORDS + dims ||
	    kind >= ANCIENT_BIGARRAY_KINDS)
		return false;
	bytes = item_bytes[kind];
	for (uint64_t i = 0; i < dims; i++)
		empty |= core_block_word(word, (int64_t)(ANCIENT_BIGARRAY_WORDS + i)) == 0;
	for (uint64_t i = 0; i < dims && !empty; i++)
		if (__builtin_mul_overflow(
			    bytes, core_block_word(word, (int64_t)(ANCIENT_BIGARRAY_WORDS + i)),
			    &bytes) ||
		    bytes > ANCIENT_ADDRESS_LIMIT)
			return false;
	*ret_bytes = empty ? 0 : bytes;
	return true;
}
