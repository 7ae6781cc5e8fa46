/* core/copy: a table of blocks of the copy, by their contents.  Called by copy_dedup.c.
 *
 * A slot has a block's number and some bits of a hash of its words; the words themselves are in the
 * copy, and whether two blocks are equal is decided by comparing all of them.  The table grows up
 * to a limit.  From then on there are two, of which the older one is emptied each time the other
 * one is full: blocks that were not met for long are forgotten, and copies of them stay.
 */
#ifndef CORE_EQUAL_BLOCKS_H
#define CORE_EQUAL_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/block.h"

#define CORE_EQUAL_HASH_BITS 28u /* of a slot; the others are the number, not 0 */
#define CORE_EQUAL_HASH_MASK ((1ull << CORE_EQUAL_HASH_BITS) - 1)
/* Whoever chooses values can choose such of one hash: a search looks at so many slots, and compares
 * so many blocks of its hash, at most. */
#define CORE_EQUAL_SLOTS_MOST 1024u
#define CORE_EQUAL_BLOCKS_MOST 32u

struct core_equal_slots {
	uint64_t *slots; /* open addressing; 0: free */
	unsigned bits;   /* there are 2^bits */
	size_t count;    /* of slots that are not free */
};

struct core_equal_blocks {
	struct core_equal_slots recent;
	struct core_equal_slots older; /* slots NULL: there is none */
	unsigned bits_most;            /* limit of `bits` */
};

/* memory: bytes that both tables may have together.  Returns false if memory is out. */
bool ancient_core_equal_blocks_init(struct core_equal_blocks *blocks, uint64_t memory);
void ancient_core_equal_blocks_done(struct core_equal_blocks *blocks);

/* Adds the block with this number, whose hash this is and of which no equal one is there.  Where it
 * cannot, for want of memory, that block is not found. */
void ancient_core_equal_blocks_add(struct core_equal_blocks *blocks, uint64_t number,
				   uint64_t hash);

/* Of a block of many words, header included. */
uint64_t ancient_core_equal_blocks_hash_long(const uint64_t *words, uint64_t count);

/* The slow path of core_equal_blocks_find: there is an older table. */
uint64_t ancient_core_equal_blocks_find_older(struct core_equal_blocks *blocks,
					      const uint64_t *words, uint64_t number,
					      uint64_t hash);

/* Of a block with this header and these few words. */
static inline uint64_t core_equal_blocks_hash_short(uint64_t header, const uint64_t *words,
						    uint64_t wosize)
{
	uint64_t hash = header;

	for (uint64_t i = 0; i < wosize; i++) {
		hash = (hash ^ words[i]) * 0x9E3779B97F4A7C15ull;
		hash ^= hash >> 32;
	}
	return hash * 0xD6E8FEB86659FD93ull >> (64 - CORE_EQUAL_HASH_BITS);
}

/* Of the block with this number: `words` are those of the copy. */
static inline uint64_t core_equal_blocks_hash(const uint64_t *words, uint64_t number)
{
	uint64_t wosize = core_wosize(words[number - 1]);

	if (wosize > 16)
		return ancient_core_equal_blocks_hash_long(words + number - 1, wosize + 1);
	return core_equal_blocks_hash_short(words[number - 1], words + number, wosize);
}

/* Prefetches the slot where the search for a block of this hash begins. */
static inline void core_equal_blocks_prefetch(const struct core_equal_blocks *blocks, uint64_t hash)
{
	const struct core_equal_slots *slots = &blocks->recent;

	__builtin_prefetch(&slots->slots[hash >> (CORE_EQUAL_HASH_BITS - slots->bits)]);
}

/* The block among `slots` that is equal to the one with this number; 0: there is none. */
static inline uint64_t core_equal_slots_find(const struct core_equal_slots *slots,
					     const uint64_t *words, uint64_t number, uint64_t hash)
{
	uint64_t mask = (1ull << slots->bits) - 1, slot, other, i, wosize;
	uint64_t at = hash >> (CORE_EQUAL_HASH_BITS - slots->bits);
	unsigned looked = 0, compared = 0;

	for (; (slot = slots->slots[at]) != 0 && looked < CORE_EQUAL_SLOTS_MOST;
	     at = (at + 1) & mask, looked++) {
		if ((slot & CORE_EQUAL_HASH_MASK) != hash)
			continue;
		if (compared++ == CORE_EQUAL_BLOCKS_MOST)
			return 0;
		other = slot >> CORE_EQUAL_HASH_BITS;
		wosize = core_wosize(words[other - 1]);
		if (words[other - 1] != words[number - 1])
			continue;
		for (i = 0; i < wosize && words[other + i] == words[number + i]; i++)
			;
		if (i == wosize)
			return other;
	}
	return 0;
}

/* The number of a block that is equal to the one with this number, whose hash this is; 0: none is
 * known. */
static inline uint64_t core_equal_blocks_find(struct core_equal_blocks *blocks,
					      const uint64_t *words, uint64_t number, uint64_t hash)
{
	uint64_t found = core_equal_slots_find(&blocks->recent, words, number, hash);

	return found || __builtin_expect(!blocks->older.slots, 1)
		       ? found
		       : ancient_core_equal_blocks_find_older(blocks, words, number, hash);
}

#endif
