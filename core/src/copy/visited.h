/* core/copy: the side table of visited source blocks: which a copy has met, and the numbers of
 * their copies.
 *
 * The table never writes to the source, so it works on static data, on values of other files, and
 * while other domains run.  Where the source allows it, marks in headers (copy/header_marks.h) are
 * used instead.
 */
#ifndef CORE_VISITED_H
#define CORE_VISITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The table has an entry for each 16 bytes of the source, since two blocks with fields lie at least
 * that far apart.  Entries are grouped by pages of the source, 32 KiB, so that the locality of the
 * table follows that of the source, it takes a quarter of its memory, and the table of pages stays
 * in the cache.  Numbers have 48 bits; few need the upper 16, so those are stored apart. */
#define CORE_VISITED_SHIFT 15u
#define CORE_VISITED_ENTRIES 2048u

struct core_visited_page {
	uint32_t low[CORE_VISITED_ENTRIES];
	uint16_t *high; /* upper 16 bits; NULL: all are zero */
};

struct core_visited_slot {
	uint64_t number; /* of the page, plus 1; 0: free */
	struct core_visited_page *page;
};

struct core_visited {
	struct core_visited_slot *slots; /* open addressing */
	size_t mask;
	size_t count;
	bool any_high; /* false: `high` of every page is NULL */
	uint64_t last_number;
	struct core_visited_page *last;
	struct core_visited_chunk *chunks; /* memory that pages are taken from */
};

bool ancient_core_visited_init(struct core_visited *visited);
void ancient_core_visited_done(struct core_visited *visited);

/* Forgets all blocks.  Keeps the memory of a small table for the next copy.  Returns false if
 * memory is out. */
bool ancient_core_visited_reset(struct core_visited *visited);

/* Where the search for a page's slot begins.  Four adjacent pages share a cache line of slots.  A
 * heap is thousands of adjacent pages and is spread by the hash, because otherwise the runs of two
 * heaps could overlap and make searches long. */
static inline size_t core_visited_home(const struct core_visited *visited, uint64_t number)
{
	uint64_t hash = (number >> 2) * 0x9E3779B97F4A7C15ull;

	return (size_t)((hash >> 30) << 2 | (number & 3)) & visited->mask;
}

/* Prefetch for a later core_visited_at: first the slot; once that is in the cache, the entry. */
static inline void core_visited_prefetch_slot(const struct core_visited *visited, uint64_t word)
{
	uint64_t number = (word >> CORE_VISITED_SHIFT) + 1;

	__builtin_prefetch(&visited->slots[core_visited_home(visited, number)]);
}

static inline void core_visited_prefetch(const struct core_visited *visited, uint64_t word)
{
	uint64_t number = (word >> CORE_VISITED_SHIFT) + 1;
	size_t at = core_visited_home(visited, number);

	while (visited->slots[at].number && visited->slots[at].number != number)
		at = (at + 1) & visited->mask;
	if (visited->slots[at].number)
		__builtin_prefetch(
			&visited->slots[at].page->low[(word >> 4) % CORE_VISITED_ENTRIES], 1);
}

/* The slow path of core_visited_at: the page is not the one used last. */
struct core_visited_page *ancient_core_visited_find(struct core_visited *visited, uint64_t number);

/* The page of the block at `word`, added if it is new; NULL if memory is out. */
static inline struct core_visited_page *core_visited_at(struct core_visited *visited, uint64_t word)
{
	uint64_t number = (word >> CORE_VISITED_SHIFT) + 1;

	if (number == visited->last_number)
		return visited->last;
	return ancient_core_visited_find(visited, number);
}

/* The number of the block at `word`; 0 if it was not met. */
static inline uint64_t core_visited_get(const struct core_visited *visited,
					const struct core_visited_page *page, uint64_t word)
{
	size_t i = (word >> 4) % CORE_VISITED_ENTRIES;
	uint64_t number = page->low[i];

	if (__builtin_expect(!visited->any_high, 1) || !page->high)
		return number;
	return number | (uint64_t)page->high[i] << 32;
}

/* Sets the upper 16 bits of a number; false if memory is out. */
bool ancient_core_visited_set_high(struct core_visited *visited, struct core_visited_page *page,
				   uint64_t word, uint64_t number);

/* Sets the number of the block at `word`, less than 2^48.  Returns false if memory is out. */
static inline bool core_visited_set(struct core_visited *visited, struct core_visited_page *page,
				    uint64_t word, uint64_t number)
{
	if (__builtin_expect(number >> 32 != 0, 0) &&
	    !ancient_core_visited_set_high(visited, page, word, number))
		return false;
	page->low[(word >> 4) % CORE_VISITED_ENTRIES] = (uint32_t)number;
	return true;
}

#endif
