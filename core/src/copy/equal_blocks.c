/* core/copy: a table of blocks of the copy, by their contents. */
#include "copy/equal_blocks.h"

#include <stdlib.h>

#include <xxhash.h>

#include "memory/huge_pages.h"

#define BITS_FIRST 9u /* the table begins with 2^9 slots */
#define BITS_MOST 24u
#define NUMBER_LIMIT (1ull << (64 - CORE_EQUAL_HASH_BITS))

static size_t bytes_of(unsigned bits)
{
	return sizeof(uint64_t) << bits;
}

static bool take(struct core_equal_slots *slots, unsigned bits)
{
	size_t bytes = bytes_of(bits);

	slots->bits = bits;
	slots->count = 0;
	slots->slots = bytes >= CORE_HUGE_PAGES_STEP ? ancient_core_huge_pages_take(bytes)
						     : calloc(1, bytes);
	return slots->slots != NULL;
}

static void give(struct core_equal_slots *slots)
{
	size_t bytes = bytes_of(slots->bits);

	if (slots->slots && bytes >= CORE_HUGE_PAGES_STEP)
		ancient_core_huge_pages_give(slots->slots, bytes);
	else
		free(slots->slots);
	slots->slots = NULL;
}

bool ancient_core_equal_blocks_init(struct core_equal_blocks *blocks, uint64_t memory)
{
	memset(blocks, 0, sizeof *blocks);
	blocks->bits_most = BITS_FIRST;
	while (blocks->bits_most < BITS_MOST && 2 * bytes_of(blocks->bits_most + 1) <= memory)
		blocks->bits_most++;
	return take(&blocks->recent, BITS_FIRST);
}

void ancient_core_equal_blocks_done(struct core_equal_blocks *blocks)
{
	give(&blocks->recent);
	give(&blocks->older);
}

uint64_t ancient_core_equal_blocks_hash_long(const uint64_t *words, uint64_t count)
{
	return XXH3_64bits(words, count * 8) >> (64 - CORE_EQUAL_HASH_BITS);
}

/* Where many have its hash it takes the place of one that is not found any more. */
static void put(struct core_equal_slots *slots, uint64_t slot)
{
	uint64_t mask = (1ull << slots->bits) - 1, hash = slot & CORE_EQUAL_HASH_MASK,
		 at = hash >> (CORE_EQUAL_HASH_BITS - slots->bits);

	for (unsigned i = 1; slots->slots[at] && i < CORE_EQUAL_SLOTS_MOST; i++)
		at = (at + 1) & mask;
	slots->count += slots->slots[at] == 0;
	slots->slots[at] = slot;
}

/* A table of twice as many slots, or, at the limit or where memory is out, an empty one beside the
 * full one. */
static void make_room(struct core_equal_blocks *blocks)
{
	struct core_equal_slots *recent = &blocks->recent, fresh;

	if (recent->bits < blocks->bits_most && take(&fresh, recent->bits + 1)) {
		for (size_t i = 0; i < (size_t)1 << recent->bits; i++)
			if (recent->slots[i])
				put(&fresh, recent->slots[i]);
		give(recent);
		*recent = fresh;
		return;
	}
	if (blocks->older.slots || !take(&fresh, recent->bits)) {
		fresh = blocks->older.slots ? blocks->older : *recent;
		memset(fresh.slots, 0, bytes_of(fresh.bits));
		fresh.count = 0;
	}
	if (fresh.slots != recent->slots)
		blocks->older = *recent;
	*recent = fresh;
}

void ancient_core_equal_blocks_add(struct core_equal_blocks *blocks, uint64_t number, uint64_t hash)
{
	if (number >= NUMBER_LIMIT)
		return;
	if (blocks->recent.count * 8 >= ((size_t)5 << blocks->recent.bits))
		make_room(blocks);
	put(&blocks->recent, number << CORE_EQUAL_HASH_BITS | hash);
}

uint64_t ancient_core_equal_blocks_find_older(struct core_equal_blocks *blocks,
					      const uint64_t *words, uint64_t number, uint64_t hash)
{
	uint64_t found = core_equal_slots_find(&blocks->older, words, number, hash);

	if (found)
		ancient_core_equal_blocks_add(blocks, found, hash);
	return found;
}
