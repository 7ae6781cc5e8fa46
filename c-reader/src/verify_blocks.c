/* c-reader: the blocks of values extents, met one after the other (V2 to V8), and then
 * their pointers, held against the places where blocks begin (V1, and V7 for payloads). */
#include "verify.h"

/* Work is reported after so many bytes of blocks. */
#define STEP_BYTES (1u << 20)

static enum ancient_code no_filler(struct reader_verify *v, uint64_t at, uint64_t found)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, READER_V(3), at, ANCIENT_FILLER,
					   found};
	return reader_fail(v->file->name, v->err, &fault, "expected the filler %#llx, found %#llx",
			   ANCIENT_FILLER, (unsigned long long)found);
}

/* Counts `bytes` of a walk; reports from time to time. */
static enum ancient_code step(struct reader_verify *v, uint64_t *pending, uint64_t bytes)
{
	*pending += bytes;
	if (*pending < STEP_BYTES)
		return ANCIENT_OK;
	bytes = *pending;
	*pending = 0;
	return reader_verify_step(v, bytes);
}

enum ancient_code reader_verify_blocks(struct reader_verify *v, const struct reader_region *region,
				       uint64_t extent)
{
	const struct ancient_file *file = v->file;
	const uint64_t end = region->end - ANCIENT_WORD; /* the filler's place */
	uint64_t at = region->start, blocks = 0, pending = 0, filler;
	enum ancient_code code = ANCIENT_OK;

	while (at < end && code == ANCIENT_OK) {
		struct reader_block block;
		code = reader_gate_header(file, at + ANCIENT_WORD, end, &block, v->err);
		if (code == ANCIENT_OK)
			code = reader_gate_shape(file, &block, v->err);
		if (code == ANCIENT_OK)
			code = reader_custom_tail(file, &block, v->err);
		if (code != ANCIENT_OK)
			break;
		reader_start_set(v, block.offset);
		blocks++;
		at = block.offset + block.wosize * ANCIENT_WORD;
		code = step(v, &pending, (1 + block.wosize) * ANCIENT_WORD);
	}
	if (code != ANCIENT_OK)
		return code;
	filler = reader_word(file, end);
	if (filler != ANCIENT_FILLER)
		return no_filler(v, end, filler);
	v->result.blocks += blocks;
	v->value_bytes += end - region->start;
	return reader_verify_count(v, READER_V(8), extent + offsetof(struct ancient_extent, count),
				   blocks, region->count);
}

/* ---- Pointers -------------------------------------------------------------------- */

static enum ancient_code check_field(struct reader_verify *v, uint64_t place)
{
	uint64_t word = reader_word(v->file, place);
	const struct reader_fault fault = {ANCIENT_E_BAD_POINTER, READER_V(1), place, 0, word};

	v->result.pointers += reader_is_pointer(word);
	if (reader_start_valid(v, word))
		return ANCIENT_OK;
	return reader_fail(v->file->name, v->err, &fault,
			   "expected the address of the first field of a block, found %#llx",
			   (unsigned long long)word);
}

static enum ancient_code check_payload(struct reader_verify *v, const struct reader_block *block)
{
	const struct ancient_file *file = v->file;
	struct reader_bigarray array;
	uint64_t offset = 0;
	uint32_t slot;
	enum ancient_code code;

	if (!reader_custom_slot(file, reader_field(file, block, 0), &slot) ||
	    slot != ANCIENT_CUSTOM_BIGARRAY)
		return ANCIENT_OK;
	code = reader_bigarray_shape(file, block, &array, v->err);
	if (code == ANCIENT_OK)
		code = reader_bigarray_payload(file, block, &array, &offset, v->err);
	if (code != ANCIENT_OK || array.bytes == 0)
		return code;
	v->result.pointers++;
	if (reader_region_find(v, ANCIENT_EXTENT_DATA, offset, array.bytes) != NULL)
		return ANCIENT_OK;
	const struct reader_fault fault = {ANCIENT_E_BAD_BIGARRAY, READER_V(7),
					   block->offset + ANCIENT_WORD, 0, array.address};
	return reader_fail(file->name, v->err, &fault,
			   "expected a payload inside a data extent, found %#llx and %llu bytes",
			   (unsigned long long)array.address, (unsigned long long)array.bytes);
}

static enum ancient_code check_block(struct reader_verify *v, const struct reader_block *block,
				     uint64_t *pending)
{
	enum ancient_code code = ANCIENT_OK;

	if (block->tag == ANCIENT_TAG_CUSTOM && block->wosize > 0)
		code = check_payload(v, block);
	if (reader_has_values(block->tag))
		for (uint64_t i = 0; i < block->wosize && code == ANCIENT_OK; i++) {
			code = check_field(v, block->offset + i * ANCIENT_WORD);
			if (code == ANCIENT_OK)
				code = step(v, pending, ANCIENT_WORD);
		}
	else if (code == ANCIENT_OK)
		code = step(v, pending, block->wosize * ANCIENT_WORD);
	return code;
}

static enum ancient_code check_region(struct reader_verify *v, const struct reader_region *region)
{
	const uint64_t end = region->end - ANCIENT_WORD;
	uint64_t at = region->start, pending = 0;
	enum ancient_code code = ANCIENT_OK;

	/* The headers were tested, and are tested again: this is another fetch. */
	while (at < end && code == ANCIENT_OK) {
		struct reader_block block;
		code = reader_gate_header(v->file, at + ANCIENT_WORD, end, &block, v->err);
		if (code != ANCIENT_OK)
			break;
		code = check_block(v, &block, &pending);
		at = block.offset + block.wosize * ANCIENT_WORD;
	}
	return code;
}

enum ancient_code reader_verify_pointers(struct reader_verify *v)
{
	enum ancient_code code = ANCIENT_OK;

	for (size_t i = 0; i < v->region_count && code == ANCIENT_OK; i++)
		if (v->regions[i].kind == ANCIENT_EXTENT_VALUES)
			code = check_region(v, &v->regions[i]);
	return code;
}
