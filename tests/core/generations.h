/* tests/core: writes and checks a file whose content follows from its generation alone, so that a
 * mixture of two generations after a crash is detected.
 *
 * Generation g (from 2 on) publishes, under key g % KEYS, a value made from g alone.
 */
#ifndef GENERATIONS_H
#define GENERATIONS_H

#include "check.h"

#define KEYS 3u
#define LARGE 7u /* every so many generations there is one past the writer's small buffer */

static inline uint64_t words_of(uint64_t g)
{
	return g % LARGE == 6 ? 20000 + g : 3 + g % 5;
}

static inline uint64_t value_of(struct arena *arena, uint64_t g)
{
	uint64_t array, custom, payload, n = words_of(g);
	static uint8_t data[100];

	arena->used = 0;
	array = block(arena, 0, n);
	custom = block(arena, ANCIENT_TAG_CUSTOM, 2);
	payload = block(arena, ANCIENT_TAG_CUSTOM, 6);
	for (uint64_t i = 0; i < n; i++)
		fields(array)[i] = INT(g * 1000003 + i);
	fields(custom)[0] = OPERATIONS(g % 4 == 1 ? 5 : 0);
	fields(custom)[1] = g;
	memset(data, (int)g, sizeof data);
	fields(payload)[0] = OPERATIONS(3);
	fields(payload)[1] = (uint64_t)(uintptr_t)data;
	fields(payload)[2] = 1;
	fields(payload)[3] = ANCIENT_BIGARRAY_INT8_UNSIGNED;
	fields(payload)[5] = sizeof data;
	return pair(arena, array, pair(arena, custom, payload));
}

/* Publishes the next generation. */
static inline enum ancient_code publish(struct ancient_store *store, struct arena *arena,
					bool durable, struct ancient_error *err)
{
	struct ancient_commit *commit = NULL;
	enum ancient_code code;
	uint64_t g;
	char name[16];

	do
		code = ancient_commit_begin(store, &commit, err);
	while (code == ANCIENT_E_INTERRUPTED);
	if (code != ANCIENT_OK)
		return code;
	g = ancient_store_generation(store) + 1;
	snprintf(name, sizeof name, "key %u", (unsigned)(g % KEYS));
	code = ancient_commit_put(commit, g % KEYS, g % 2 ? name : NULL, &source,
				  value_of(arena, g), ANCIENT_ORDER_DEPTH_FIRST, NULL, err);
	if (code == ANCIENT_OK)
		return ancient_commit_finish(commit, durable, err);
	ancient_commit_abort(commit);
	return code;
}

static inline bool is_value(const struct ancient_file *file, struct ancient_value root, uint64_t g)
{
	struct ancient_value at, part;
	struct ancient_block top, array, rest;
	struct ancient_custom custom;
	struct ancient_bigarray payload;
	int64_t integer = -1;
	bool good;

	good = ancient_block_get(file, root, &top, NULL) == 0 && top.size == 2 &&
	       ancient_block_field(file, &top, 0, &at, NULL) == 0 &&
	       ancient_block_get(file, at, &array, NULL) == 0 && array.size == words_of(g);
	for (uint64_t i = 0; good && i < array.size; i++)
		good = ancient_block_field(file, &array, i, &at, NULL) == 0 &&
		       at.word == INT(g * 1000003 + i);
	good = good && ancient_block_field(file, &top, 1, &at, NULL) == 0 &&
	       ancient_block_get(file, at, &rest, NULL) == 0 && rest.size == 2 &&
	       ancient_block_field(file, &rest, 0, &part, NULL) == 0 &&
	       ancient_block_field(file, &rest, 1, &at, NULL) == 0 &&
	       ancient_bigarray_get(file, at, &payload, NULL) == 0 && payload.count == 100 &&
	       ((const uint8_t *)payload.data)[99] == (uint8_t)g;
	if (good && g % 4 == 1)
		return ancient_custom_get(file, part, &custom, NULL) == 0 &&
		       strcmp(custom.identifier, "mine") == 0 &&
		       *(const uint64_t *)custom.payload == g;
	return good && ancient_boxed_int_get(file, part, &integer, NULL) == 0 &&
	       integer == (int64_t)g;
}

/* Whether the keys of the file are those of generation g. */
static inline bool keys_are_of(const struct ancient_file *file, uint64_t newest,
			       struct ancient_error *err)
{
	struct ancient_entry entry;

	for (uint64_t key = 0; key < KEYS; key++) {
		uint64_t g = newest;
		enum ancient_code code;

		while (g > 1 && g % KEYS != key)
			g--;
		code = ancient_file_entry(file, key, &entry, err);
		if (g <= 1 && code == ANCIENT_E_NO_KEY)
			continue;
		if (code != ANCIENT_OK)
			return false;
		if (entry.generation != g || !is_value(file, entry.root, g)) {
			snprintf(err->message, sizeof err->message,
				 "generation %llu: key %llu is not that of %llu",
				 (unsigned long long)newest, (unsigned long long)key,
				 (unsigned long long)g);
			err->code = ANCIENT_E_BAD_COUNT;
			return false;
		}
	}
	return true;
}

/* Opens and verifies; the generation, which must be complete, or 0 with *err filled in.
 * ret_hidden: NULL: no superblock may be damaged; otherwise, where one is and verification says so
 * (S5), *ret_hidden is the generation that lies complete behind, or 0. */
static inline uint64_t generation_in(int fd, uint64_t *ret_hidden, struct ancient_error *err)
{
	struct ancient_file *file = NULL;
	struct ancient_info info = {.generation = 0};
	enum ancient_code code = ancient_file_open_fd(fd, "image", NULL, &file, err);

	if (code == ANCIENT_OK) {
		ancient_file_info(file, &info);
		code = ancient_file_verify(file, NULL, NULL, err);
	}
	if (ret_hidden && code == ANCIENT_E_BAD_SUPERBLOCK && err->rule == 105) {
		CHECK(info.damaged_slot == (int)!(info.generation % 2));
		CHECK(err->offset == (uint64_t)info.damaged_slot * ANCIENT_SUPERBLOCK_SLOT);
		*ret_hidden = info.hidden_generation;
		code = ANCIENT_OK;
	} else if (code == ANCIENT_OK) {
		CHECK(info.damaged_slot == -1 && info.hidden_generation == 0);
	}
	if (code == ANCIENT_OK && !keys_are_of(file, info.generation, err))
		code = err->code;
	ancient_file_close(file);
	return code == ANCIENT_OK ? info.generation : 0;
}

/* The same of a file in which no superblock is damaged. */
static inline uint64_t generation_of(int fd, struct ancient_error *err)
{
	return generation_in(fd, NULL, err);
}

#endif
