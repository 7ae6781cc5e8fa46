/* c-reader/value: the tests of custom blocks (FORMAT 6 and 9, rule V6): slot, boxed integers,
 * Zarith's integers.  Called by the gate and by verification. */
#include "value/gate_bigarray.h"
#include "value/gate_custom.h"

const char *const ancient_reader_custom_well_known[ANCIENT_CUSTOM_WELL_KNOWN] = {
	[ANCIENT_CUSTOM_INT64] = "_j",     [ANCIENT_CUSTOM_INT32] = "_i",
	[ANCIENT_CUSTOM_NATIVEINT] = "_n", [ANCIENT_CUSTOM_BIGARRAY] = "_bigarr02",
	[ANCIENT_CUSTOM_ZARITH] = "_z",
};

bool ancient_reader_custom_slot(const struct ancient_file *file, uint64_t word, uint32_t *ret_slot)
{
	/* base is at least 256 MiB (3.3), so this does not wrap; `at` may, to a large number. */
	uint64_t slots = file->super.base - ANCIENT_CUSTOM_WINDOW;
	uint64_t at = word - slots;

	if (at % ANCIENT_CUSTOM_SLOT != 0 || at / ANCIENT_CUSTOM_SLOT >= file->super.custom_slots)
		return false;
	*ret_slot = (uint32_t)(at / ANCIENT_CUSTOM_SLOT);
	return true;
}

static enum ancient_code bad_word(const struct ancient_file *file, uint64_t at, uint64_t expected,
				  uint64_t found, const char *what, struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_CUSTOM, READER_V(6), at, expected, found};
	return ancient_reader_fail(file->name, err, &fault, "expected %s, found %#llx", what,
				   (unsigned long long)found);
}

static enum ancient_code bad_size(const struct ancient_file *file, const struct reader_block *block,
				  uint64_t expected, const char *what, struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_CUSTOM, READER_V(6),
					   block->offset - ANCIENT_WORD, expected, block->wosize};
	return ancient_reader_fail(file->name, err, &fault, "expected %s, found %llu", what,
				   (unsigned long long)block->wosize);
}

static enum ancient_code int_shape(const struct ancient_file *file,
				   const struct reader_block *block, uint32_t slot,
				   struct ancient_error *err)
{
	uint64_t word;

	if (block->wosize != 2)
		return bad_size(file, block, 2, "2 words in a boxed integer", err);
	word = reader_field(file, block, 1);
	if (slot == ANCIENT_CUSTOM_INT32 && (uint64_t)(int64_t)(int32_t)word != word)
		return bad_word(file, block->offset + ANCIENT_WORD,
				(uint64_t)(int64_t)(int32_t)word, word,
				"an int32 extended to 64 bits", err);
	return ANCIENT_OK;
}

static enum ancient_code zarith_shape(const struct ancient_file *file,
				      const struct reader_block *block, struct ancient_error *err)
{
	uint64_t limbs, head;

	if (block->wosize < 2)
		return bad_size(file, block, 2, "at least 2 words in a Z.t", err);
	head = reader_field(file, block, 1);
	limbs = head & ~(1ull << 63);
	if (limbs > block->wosize - 2)
		return bad_word(file, block->offset + ANCIENT_WORD, block->wosize - 2, head,
				"a count of limbs that fits the block", err);
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_custom_tail(const struct ancient_file *file,
					     const struct reader_block *block,
					     struct ancient_error *err)
{
	uint32_t slot;

	if (block->tag != ANCIENT_TAG_CUSTOM || block->wosize < 2 ||
	    !ancient_reader_custom_slot(file, reader_field(file, block, 0), &slot) ||
	    slot != ANCIENT_CUSTOM_ZARITH)
		return ANCIENT_OK;
	uint64_t limbs = reader_field(file, block, 1) & ~(1ull << 63);
	for (uint64_t i = limbs; i < block->wosize - 2; i++) {
		uint64_t word = reader_field(file, block, 2 + i);
		if (word != 0)
			return bad_word(file, block->offset + (2 + i) * ANCIENT_WORD, 0, word,
					"0 behind the limbs", err);
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_custom_shape(const struct ancient_file *file,
					      const struct reader_block *block,
					      struct reader_bigarray *ret_array,
					      struct ancient_error *err)
{
	struct reader_bigarray array;
	uint64_t word;
	uint32_t slot;

	if (block->wosize == 0)
		return bad_size(file, block, 1, "at least 1 word in a custom block", err);
	word = reader_field(file, block, 0);
	if (!ancient_reader_custom_slot(file, word, &slot))
		return bad_word(file, block->offset, file->super.base - ANCIENT_CUSTOM_WINDOW, word,
				"the address of a custom slot", err);
	switch (slot) {
	case ANCIENT_CUSTOM_INT64:
	case ANCIENT_CUSTOM_INT32:
	case ANCIENT_CUSTOM_NATIVEINT:
		return int_shape(file, block, slot, err);
	case ANCIENT_CUSTOM_ZARITH:
		return zarith_shape(file, block, err);
	case ANCIENT_CUSTOM_BIGARRAY: /* the payload is tested where it is wanted */
		return ancient_reader_bigarray_shape(file, block,
						     ret_array != NULL ? ret_array : &array, err);
	default:
		return ANCIENT_OK;
	}
}
