/* c-reader/base: a hash table from words to two words each (word_map.h). */
#include "base/word_map.h"

#include <stdlib.h>
#include <sys/random.h>

#define FIRST 64u

uint64_t ancient_reader_secret(void)
{
	uint64_t seed;

	/* Where the kernel has no random numbers yet, an address of this process is one that the
	 * file does not know either. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uintptr_t)&seed;
	return seed;
}

/* Where the key is, or would go. */
static struct reader_word_entry *place(const struct reader_word_map *map, uint64_t key)
{
	/* Multiply-shift: universal, whatever the keys are. */
	const unsigned shift = 64 - (unsigned)__builtin_ctzll(map->capacity);
	size_t at = (size_t)((key * map->seed) >> shift);

	while (map->entries[at].key != 0 && map->entries[at].key != key)
		at = (at + 1) & (map->capacity - 1);
	return &map->entries[at];
}

struct reader_word_entry *ancient_reader_word_map_find(const struct reader_word_map *map,
						       uint64_t key)
{
	struct reader_word_entry *entry = map->capacity == 0 ? NULL : place(map, key);

	return entry == NULL || entry->key == 0 ? NULL : entry;
}

static bool grow(struct reader_word_map *map, struct reader_budget *budget)
{
	struct reader_word_map larger = *map;
	const size_t size = sizeof(*map->entries);

	larger.capacity = map->capacity == 0 ? FIRST : 2 * map->capacity;
	if (map->capacity == 0)
		larger.seed = ancient_reader_secret() | 1;
	if (budget != NULL && !ancient_reader_budget_hold(budget, larger.capacity * size))
		return false;
	larger.entries = calloc(larger.capacity, size);
	if (larger.entries == NULL) {
		if (budget != NULL) {
			ancient_reader_budget_release(budget, larger.capacity * size);
			budget->code = ANCIENT_E_MEMORY;
		}
		return false;
	}
	for (size_t i = 0; i < map->capacity; i++)
		if (map->entries[i].key != 0)
			*place(&larger, map->entries[i].key) = map->entries[i];
	ancient_reader_word_map_done(map, budget);
	*map = larger;
	return true;
}

struct reader_word_entry *ancient_reader_word_map_at(struct reader_word_map *map, uint64_t key,
						     struct reader_budget *budget)
{
	struct reader_word_entry *entry = map->capacity == 0 ? NULL : place(map, key);

	if (entry != NULL && entry->key == key)
		return entry;
	/* At most two thirds full. */
	if (entry == NULL || map->count >= map->capacity / 3 * 2) {
		if (!grow(map, budget))
			return NULL;
		entry = place(map, key);
	}
	entry->key = key;
	map->count++;
	return entry;
}

void ancient_reader_word_map_done(struct reader_word_map *map, struct reader_budget *budget)
{
	if (budget != NULL)
		ancient_reader_budget_release(budget, map->capacity * sizeof(*map->entries));
	free(map->entries);
	map->entries = NULL;
	map->count = map->capacity = 0;
}
