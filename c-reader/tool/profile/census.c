/* c-reader/tool/profile: the blocks that keys lead to (census.h).
 *
 * A block is the first path's that leads to it.  Where another one comes to it, it becomes shared,
 * with all that is in it, which is walked a second time to say so; never a third time. */
#include "profile/census.h"

#include "dump/reach.h"
#include "profile/layout.h"
#include "profile/payloads.h"

/* In struct profile's `at` and in the states of the walk, beside the place. */
#define SHARED 0x8000u

struct census {
	struct profile *profile;
	struct reader_reach reach;
	uint64_t bytes; /* since the last step */
};

/* Two blocks with fields never begin within the same 16 bytes. */
static uint16_t *cell_of(const struct profile *profile, uint64_t offset)
{
	return &profile->at[offset / (2 * ANCIENT_WORD)];
}

bool profile_census_met(struct profile *profile, const struct reader_block *block)
{
	return block->wosize == 0 ? reader_bits_get(&profile->empty, block->offset)
				  : *cell_of(profile, block->offset) != 0;
}

uint32_t profile_census_place(const struct profile *profile, uint64_t offset, bool *ret_shared)
{
	const uint16_t cell = *cell_of(profile, offset);

	*ret_shared = (cell & SHARED) != 0;
	return cell & ~SHARED;
}

/* ---- Counting ------------------------------------------------------------------------------- */

static void count_string(struct profile *profile, const struct reader_block *block)
{
	struct profile_strings *strings;
	uint64_t length, last;

	if (!reader_string_length(profile->file, block, &length, &last))
		return; /* the gate has seen another word: somebody writes to the file */
	strings = &profile->strings[length == 0 ? 0 : 64 - __builtin_clzll(length)];
	strings->count++;
	strings->length += length;
	strings->bytes += (1 + block->wosize) * ANCIENT_WORD;
	profile->string_padding += block->wosize * ANCIENT_WORD - length;
}

static void count_block(struct profile *profile, uint32_t number, bool shared,
			const struct reader_block *block)
{
	struct profile_place *place = &profile->places.place[number];
	struct profile_size *size = shared ? &place->count.shared : &place->count.own;

	size->blocks++;
	size->bytes += (1 + block->wosize) * ANCIENT_WORD;
	profile->block_headers += ANCIENT_WORD;
	if (place->samples < PROFILE_SAMPLES)
		place->sample[place->samples++] = profile->file->super.base + block->offset;
	if (block->tag == ANCIENT_TAG_STRING)
		count_string(profile, block);
}

/* Of a block that was its place's own. */
static void count_as_shared(struct profile *profile, uint32_t number,
			    const struct reader_block *block)
{
	struct profile_count *count = &profile->places.place[number].count;
	const uint64_t bytes = (1 + block->wosize) * ANCIENT_WORD;

	count->own.blocks--;
	count->own.bytes -= bytes;
	count->shared.blocks++;
	count->shared.bytes += bytes;
}

/* ---- The walk ------------------------------------------------------------------------------- */

static enum ancient_code no_start(const struct profile *profile, uint64_t word)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_POINTER, READER_V(1), ANCIENT_NO_OFFSET, 0,
					   word};

	return ancient_reader_fail(profile->file->name, profile->err, &fault,
				   "expected the address of a block's first field, found %#llx",
				   (unsigned long long)word);
}

/* A block without fields, which counts as shared: a commit has one for each tag, and everything may
 * lead to it. */
static enum ancient_code meet_empty(struct census *census, uint64_t word, uint32_t state,
				    uint32_t index, const struct reader_block *block)
{
	struct profile *profile = census->profile;

	if (reader_bits_get(&profile->empty, block->offset))
		return ANCIENT_OK;
	if (!reader_bits_set(&profile->empty, block->offset, &profile->budget))
		return ancient_reader_reach_exceeded(&census->reach, block->offset);
	count_block(profile,
		    profile_places_child(&profile->places, state & ~SHARED, index, word, block),
		    true, block);
	return ANCIENT_OK;
}

static enum ancient_code go_inside(struct census *census, uint32_t place, uint32_t shared,
				   uint64_t word, const struct reader_block *block)
{
	if (!reader_has_values(block->tag))
		return ANCIENT_OK;
	return ancient_reader_reach_push(
		&census->reach, block,
		profile_places_inside(&census->profile->places, place, word, block) | shared);
}

static enum ancient_code meet(struct census *census, uint64_t word, uint32_t state, uint32_t index,
			      const struct reader_block *block, const struct reader_bigarray *array)
{
	struct profile *profile = census->profile;
	uint16_t *cell = cell_of(profile, block->offset);
	const uint32_t shared = state & SHARED;
	enum ancient_code code = ANCIENT_OK;
	uint32_t place;

	if ((*cell & SHARED) != 0)
		return ANCIENT_OK;
	place = *cell;
	if (place == 0 || shared == 0)
		place = profile_places_child(&profile->places, state & ~SHARED, index, word, block);
	if (*cell != 0) {
		if (shared == 0 && place == *cell)
			return ANCIENT_OK;
		place = *cell;
		count_as_shared(profile, place, block);
		*cell |= SHARED;
		return go_inside(census, place, SHARED, word, block);
	}
	*cell = (uint16_t)(place | shared);
	count_block(profile, place, shared != 0, block);
	census->bytes += (1 + block->wosize) * ANCIENT_WORD;
	if (census->bytes >= PROFILE_STEP) {
		code = profile_step(profile, census->bytes);
		census->bytes = 0;
	}
	if (code == ANCIENT_OK && array->tested)
		code = profile_payload_add(profile, block, array);
	return code == ANCIENT_OK ? go_inside(census, place, shared, word, block) : code;
}

static enum ancient_code visit(void *context, uint64_t word, uint32_t state, uint32_t index)
{
	struct census *census = context;
	struct profile *profile = census->profile;
	struct reader_bigarray array;
	struct reader_block block;
	enum ancient_code code;

	if (!reader_is_pointer(word))
		return ANCIENT_OK;
	array.tested = false;
	code = reader_gate_array(profile->file, word, &block, &array, profile->err);
	if (code != ANCIENT_OK)
		return code;
	if (!profile_starts(profile, block.offset))
		return no_start(profile, word);
	if (block.wosize == 0)
		return meet_empty(census, word, state, index, &block);
	return meet(census, word, state, index, &block, &array);
}

enum ancient_code profile_census(struct profile *profile, uint32_t entry, uint64_t word)
{
	struct census census = {
		.profile = profile,
		.reach = {.budget = &profile->budget, .what = "profile", .err = profile->err},
	};
	enum ancient_code code = reader_reach_walk(&census.reach, visit, &census, word, entry);

	if (code == ANCIENT_OK)
		code = profile_step(profile, census.bytes);
	ancient_reader_reach_done(&census.reach);
	return code;
}
