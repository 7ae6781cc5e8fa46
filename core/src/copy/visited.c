/* core/copy: the side table of visited source blocks. */
#include "copy/visited.h"

#include <stdlib.h>
#include <string.h>

#include "memory/huge_pages.h"

#define CHUNK_PAGES_FIRST 1u /* pages are zeroed, and a small value needs no more than one */
#define CHUNK_PAGES_MOST (LARGE_BYTES / sizeof(struct core_visited_page))
#define LARGE_BYTES (4 * CORE_HUGE_PAGES_STEP)
#define FIRST_SLOTS 64u

struct core_visited_chunk {
	struct core_visited_chunk *next;
	size_t used, capacity;
	struct core_visited_page *pages;
};

bool ancient_core_visited_init(struct core_visited *visited)
{
	memset(visited, 0, sizeof *visited);
	visited->mask = FIRST_SLOTS - 1;
	visited->slots = calloc(visited->mask + 1, sizeof *visited->slots);
	return visited->slots != NULL;
}

void ancient_core_visited_done(struct core_visited *visited)
{
	struct core_visited_chunk *chunk = visited->chunks, *next;

	for (; chunk; chunk = next) {
		next = chunk->next;
		for (size_t i = 0; i < chunk->used; i++)
			free(chunk->pages[i].high);
		if (chunk->capacity == CHUNK_PAGES_MOST)
			ancient_core_huge_pages_give(chunk->pages, LARGE_BYTES);
		free(chunk);
	}
	free(visited->slots);
	memset(visited, 0, sizeof *visited);
}

bool ancient_core_visited_reset(struct core_visited *visited)
{
	struct core_visited_chunk *chunk = visited->chunks;

	if (visited->count == 0)
		return true;
	if (visited->mask != FIRST_SLOTS - 1 || chunk->next) {
		ancient_core_visited_done(visited);
		return ancient_core_visited_init(visited);
	}
	for (size_t i = 0; i < chunk->used; i++)
		free(chunk->pages[i].high);
	memset(chunk->pages, 0, chunk->used * sizeof chunk->pages[0]);
	memset(visited->slots, 0, FIRST_SLOTS * sizeof *visited->slots);
	chunk->used = 0;
	visited->count = 0;
	visited->any_high = false;
	visited->last_number = 0;
	visited->last = NULL;
	return true;
}

static struct core_visited_chunk *new_chunk(struct core_visited *visited)
{
	size_t capacity = visited->chunks ? visited->chunks->capacity * 2 : CHUNK_PAGES_FIRST;
	bool large = capacity >= CHUNK_PAGES_MOST;
	struct core_visited_chunk *chunk;

	chunk = calloc(1, sizeof *chunk + (large ? 0 : capacity * sizeof chunk->pages[0]));
	if (!chunk)
		return NULL;
	chunk->capacity = large ? CHUNK_PAGES_MOST : capacity;
	chunk->pages = large ? ancient_core_huge_pages_take(LARGE_BYTES) : (void *)(chunk + 1);
	if (!chunk->pages) {
		free(chunk);
		return NULL;
	}
	chunk->next = visited->chunks;
	visited->chunks = chunk;
	return chunk;
}

static struct core_visited_page *new_page(struct core_visited *visited)
{
	struct core_visited_chunk *chunk = visited->chunks;

	if (!chunk || chunk->used == chunk->capacity)
		chunk = new_chunk(visited);
	return chunk ? &chunk->pages[chunk->used++] : NULL;
}

static bool grow(struct core_visited *visited)
{
	struct core_visited_slot *old = visited->slots;
	size_t count = visited->mask + 1;

	visited->slots = calloc(count * 2, sizeof *old);
	if (!visited->slots) {
		visited->slots = old;
		return false;
	}
	visited->mask = count * 2 - 1;
	for (size_t i = 0; i < count; i++) {
		size_t at;

		if (!old[i].number)
			continue;
		for (at = core_visited_home(visited, old[i].number); visited->slots[at].number;
		     at = (at + 1) & visited->mask)
			;
		visited->slots[at] = old[i];
	}
	free(old);
	return true;
}

struct core_visited_page *ancient_core_visited_find(struct core_visited *visited, uint64_t number)
{
	size_t at = core_visited_home(visited, number);

	while (visited->slots[at].number && visited->slots[at].number != number)
		at = (at + 1) & visited->mask;
	if (!visited->slots[at].number) {
		struct core_visited_page *page = new_page(visited);

		if (!page)
			return NULL;
		if (visited->count >= visited->mask / 2) {
			if (!grow(visited))
				return NULL;
			for (at = core_visited_home(visited, number); visited->slots[at].number;
			     at = (at + 1) & visited->mask)
				;
		}
		visited->slots[at].number = number;
		visited->slots[at].page = page;
		visited->count++;
	}
	visited->last_number = number;
	visited->last = visited->slots[at].page;
	return visited->last;
}

bool ancient_core_visited_set_high(struct core_visited *visited, struct core_visited_page *page,
				   uint64_t word, uint64_t number)
{
	if (!page->high)
		page->high = calloc(CORE_VISITED_ENTRIES, sizeof *page->high);
	if (!page->high)
		return false;
	visited->any_high = true;
	page->high[(word >> 4) % CORE_VISITED_ENTRIES] = (uint16_t)(number >> 32);
	return true;
}
