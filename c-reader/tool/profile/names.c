/* c-reader/tool/profile: texts that are kept once (names.h). */
#include "profile/names.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

/* Hashed with a seed that no file knows: two texts are taken for one by an accident of 1 in
 * 2^64. */
static struct reader_word_entry *entry_of(struct profile_names *names, const char *bytes,
					  size_t length)
{
	uint64_t hash;

	if (names->seed == 0)
		names->seed = ancient_reader_secret() | 1;
	hash = XXH3_64bits_withSeed(bytes, length, names->seed);
	return ancient_reader_word_map_at(&names->numbers, hash == 0 ? 1 : hash, NULL);
}

static bool add(struct profile_names *names, const char *bytes, size_t length)
{
	char *copy = malloc(length + 1);

	if (copy != NULL && names->count == names->capacity) {
		uint32_t capacity = names->capacity == 0 ? 64 : 2 * names->capacity;
		struct profile_name *name = realloc(names->name, capacity * sizeof(*name));
		if (name == NULL) {
			free(copy);
			return false;
		}
		names->name = name;
		names->capacity = capacity;
	}
	if (copy == NULL)
		return false;
	memcpy(copy, bytes, length);
	copy[length] = 0;
	names->name[names->count++] = (struct profile_name){copy, length};
	return true;
}

uint32_t profile_names_number(struct profile_names *names, const char *bytes, size_t length)
{
	struct reader_word_entry *entry;

	if (names->count == 0 && !add(names, "", 0))
		return UINT32_MAX;
	if (length == 0)
		return 0;
	entry = entry_of(names, bytes, length);
	if (entry == NULL)
		return UINT32_MAX;
	if (entry->value[0] == 0 && add(names, bytes, length))
		entry->value[0] = names->count - 1;
	return entry->value[0] == 0 ? UINT32_MAX : (uint32_t)entry->value[0];
}

void profile_names_done(struct profile_names *names)
{
	for (uint32_t i = 0; i < names->count; i++)
		free(names->name[i].bytes);
	free(names->name);
	ancient_reader_word_map_done(&names->numbers, NULL);
	*names = (struct profile_names){0};
}
