/* core/copy: the log of marked headers, from which they are restored. */
#include "copy/header_marks.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_WORDS_FIRST 1022u
#define CHUNK_WORDS_MOST ((512u << 10) - 2)
#define PREFETCH_DISTANCE 24u /* log words between a prefetch of a header and the store */

struct core_log_chunk {
	struct core_log_chunk *next; /* the chunk before it */
	size_t used, capacity;
	uint64_t words[];
};

void ancient_core_header_marks_allow(struct core_header_marks *marks,
				     enum ancient_source_marks allowed)
{
	marks->bits = CORE_MARK_NEVER;
	if (allowed == ANCIENT_MARKS_RANGES)
		marks->bits = 2u << 8 | ANCIENT_TAG_CONTINUATION;
	if (allowed == ANCIENT_MARKS_COLOUR)
		marks->bits = ANCIENT_HEADER_COLOUR | ANCIENT_TAG_CONTINUATION;
}

static void close_chunk(struct core_header_marks *marks)
{
	if (marks->chunks)
		marks->chunks->used = (size_t)(marks->next - marks->chunks->words);
}

bool ancient_core_header_marks_grow(struct core_header_marks *marks)
{
	size_t capacity = marks->chunks ? marks->chunks->capacity * 4 : CHUNK_WORDS_FIRST;
	struct core_log_chunk *chunk = NULL;

	if (marks->full)
		return false;
	if (capacity > CHUNK_WORDS_MOST)
		capacity = CHUNK_WORDS_MOST;
	if (!marks->chunks) {
		chunk = marks->spare;
		marks->spare = NULL;
	}
	if (!chunk)
		chunk = malloc(sizeof *chunk + capacity * sizeof chunk->words[0]);
	if (!chunk) {
		marks->full = true;
		return false;
	}
	close_chunk(marks);
	chunk->capacity = capacity;
	chunk->next = marks->chunks;
	marks->chunks = chunk;
	marks->next = chunk->words;
	marks->end = chunk->words + capacity - 1;
	return true;
}

static uint64_t *header_at(uint64_t log)
{
	return (uint64_t *)(uintptr_t)(log >> CORE_LOG_BITS << 3) - 1;
}

static void restore(const struct core_log_chunk *chunk)
{
	for (size_t i = 0; i < chunk->used; i++) {
		uint64_t log = chunk->words[i];
		uint64_t header = log & ((1u << CORE_LOG_BITS) - 1);

		if (i + PREFETCH_DISTANCE < chunk->used)
			__builtin_prefetch(header_at(chunk->words[i + PREFETCH_DISTANCE]), 1);
		if (header >= CORE_LOG_LONG)
			header = chunk->words[++i];
		*header_at(log) = header;
	}
}

void ancient_core_header_marks_restore(struct core_header_marks *marks)
{
	struct core_log_chunk *chunk, *spare = marks->spare;

	close_chunk(marks);
	while ((chunk = marks->chunks) != NULL) {
		restore(chunk);
		marks->chunks = chunk->next;
		if (chunk->capacity == CHUNK_WORDS_FIRST && !spare)
			spare = chunk;
		else
			free(chunk);
	}
	memset(marks, 0, sizeof *marks);
	marks->bits = CORE_MARK_NEVER;
	marks->spare = spare;
}

void ancient_core_header_marks_done(struct core_header_marks *marks)
{
	ancient_core_header_marks_restore(marks);
	free(marks->spare);
	marks->spare = NULL;
}
