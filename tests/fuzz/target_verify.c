/* tests/fuzz: verification.
 *
 * It ends with no fault, or with a rule of section 10 at a place in the file, and always with
 * the same.  Where it finds no fault, nothing in the file can fail: every key and name is
 * found, every value that can be reached is sound, can be dumped, and the counts agree. */
#include "fuzz.h"

#define DUMP_LIMIT (1u << 20)

static bool watch(void *context, uint64_t done, uint64_t total)
{
	uint64_t *last = context;

	FUZZ_CHECK(done >= *last && done <= total);
	*last = done;
	return false;
}

static bool stop(void *context, uint64_t done, uint64_t total)
{
	(void)done, (void)total;
	*(bool *)context = true;
	return true;
}

static bool count(void *context, const char *text, size_t length)
{
	fuzz_touch(text, length);
	*(uint64_t *)context += length;
	return true;
}

static void check_entry(const struct ancient_file *file, const struct ancient_entry *entry)
{
	struct ancient_entry same;
	struct ancient_value value;
	uint64_t length = 0;
	const struct ancient_dump_options options = {
		.write = count, .context = &length, .limit = DUMP_LIMIT};
	enum ancient_code code;

	FUZZ_CHECK(ancient_file_get(file, entry->key, &value, &fuzz_err) == ANCIENT_OK);
	FUZZ_CHECK(value.word == entry->root.word);
	if (entry->name != NULL) {
		FUZZ_CHECK(strlen(entry->name) == entry->name_length);
		FUZZ_CHECK(fuzz_is_utf8(entry->name, entry->name_length));
		FUZZ_CHECK(ancient_file_entry_named(file, entry->name, entry->name_length, &same,
						    &fuzz_err) == ANCIENT_OK);
		FUZZ_CHECK(same.key == entry->key);
	}
	code = ancient_value_dump(file, entry->root, &options, &fuzz_err);
	FUZZ_CHECK(code == ANCIENT_OK || code == ANCIENT_E_TOO_LARGE);
}

static void check_good(const struct ancient_file *file, const struct ancient_verify_result *result)
{
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	struct ancient_info info;
	uint64_t keys = 0, names = 0;
	enum ancient_code code;

	ancient_file_info(file, &info);
	ancient_cursor_init(file, 0, &cursor);
	while ((code = ancient_cursor_next(&cursor, &entry, &fuzz_err)) == ANCIENT_OK) {
		check_entry(file, &entry);
		keys++;
		names += entry.name != NULL;
	}
	FUZZ_CHECK(code == ANCIENT_E_NO_KEY);
	FUZZ_CHECK(keys == info.key_count && keys == result->keys);
	FUZZ_CHECK(names == info.name_count && names == result->names);
	FUZZ_CHECK(result->blocks == info.block_count);
	FUZZ_CHECK(fuzz_each_value(file, NULL, NULL));
}

static void verify(struct ancient_file *file, size_t size)
{
	struct ancient_verify_result result;
	uint64_t last = 0;
	bool stopped = false;
	const struct ancient_verify_options watched = {.progress = watch,
						       .context = &last,
						       .threads = 1},
					    stopping = {.progress = stop,
							.context = &stopped,
							.threads = 1};
	enum ancient_code code;

	code = ancient_file_verify(file, &watched, &result, &fuzz_err);
	if (fuzz_ok(code)) {
		check_good(file, &result);
	} else {
		FUZZ_CHECK(fuzz_class_of(code) == FUZZ_CORRUPT);
		FUZZ_CHECK(ancient_rule_name(fuzz_err.rule)[0] != '\0');
		FUZZ_CHECK(fuzz_err.offset < size);
	}
	FUZZ_CHECK(ancient_file_verify(file, NULL, NULL, NULL) == code);
	code = ancient_file_verify(file, &stopping, NULL, &fuzz_err);
	FUZZ_CHECK(stopped == (code == ANCIENT_E_INTERRUPTED));
}

static void run(const uint8_t *data, size_t size)
{
	struct ancient_file *file = fuzz_file(data, size);

	if (file == NULL)
		return;
	verify(file, size);
	fuzz_each_generation(file, fuzz_descriptor(data, size), verify, size);
	ancient_file_close(file);
}

const struct fuzz_target fuzz_verify = {"verify", run, 0, false};
