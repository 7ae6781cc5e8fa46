/* c-reader/dump: the blocks that a typed dump has begun and not ended (open_blocks.h). */
#include "dump/open_blocks.h"

#include <stdlib.h>
#include <sys/random.h>

#include <xxhash.h>

void ancient_reader_open_blocks_init(struct open_blocks *blocks)
{
	*blocks = (struct open_blocks){.slots = NULL};
	/* The seed is secret, because the file chooses the words in the table. */
	if (getrandom(&blocks->seed, sizeof(blocks->seed), GRND_NONBLOCK) != sizeof(blocks->seed))
		blocks->seed = (uintptr_t)blocks;
}

void ancient_reader_open_blocks_done(struct open_blocks *blocks)
{
	free(blocks->slots);
}

static size_t home_of(const struct open_blocks *blocks, uint64_t word)
{
	return (size_t)XXH3_64bits_withSeed(&word, sizeof(word), blocks->seed) &
	       (blocks->capacity - 1);
}

/* Where the word is, or would go. */
static size_t place_of(const struct open_blocks *blocks, uint64_t word)
{
	size_t at = home_of(blocks, word);

	while (blocks->slots[at].word != 0 && blocks->slots[at].word != word)
		at = (at + 1) & (blocks->capacity - 1);
	return at;
}

static bool grow(struct open_blocks *blocks)
{
	struct open_blocks larger = *blocks;

	larger.capacity = blocks->capacity == 0 ? 256 : 2 * blocks->capacity;
	larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return false;
	for (size_t i = 0; i < blocks->capacity; i++)
		if (blocks->slots[i].word != 0)
			larger.slots[place_of(&larger, blocks->slots[i].word)] = blocks->slots[i];
	free(blocks->slots);
	*blocks = larger;
	return true;
}

uint32_t ancient_reader_open_blocks_level(const struct open_blocks *blocks, uint64_t word)
{
	return blocks->capacity == 0 ? 0 : blocks->slots[place_of(blocks, word)].level;
}

bool ancient_reader_open_blocks_add(struct open_blocks *blocks, uint64_t word, uint32_t level)
{
	if (2 * blocks->count >= blocks->capacity && !grow(blocks))
		return false;
	blocks->slots[place_of(blocks, word)] = (struct open_block){word, level};
	blocks->count++;
	return true;
}

void ancient_reader_open_blocks_remove(struct open_blocks *blocks, uint64_t word)
{
	size_t gap, at, mask = blocks->capacity - 1;

	if (ancient_reader_open_blocks_level(blocks, word) == 0)
		return;
	blocks->count--;
	gap = at = place_of(blocks, word);
	/* Entries behind the gap that would not be found across it move up. */
	for (;;) {
		size_t home;
		blocks->slots[gap] = (struct open_block){0};
		do {
			at = (at + 1) & mask;
			if (blocks->slots[at].word == 0)
				return;
			home = home_of(blocks, blocks->slots[at].word);
		} while (((at - home) & mask) < ((at - gap) & mask));
		blocks->slots[gap] = blocks->slots[at];
		gap = at;
	}
}
