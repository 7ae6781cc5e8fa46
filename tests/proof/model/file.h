/* tests/proof: an open file as it may be: what the choice of a superblock has tested (proved of it
 * in superblock.c), and what the harnesses assume of it. */
#ifndef PROOF_FILE_H
#define PROOF_FILE_H

#include "base/error.h"
#include "value/gate.h"
#include "value/gate_bigarray.h"

/* What every superblock that was chosen holds (FORMAT 3.2, the row "fields"). */
static inline bool proof_super_holds(const struct ancient_superblock *s)
{
	return s->base % ANCIENT_BASE_ALIGN == 0 && s->base >= ANCIENT_BASE_MIN &&
	       s->base < ANCIENT_ADDRESS_LIMIT && s->reserve <= ANCIENT_ADDRESS_LIMIT - s->base &&
	       s->used >= ANCIENT_FIRST_EXTENT && s->used <= s->reserve &&
	       s->used % ANCIENT_WORD == 0 && s->custom_slots >= ANCIENT_CUSTOM_WELL_KNOWN &&
	       s->custom_slots <= ANCIENT_CUSTOM_SLOTS_MAX;
}

/* Any open file.  Its mapping is an object of exactly `used` bytes: a read behind them is outside.
 * Assumed: the kernel maps at a multiple of 8, and as many bytes as were asked for. */
static inline void proof_file(struct ancient_file *file)
{
	static struct reader_cells cells;
	static bool torn;
	struct ancient_superblock super;
	uint64_t present;

	ASSUME(proof_super_holds(&super));
	ASSUME(present <= super.used); /* proved: open.c, prove_present */
	file->super = super;
	file->map = __CPROVER_allocate(super.used, 0);
	file->mapped = super.used;
	file->first = super.base + READER_FIRST_FIELD; /* proved: open.c, prove_set_bounds */
	file->words = super.used > READER_FIRST_FIELD
			      ? (super.used - READER_FIRST_FIELD) / ANCIENT_WORD
			      : 0;
	file->present = present;
	file->newest = nondet_u64();
	/* An older generation is that of a record: commit_record/record_test. */
	ASSUME(file->newest == super.generation || super.record < super.used);
	file->name = "file";
	file->guard = NULL;
	torn = nondet_bool();
	file->torn = &torn;
	file->names = NULL;
	file->cells = &cells;
	file->options.interrupted = NULL;
}

/* A place for errors, or none. */
static inline struct ancient_error *proof_error(void)
{
	static struct ancient_error err;

	return nondet_bool() ? &err : NULL;
}

/* What the gate promises of a block: its fields lie inside the file. */
static inline bool proof_block_inside(const struct ancient_file *file,
				      const struct reader_block *block)
{
	return block->offset % ANCIENT_WORD == 0 && block->offset >= READER_FIRST_FIELD &&
	       block->offset <= file->super.used &&
	       block->wosize <= (file->super.used - block->offset) / ANCIENT_WORD;
}

/* And of its shape: so many fields as its tag needs. */
static inline bool proof_shape_holds(const struct reader_block *block)
{
	switch (block->tag) {
	case ANCIENT_TAG_FORWARD:
	case ANCIENT_TAG_DOUBLE:
		return block->wosize == 1;
	case ANCIENT_TAG_STRING:
	case ANCIENT_TAG_DOUBLE_ARRAY:
	case ANCIENT_TAG_CUSTOM:
		return block->wosize >= 1;
	default:
		return block->tag <= ANCIENT_TAG_LAST_PLAIN;
	}
}

/* What is known of a bigarray whose shape was tested; untouched where the block is none. */
static inline bool proof_array_holds(const struct ancient_file *file,
				     const struct reader_bigarray *array)
{
	return array->dims <= ANCIENT_BIGARRAY_DIMS_MAX && array->item_bytes >= 1 &&
	       array->item_bytes <= 16 && array->bytes <= file->super.used &&
	       array->count <= array->bytes;
}

static inline void proof_array(const struct ancient_file *file, struct reader_bigarray *array)
{
	struct reader_bigarray any;

	ASSUME(any.tested && proof_array_holds(file, &any));
	if (nondet_bool())
		*array = any;
}

/* Any error. */
static inline enum ancient_code proof_code(void)
{
	enum ancient_code code;

	ASSUME(code != ANCIENT_OK);
	return code;
}

#endif
