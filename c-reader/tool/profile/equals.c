/* c-reader/tool/profile: how much of a file are blocks that are equal to others and may be shared
 * (equals.h).
 *
 * A block stands for itself by a hash of its words and of what is below it, a few levels deep,
 * where that may be shared, too; whatever is deeper, or may not be shared, by its address.  So what
 * is found is the least that there is: long lists and deep trees that are equal are found in part.
 *
 * Hashes are kept of a sample: of all of them until the table is full, then of those that end in
 * ever more zeros. */
#include "profile/equals.h"

#include <stdlib.h>
#include <string.h>

#include "profile/census.h"
#include "profile/layout.h"
#include "value/gate.h"

#define LEVELS 5u /* of blocks that a hash is made of */
#define NODES 64u /* as many */
#define SLOTS ((size_t)1 << 20)
#define SLOTS_MOST (SLOTS / 2) /* in use */

enum kind { ALONE, EQUAL, EQUAL_STRING /* without a type */, KINDS };

struct slot {
	uint64_t hash; /* 0: free */
	uint64_t count;
	uint32_t words; /* of the block; cut to 32 bits */
	enum kind kind;
};

struct equals {
	struct profile *profile;
	struct slot *slots;
	size_t used;
	unsigned zeros; /* only hashes that end in so many are kept */
};

/* ---- Hashes ----------------------------------------------------------------------------- */

static enum kind kind_of(const struct profile *profile, const struct reader_block *block)
{
	const struct profile_place *place;
	unsigned class, tag;
	bool shared;

	if (block->wosize == 0 || block->tag == ANCIENT_TAG_FORWARD)
		return ALONE;
	if (block->tag == ANCIENT_TAG_DOUBLE)
		return EQUAL;
	class = profile_class(profile->file, block);
	if (block->tag == ANCIENT_TAG_CUSTOM)
		return class < PROFILE_CLASSES &&
				       class != PROFILE_CUSTOM + 1 + ANCIENT_CUSTOM_BIGARRAY &&
				       class != PROFILE_CUSTOM
			       ? EQUAL
			       : ALONE;
	place = &profile->places.place[profile_census_place(profile, block->offset, &shared)];
	if (block->tag == ANCIENT_TAG_STRING && place->role == PROFILE_RAW)
		return EQUAL_STRING;
	if (block->tag == ANCIENT_TAG_STRING)
		return place->equal_strings ? EQUAL : ALONE;
	/* Records of floats that are stored flat. */
	tag = block->tag <= ANCIENT_TAG_LAST_PLAIN ? block->tag : 0;
	return place->equal_tags[tag / 64] >> tag % 64 & 1 ? EQUAL : ALONE;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9E3779B97F4A7C15ull;
	return hash ^ hash >> 29;
}

/* A block on the way down, and its next field. */
struct level {
	struct reader_block block;
	uint64_t next;
};

/* Whether `word` leads to a block of which the hash is made as well. */
static bool go_below(struct profile *profile, uint64_t word, struct reader_block *ret_block)
{
	return reader_is_pointer(word) &&
	       reader_gate(profile->file, word, ret_block, NULL) == ANCIENT_OK &&
	       profile_starts(profile, ret_block->offset) &&
	       profile_census_met(profile, ret_block) && kind_of(profile, ret_block) == EQUAL;
}

static uint64_t hash_of(struct profile *profile, const struct reader_block *block)
{
	struct level levels[LEVELS] = {{*block, 0}};
	uint64_t hash = mix(block->wosize, block->tag);
	unsigned depth = 1, nodes = 1;

	while (depth > 0) {
		struct level *level = &levels[depth - 1];
		struct reader_block below;
		uint64_t word;

		if (level->next == level->block.wosize) {
			depth--;
			continue;
		}
		word = reader_field(profile->file, &level->block, level->next++);
		if (!reader_has_values(level->block.tag) || depth == LEVELS || nodes == NODES ||
		    !go_below(profile, word, &below)) {
			hash = mix(hash, word);
			continue;
		}
		nodes++;
		hash = mix(mix(hash, below.wosize), below.tag);
		levels[depth++] = (struct level){below, 0};
	}
	hash = mix(hash, nodes);
	return hash == 0 ? 1 : hash;
}

