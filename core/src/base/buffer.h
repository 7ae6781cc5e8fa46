/* core: a growing array of bytes, for what a commit gathers before it is written. */
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

/* Room for `bytes` more, which are zero; NULL where memory is out (the buffer stays).  The
 * result is valid until the next call. */
void *core_buffer_append(struct core_buffer *buffer, size_t bytes);

/* The same without the zeros: the caller writes every byte. */
void *core_buffer_take(struct core_buffer *buffer, size_t bytes);

/* Zero bytes up to a multiple of `align`, a power of two. */
bool core_buffer_align(struct core_buffer *buffer, size_t align);

void core_buffer_done(struct core_buffer *buffer);

#endif
