/* tests/torture: the C reader's process of the long tests; see processes.py and worker.ml.
 *
 *     watch check        answers "check PATH" on stdin: "ok GENERATION", or what is wrong
 *     watch read PATH    opens, walks, looks up and verifies until stdin ends
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ancient_reader.h>

#define KEYS 3u

static struct ancient_error err;

static void fail(const char *what, uint64_t number)
{
	snprintf(err.message, sizeof(err.message), "%s %llu", what, (unsigned long long)number);
}

static bool part(const struct ancient_file *file, const struct ancient_block *block, uint64_t index,
		 struct ancient_value *ret)
{
	return ancient_block_field(file, block, index, ret, &err) == ANCIENT_OK;
}

static bool is_tuple(const struct ancient_file *file, struct ancient_value value, uint64_t size,
		     struct ancient_block *ret)
{
	return ancient_block_get(file, value, ret, &err) == ANCIENT_OK && ret->size == size;
}

/* An array of `count` integers from `first` on. */
static bool is_range(const struct ancient_file *file, struct ancient_value value, uint64_t first,
		     uint64_t count)
{
	struct ancient_block array;
	struct ancient_value item;

	if (!is_tuple(file, value, count, &array))
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (!part(file, &array, i, &item) || item.word != ((first + i) << 1 | 1))
			return false;
	return true;
}

static bool is_text(const struct ancient_file *file, struct ancient_value value, const char *word,
		    uint64_t number)
{
	const char *bytes;
	size_t length;
	char text[64];

	snprintf(text, sizeof(text), "%s %llu", word, (unsigned long long)number);
	return ancient_string_get(file, value, &bytes, &length, &err) == ANCIENT_OK &&
	       length == strlen(text) && memcmp(bytes, text, length) == 0;
}

/* ---- Values of generations ---- */

static bool are_numbers(const struct ancient_file *file, const struct ancient_block *tuple,
			uint64_t g)
{
	struct ancient_value floats_value, integer_value, bytes_value;
	struct ancient_bigarray bytes;
	const double *floats;
	size_t count;
	int64_t integer;

	if (!part(file, tuple, 2, &floats_value) || !part(file, tuple, 3, &integer_value) ||
	    !part(file, tuple, 4, &bytes_value) ||
	    ancient_float_array_get(file, floats_value, &floats, &count, &err) != ANCIENT_OK ||
	    ancient_boxed_int_get(file, integer_value, &integer, &err) != ANCIENT_OK ||
	    ancient_bigarray_get(file, bytes_value, &bytes, &err) != ANCIENT_OK)
		return false;
	if (count != 2 || floats[0] != (double)g || floats[1] != 0.5 || integer != (int64_t)g ||
	    bytes.count != 100)
		return false;
	for (size_t i = 0; i < 100; i++)
		if (((const uint8_t *)bytes.data)[i] != (uint8_t)g)
			return false;
	return true;
}

static bool is_generation(const struct ancient_file *file, struct ancient_value root, uint64_t g)
{
	uint64_t words = g % 7 == 6 ? 20000 + g % 1000 : 3 + g % 5;
	struct ancient_block tuple;
	struct ancient_value array, text;

	return is_tuple(file, root, 5, &tuple) && part(file, &tuple, 0, &array) &&
	       is_range(file, array, g * 1000003, words) && part(file, &tuple, 1, &text) &&
	       is_text(file, text, "generation", g) && are_numbers(file, &tuple, g);
}

/* Each key holds what was published last before `g`. */
static bool check_keys(const struct ancient_file *file, uint64_t g)
{
	for (uint64_t key = 0; key < KEYS; key++) {
		uint64_t last = g;
		struct ancient_entry entry;
		enum ancient_code code;

		while (last > 1 && last % KEYS != key)
			last--;
		code = ancient_file_entry(file, key, &entry, &err);
		if (code == ANCIENT_E_NO_KEY && last <= 1)
			continue;
		if (code == ANCIENT_OK && entry.generation == last &&
		    is_generation(file, entry.root, last))
			continue;
		fail("a key is not that of generation", last);
		return false;
	}
	return true;
}

