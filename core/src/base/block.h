/* core/base: the header word of an OCaml block and its fields, read from memory. */
#ifndef CORE_BLOCK_H
#define CORE_BLOCK_H

#include <stdint.h>

#include <ancient/format.h>

static inline uint64_t core_wosize(uint64_t header)
{
	return header >> ANCIENT_HEADER_WOSIZE_SHIFT;
}

static inline unsigned core_tag(uint64_t header)
{
	return (unsigned)(header & ANCIENT_HEADER_TAG_MASK);
}

/* Word `i` of the block whose first field lies at the address `word`; -1 is its header. */
static inline uint64_t core_block_word(uint64_t word, int64_t i)
{
	return ((const uint64_t *)(uintptr_t)word)[i];
}

#endif
