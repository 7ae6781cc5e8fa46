/* c-reader/base: words of the mapping: one load each, the bounds of the file, and the parts of a
 * block's header.  Used by everything that reads a file.
 *
 * Words of the mapping are fetched by reader_word and nowhere else, by relaxed atomic loads, so
 * that the word that was tested is the word that is used, whatever another process does to the
 * file meanwhile. */
#ifndef ANCIENT_READER_WORDS_H
#define ANCIENT_READER_WORDS_H

#include "base/reader.h"

/* Offset of the first field of the first block that a file can hold. */
#define READER_FIRST_FIELD                                                                         \
	((uint64_t)(ANCIENT_FIRST_EXTENT + sizeof(struct ancient_extent) + ANCIENT_WORD))

/* The word at `offset`, which is a multiple of 8 and at most used - 8. */
static inline uint64_t reader_word(const struct ancient_file *file, uint64_t offset)
{
	return __atomic_load_n((const uint64_t *)(const void *)(file->map + offset),
			       __ATOMIC_RELAXED);
}

/* Whether [offset, offset + bytes) lies behind the superblocks and before `used`. */
static inline bool reader_inside(const struct ancient_file *file, uint64_t offset, uint64_t bytes)
{
	return offset >= ANCIENT_FIRST_EXTENT && offset <= file->super.used &&
	       bytes <= file->super.used - offset;
}

/* Up to a multiple of `align`, a power of two. */
static inline uint64_t reader_round_up(uint64_t bytes, uint64_t align)
{
	return (bytes + align - 1) & ~(align - 1);
}

static inline uint64_t reader_header_wosize(uint64_t header)
{
	return header >> ANCIENT_HEADER_WOSIZE_SHIFT;
}

static inline unsigned reader_header_tag(uint64_t header)
{
	return (unsigned)(header & ANCIENT_HEADER_TAG_MASK);
}

static inline bool reader_is_pointer(uint64_t word)
{
	return (word & 1) == 0;
}

/* Whether the block's fields are values: tags 0 to 243, and forced lazies. */
static inline bool reader_has_values(unsigned tag)
{
	return tag <= ANCIENT_TAG_LAST_PLAIN || tag == ANCIENT_TAG_FORWARD;
}

#endif
