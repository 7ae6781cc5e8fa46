/* c-reader/dump: the blocks that a typed dump has begun and not ended, and how deep each lies: so
 * that a value that contains itself is found (typed_dump.c). */
#ifndef ANCIENT_READER_OPEN_BLOCKS_H
#define ANCIENT_READER_OPEN_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An open hash table with linear probing. */
struct open_blocks {
	struct open_block {
		uint64_t word; /* 0: free */
		uint32_t level;
	} * slots;
	size_t count, capacity;
	uint64_t seed;
};

void ancient_reader_open_blocks_init(struct open_blocks *blocks);
void ancient_reader_open_blocks_done(struct open_blocks *blocks);

/* The level of the block at this address; 0: it is not open. */
uint32_t ancient_reader_open_blocks_level(const struct open_blocks *blocks, uint64_t word);
/* A block that is not open yet, and its level, from 1.  False: no memory. */
bool ancient_reader_open_blocks_add(struct open_blocks *blocks, uint64_t word, uint32_t level);
/* Nothing happens where it is not open. */
void ancient_reader_open_blocks_remove(struct open_blocks *blocks, uint64_t word);

#endif
