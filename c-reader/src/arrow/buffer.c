/* c-reader/arrow: memory that grows (buffer.h). */
#include "arrow/buffer.h"

#include <stdlib.h>
#include <string.h>

#define LEAST 64u

bool ancient_reader_arrow_grow(struct arrow_buffer *buffer, uint64_t bytes)
{
	/* By half, so that what is not used in the end is little. */
	uint64_t capacity = buffer->capacity + buffer->capacity / 2 + LEAST;
	uint8_t *grown;

	if (buffer->capacity == 0 && capacity < buffer->hint)
		capacity = buffer->hint;
	capacity = capacity < bytes ? bytes : capacity;
	grown = capacity > SIZE_MAX / 2 ? NULL : realloc(buffer->bytes, capacity);
	if (grown == NULL)
		return false;
	buffer->bytes = grown;
	buffer->capacity = capacity;
	return true;
}

void ancient_reader_arrow_trim(struct arrow_buffer *buffer, uint64_t bytes)
{
	uint8_t *trimmed;

	bytes = bytes == 0 ? 1 : bytes;
	if (buffer->capacity - bytes <= buffer->capacity / 16)
		return;
	trimmed = realloc(buffer->bytes, bytes);
	if (trimmed != NULL) {
		buffer->bytes = trimmed;
		buffer->capacity = bytes;
	}
}

static void set_bit(uint8_t *bits, uint64_t at, bool set)
{
	const uint8_t mask = (uint8_t)(1u << (at & 7));

	bits[at / 8] = (uint8_t)((bits[at / 8] & (uint8_t)~mask) | (set ? mask : 0));
}

void ancient_reader_arrow_bits(uint8_t *bits, uint64_t at, const uint8_t *set, size_t count)
{
	size_t i = 0;

	for (; i < count && ((at + i) & 7) != 0; i++)
		set_bit(bits, at + i, set[i] != 0);
	for (; count - i >= 8; i += 8) {
		unsigned byte = 0;
		for (unsigned j = 0; j < 8; j++)
			byte |= (unsigned)(set[i + j] != 0) << j;
		bits[(at + i) / 8] = (uint8_t)byte;
	}
	/* Bits behind the last are zeros: nothing undefined leaves the library. */
	if (i < count)
		bits[(at + i) / 8] = 0;
	for (; i < count; i++)
		set_bit(bits, at + i, set[i] != 0);
}

void ancient_reader_arrow_ones(uint8_t *bits, uint64_t at, uint64_t count)
{
	uint64_t i = 0;

	for (; i < count && ((at + i) & 7) != 0; i++)
		set_bit(bits, at + i, true);
	memset(bits + (at + i) / 8, 0xFF, (count - i) / 8);
	i += (count - i) / 8 * 8;
	if (i < count)
		bits[(at + i) / 8] = 0;
	for (; i < count; i++)
		set_bit(bits, at + i, true);
}
