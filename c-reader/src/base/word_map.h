/* c-reader/base: a hash table from words, never 0, to two words each: for walks that must know what
 * they have met.  Used by value/ and typed/; its memory is taken from a budget. */
#ifndef ANCIENT_READER_WORD_MAP_H
#define ANCIENT_READER_WORD_MAP_H

#include "base/budget.h"

struct reader_word_entry {
	uint64_t key; /* 0: free */
	uint64_t value[2];
};

/* Open addressing.  The seed is odd, and secret, because the file chooses the words.  Start from
 * {0}. */
struct reader_word_map {
	struct reader_word_entry *entries;
	size_t count, capacity;
	uint64_t seed;
};

/* The entry of a word; NULL: none. */
struct reader_word_entry *ancient_reader_word_map_find(const struct reader_word_map *map,
						       uint64_t key);

/* The same, and a new one, of value {0, 0}, where there is none.  Valid until the next call that
 * adds one.  NULL: no memory, or none left in the budget: then its code is set.
 *
 * budget   what pays for the table; NULL: nothing */
struct reader_word_entry *ancient_reader_word_map_at(struct reader_word_map *map, uint64_t key,
						     struct reader_budget *budget);

void ancient_reader_word_map_done(struct reader_word_map *map, struct reader_budget *budget);

/* A seed that no file knows. */
uint64_t ancient_reader_secret(void);

#endif