/* ---- The table -------------------------------------------------------------------------- */

static bool is_kept(const struct equals *equals, uint64_t hash)
{
	return (hash & ((1ull << equals->zeros) - 1)) == 0;
}

static struct slot *slot_of(struct slot *slots, uint64_t hash)
{
	size_t at = hash >> 32 & (SLOTS - 1);

	while (slots[at].hash != 0 && slots[at].hash != hash)
		at = (at + 1) & (SLOTS - 1);
	return &slots[at];
}

/* Half of the sample goes. */
static bool thin(struct equals *equals)
{
	struct slot *slots = calloc(SLOTS, sizeof(*slots));

	if (slots == NULL)
		return false;
	equals->zeros++;
	equals->used = 0;
	for (size_t i = 0; i < SLOTS; i++) {
		if (equals->slots[i].hash == 0 || !is_kept(equals, equals->slots[i].hash))
			continue;
		*slot_of(slots, equals->slots[i].hash) = equals->slots[i];
		equals->used++;
	}
	free(equals->slots);
	equals->slots = slots;
	return true;
}

static bool add(struct equals *equals, const struct reader_block *block, enum kind kind)
{
	uint64_t hash = hash_of(equals->profile, block);
	struct slot *slot;

	if (!is_kept(equals, hash))
		return true;
	slot = slot_of(equals->slots, hash);
	if (slot->hash == 0) {
		*slot = (struct slot){hash, 0, (uint32_t)(1 + block->wosize), kind};
		equals->used++;
	}
	slot->count++;
	return equals->used < SLOTS_MOST || thin(equals);
}

/* ---- All blocks ------------------------------------------------------------------------- */

static enum ancient_code add_values(struct equals *equals, uint64_t at, uint64_t end)
{
	struct profile *profile = equals->profile;
	enum ancient_code code = ANCIENT_OK;
	uint64_t from = at;

	while (at < end && code == ANCIENT_OK) {
		struct reader_block block;
		enum kind kind = ALONE;

		code = ancient_reader_gate_header(profile->file, at + ANCIENT_WORD, end, &block,
						  profile->err);
		if (code != ANCIENT_OK)
			return code;
		if (profile_census_met(profile, &block))
			kind = kind_of(profile, &block);
		if (kind != ALONE && !add(equals, &block, kind))
			return profile_no_memory(profile);
		at += (1 + block.wosize) * ANCIENT_WORD;
		if (at - from >= PROFILE_STEP) {
			code = profile_step(profile, at - from);
			from = at;
		}
	}
	return code == ANCIENT_OK ? profile_step(profile, at - from) : code;
}

static enum ancient_code add_extent(struct profile *profile, uint64_t offset,
				    const struct ancient_extent *header, uint64_t padding)
{
	const uint64_t start = offset + sizeof(*header);

	(void)padding;
	if (header->kind != ANCIENT_EXTENT_VALUES)
		return ANCIENT_OK;
	return add_values(profile->equals_found, start, start + header->content - ANCIENT_WORD);
}

static void sum(const struct equals *equals)
{
	struct profile_size *const sizes[KINDS] = {
		[EQUAL] = &equals->profile->equals,
		[EQUAL_STRING] = &equals->profile->equal_strings,
	};

	for (size_t i = 0; i < SLOTS; i++) {
		const struct slot *slot = &equals->slots[i];

		if (slot->hash == 0)
			continue;
		sizes[slot->kind]->blocks += (slot->count - 1) << equals->zeros;
		sizes[slot->kind]->bytes += (slot->count - 1) * slot->words * ANCIENT_WORD
					    << equals->zeros;
	}
}

enum ancient_code profile_equals(struct profile *profile)
{
	struct equals equals = {.profile = profile, .slots = calloc(SLOTS, sizeof(*equals.slots))};
	enum ancient_code code;

	if (equals.slots == NULL)
		return profile_no_memory(profile);
	profile->equals_found = &equals;
	code = profile_extents(profile, add_extent);
	profile->equals_found = NULL;
	if (code == ANCIENT_OK)
		sum(&equals);
	free(equals.slots);
	return code;
}
