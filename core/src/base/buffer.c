/* core/base: a growing array of bytes. */
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

static bool grow(struct core_buffer *buffer, size_t bytes)
{
	size_t want = buffer->capacity ? buffer->capacity : 256;
	uint8_t *data;

	if (bytes > SIZE_MAX / 2 - buffer->used)
		return false;
	while (want - buffer->used < bytes || want < buffer->used)
		want += want / 2;
	data = realloc(buffer->data, want);
	if (!data)
		return false;
	buffer->data = data;
	buffer->capacity = want;
	return true;
}

void *ancient_core_buffer_take(struct core_buffer *buffer, size_t bytes)
{
	void *at;

	if (buffer->capacity - buffer->used < bytes && !grow(buffer, bytes))
		return NULL;
	if (!buffer->data && !grow(buffer, 1))
		return NULL;
	at = buffer->data + buffer->used;
	buffer->used += bytes;
	return at;
}

void *ancient_core_buffer_append(struct core_buffer *buffer, size_t bytes)
{
	void *at = ancient_core_buffer_take(buffer, bytes);

	if (at)
		memset(at, 0, bytes);
	return at;
}

bool ancient_core_buffer_align(struct core_buffer *buffer, size_t align)
{
	return ancient_core_buffer_append(buffer, -buffer->used & (align - 1)) != NULL;
}

void ancient_core_buffer_done(struct core_buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof *buffer);
}