static bool check(const char *path, uint64_t *ret_generation)
{
	struct ancient_file *file = NULL;
	struct ancient_info info;
	enum ancient_code code = ancient_file_open(path, NULL, &file, &err);
	bool good;

	*ret_generation = 0;
	if (code != ANCIENT_OK)
		return code == ANCIENT_E_EMPTY;
	good = ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK;
	ancient_file_info(file, &info);
	*ret_generation = info.generation;
	good = good && check_keys(file, info.generation);
	ancient_file_close(file);
	return good;
}

static void answer_checks(void)
{
	char line[4096];
	uint64_t generation;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (check(line + strlen("check "), &generation))
			printf("ok %llu\n", (unsigned long long)generation);
		else
			printf("C: %s\n", err.message);
		fflush(stdout);
	}
}

/* ---- Values of keys ---- */

static bool is_key(const struct ancient_file *file, struct ancient_value root, uint64_t key)
{
	struct ancient_block tuple;
	struct ancient_value number, array, text;

	return is_tuple(file, root, 3, &tuple) && part(file, &tuple, 0, &number) &&
	       number.word == (key << 1 | 1) && part(file, &tuple, 1, &array) &&
	       is_range(file, array, key, 1 + key % 17) && part(file, &tuple, 2, &text) &&
	       is_text(file, text, "key", key);
}

static bool is_named(const struct ancient_file *file, const struct ancient_entry *entry)
{
	struct ancient_entry again;
	char name[64];

	if (entry->key % 10 != 0)
		return entry->name == NULL;
	snprintf(name, sizeof(name), "name %llu", (unsigned long long)entry->key);
	return entry->name != NULL && strcmp(entry->name, name) == 0 &&
	       ancient_file_entry_named(file, name, strlen(name), &again, &err) == ANCIENT_OK &&
	       again.key == entry->key;
}

/* Every entry, in order, as many as the file says. */
static bool walk(const struct ancient_file *file, uint64_t *values)
{
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	struct ancient_info info;
	enum ancient_code code;
	uint64_t met = 0;

	ancient_file_info(file, &info);
	ancient_cursor_init(file, 0, &cursor);
	while ((code = ancient_cursor_next(&cursor, &entry, &err)) == ANCIENT_OK) {
		met++;
		if (!is_key(file, entry.root, entry.key) || !is_named(file, &entry)) {
			fail("a wrong value of key", entry.key);
			return false;
		}
	}
	*values += met;
	if (code == ANCIENT_E_NO_KEY && met == info.key_count)
		return true;
	if (code == ANCIENT_E_NO_KEY)
		fail("a walk met other keys than there are:", met);
	return false;
}

static bool stdin_ended(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte;

	return poll(&in, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) == 0;
}

static bool step(const char *path, struct ancient_file **file, uint64_t round, uint64_t *values)
{
	struct ancient_file *newer = NULL;
	struct ancient_info before, after;
	enum ancient_code code = round % 2 ? ancient_file_reopen(*file, &newer, &err)
					   : ancient_file_open(path, NULL, &newer, &err);

	if (code != ANCIENT_OK)
		return false;
	ancient_file_info(*file, &before);
	ancient_file_info(newer, &after);
	ancient_file_close(*file);
	*file = newer;
	if (after.generation < before.generation || after.key_count < before.key_count) {
		fail("an older generation:", after.generation);
		return false;
	}
	return walk(newer, values) &&
	       (round % 10 || ancient_file_verify(newer, NULL, NULL, &err) == ANCIENT_OK);
}

static int read_on(const char *path)
{
	struct ancient_file *file = NULL;
	uint64_t rounds = 0, values = 0;

	if (ancient_file_open(path, NULL, &file, &err) != ANCIENT_OK) {
		fprintf(stderr, "C: %s\n", err.message);
		return 1;
	}
	do {
		if (!step(path, &file, rounds, &values)) {
			fprintf(stderr, "C: %s\n", err.message);
			return 1;
		}
		rounds++;
	} while (!stdin_ended());
	ancient_file_close(file);
	printf("%llu rounds, %llu values\n", (unsigned long long)rounds,
	       (unsigned long long)values);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "read") == 0)
		return read_on(argv[2]);
	if (argc != 2 || strcmp(argv[1], "check") != 0)
		return 99;
	answer_checks();
	return 0;
}
