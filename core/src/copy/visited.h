/* core: which source blocks a copy has met, and where their copies are.
 *
 * A side table: it never touches the source, so it works on static data, on other files'
 * values, and while other domains run.  Marks in the source's headers (marks.h) take its place
 * where they are allowed.
 */
#ifndef CORE_VISITED_H
#define CORE_VISITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pages of the source, 32 KiB, and for each a number per 16 bytes: two blocks with fields
 * lie at least that far apart.  So the table's locality follows the source's, it takes
 * a quarter of its memory, and what leads to its pages stays in the cache.  Numbers have 48 bits,
 * the upper 16 apart since few need them. */
#define CORE_VISITED_SHIFT 15u
#define CORE_VISITED_ENTRIES 2048u

struct core_visited_page {
	uint32_t low[CORE_VISITED_ENTRIES];
	uint16_t *high; /* NULL: all zero; lies in a cache line of its own */
};

struct core_visited_slot {
	uint64_t number; /* of the page, plus 1; 0: free */
	struct core_visited_page *page;
};

struct core_visited {
	struct core_visited_slot *slots; /* open addressing */
	size_t mask;
	size_t count;
	bool any_high; /* false: no page has any */
	uint64_t last_number;
	struct core_visited_page *last;
	struct core_visited_chunk *chunks; /* where pages are carved from */
};

bool core_visited_init(struct core_visited *visited);
void core_visited_done(struct core_visited *visited);

/* Where the search for a page's slot begins.  Four neighbouring pages share a cache line of
 * slots; whole heaps, which are thousands of neighbours, must be spread, or the runs that
 * two of them make would overlap and searches would take for ever. */
static inline size_t core_visited_home(const struct core_visited *visited, uint64_t number)
{
	uint64_t hash = (number >> 2) * 0x9E3779B97F4A7C15ull;

	return (size_t)((hash >> 30) << 2 | (number & 3)) & visited->mask;
}

/* Hints for a later core_visited_at: first the slot, then, once it is there, the entry. */
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

/* Of core_visited_at, where the last page is not the one. */
struct core_visited_page *core_visited_find(struct core_visited *visited, uint64_t number);

/* The page of the block at `word`, made where it is new; NULL: out of memory. */
static inline struct core_visited_page *core_visited_at(struct core_visited *visited, uint64_t word)
{
	uint64_t number = (word >> CORE_VISITED_SHIFT) + 1;

	if (number == visited->last_number)
		return visited->last;
	return core_visited_find(visited, number);
}

/* The number of the block at `word`, 0 where it was not met. */
static inline uint64_t core_visited_get(const struct core_visited *visited,
					const struct core_visited_page *page, uint64_t word)
{
	size_t i = (word >> 4) % CORE_VISITED_ENTRIES;
	uint64_t number = page->low[i];

	if (__builtin_expect(!visited->any_high, 1) || !page->high)
		return number;
	return number | (uint64_t)page->high[i] << 32;
}

bool core_visited_set_high(struct core_visited *visited, struct core_visited_page *page,
			   uint64_t word, uint64_t number);

/* Gives it one, less than 2^48; false: out of memory. */
static inline bool core_visited_set(struct core_visited *visited, struct core_visited_page *page,
				    uint64_t word, uint64_t number)
{
	if (__builtin_expect(number >> 32 != 0, 0) &&
	    !core_visited_set_high(visited, page, word, number))
		return false;
	page->low[(word >> 4) % CORE_VISITED_ENTRIES] = (uint32_t)number;
	return true;
}

#endif
