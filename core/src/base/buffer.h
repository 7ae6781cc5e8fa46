/* core/base: a growing array of bytes, in which commits and verification collect records. */
#ifndef CORE_BUFFER_H
#define CORE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core_buffer { /* starts as {0} */
	uint8_t *data;
	size_t used;
	size_t capacity;
};

/* Appends `bytes` zero bytes and returns where they are; NULL if memory is out, and then the buffer
 * is unchanged.  The pointer is valid until the next call. */
void *ancient_core_buffer_append(struct core_buffer *buffer, size_t bytes);

/* The same with bytes of any value: the caller writes all of them. */
void *ancient_core_buffer_take(struct core_buffer *buffer, size_t bytes);

/* Appends zero bytes up to a multiple of `align`, a power of two.  Returns false if memory is
 * out. */
bool ancient_core_buffer_align(struct core_buffer *buffer, size_t align);

void ancient_core_buffer_done(struct core_buffer *buffer);

#endif
