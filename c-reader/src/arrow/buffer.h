/* c-reader/arrow: memory that grows, and bits in it, for the buffers of a batch. */
#ifndef ANCIENT_READER_ARROW_BUFFER_H
#define ANCIENT_READER_ARROW_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arrow_buffer {
	uint8_t *bytes;
	uint64_t capacity;
	uint64_t hint; /* what the last one had in the end: room for that is made at once */
};

/* Makes room for `bytes` bytes in all; false: no memory, and it is as it was. */
bool ancient_reader_arrow_grow(struct arrow_buffer *buffer, uint64_t bytes);

static inline bool arrow_reserve(struct arrow_buffer *buffer, uint64_t bytes)
{
	return bytes <= buffer->capacity || ancient_reader_arrow_grow(buffer, bytes);
}

/* Gives back what is behind the first `bytes`. */
void ancient_reader_arrow_trim(struct arrow_buffer *buffer, uint64_t bytes);

/* Sets bits `at` .. `at` + `count` - 1: to 1 where `set` is not 0.  There is room for them. */
void ancient_reader_arrow_bits(uint8_t *bits, uint64_t at, const uint8_t *set, size_t count);
/* All of them to 1. */
void ancient_reader_arrow_ones(uint8_t *bits, uint64_t at, uint64_t count);

static inline uint64_t arrow_bit_bytes(uint64_t bits)
{
	return (bits + 7) / 8;
}

#endif
