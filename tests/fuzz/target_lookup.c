/* tests/fuzz: finding keys, names and bindings of hash tables.
 *
 * What is found is what was asked for: an entry has the key, or the name, that was given; a
 * walk meets keys in ascending order from where it was told, as many as the file may have; a
 * binding of a hash table is in a bucket of it, with that key and that value.  By key or by a
 * walk the same entry is found, and asking again gives the same answer. */
#include "fuzz.h"

/* ---- Directories ----------------------------------------------------------------- */

static void ask_key(const struct ancient_file *file, uint64_t key)
{
	struct ancient_entry entry;
	struct ancient_value value;
	enum ancient_code code = ancient_file_entry(file, key, &entry, &fuzz_err);

	if (!fuzz_ok(code)) {
		FUZZ_CHECK(code == ANCIENT_E_NO_KEY || code == ANCIENT_E_BAD_DIRECTORY);
		return;
	}
	FUZZ_CHECK(entry.key == key);
	if (entry.name != NULL) {
		FUZZ_CHECK(entry.name_length <= ANCIENT_NAME_MAX);
		fuzz_touch(entry.name, entry.name_length + 1);
		FUZZ_CHECK(entry.name[entry.name_length] == '\0');
	}
	FUZZ_CHECK(ancient_file_get(file, key, &value, &fuzz_err) == ANCIENT_OK);
	FUZZ_CHECK(value.word == entry.root.word);
}

static void ask_name(const struct ancient_file *file, const char *name, size_t length)
{
	struct ancient_entry entry;
	enum ancient_code code = ancient_file_entry_named(file, name, length, &entry, &fuzz_err);

	if (!fuzz_ok(code)) {
		FUZZ_CHECK(code == ANCIENT_E_NO_KEY || code == ANCIENT_E_BAD_DIRECTORY);
		return;
	}
	FUZZ_CHECK(entry.name != NULL && entry.name_length == length);
	FUZZ_CHECK(memcmp(entry.name, name, length) == 0);
}

static void walk(const struct ancient_file *file, uint64_t from)
{
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	struct ancient_info info;
	uint64_t met = 0, last = 0;
	enum ancient_code code;

	ancient_file_info(file, &info);
	ancient_cursor_init(file, from, &cursor);
	while ((code = ancient_cursor_next(&cursor, &entry, &fuzz_err)) == ANCIENT_OK) {
		FUZZ_CHECK(entry.key >= from && (met == 0 || entry.key > last));
		FUZZ_CHECK(++met <= info.key_count);
		last = entry.key;
		if (met > 1000)
			continue; /* one is like another: time */
		ask_key(file, entry.key);
		ask_key(file, entry.key + 1);
		if (entry.name == NULL)
			continue;
		ask_name(file, entry.name, entry.name_length);
		ask_name(file, entry.name, entry.name_length / 2);
	}
	FUZZ_CHECK(!fuzz_ok(code));
	FUZZ_CHECK(ancient_cursor_next(&cursor, &entry, NULL) != ANCIENT_OK);
}

/* ---- Hash tables ----------------------------------------------------------------- */

#define STRINGS 16u

struct asked {
	const char *bytes[STRINGS]; /* in the mapping */
	size_t length[STRINGS], count;
	unsigned tables;
};

static void collect(const struct ancient_file *file, struct ancient_value value, void *context)
{
	struct asked *asked = context;

	if (asked->count < STRINGS &&
	    ancient_string_get(file, value, &asked->bytes[asked->count],
			       &asked->length[asked->count], NULL) == ANCIENT_OK)
		asked->count++;
}

static bool field(const struct ancient_file *file, struct ancient_value value, uint64_t index,
		  struct ancient_value *ret_field)
{
	struct ancient_block block;

	return ancient_block_get(file, value, &block, NULL) == ANCIENT_OK &&
	       ancient_block_field(file, &block, index, ret_field, NULL) == ANCIENT_OK;
}

/* Whether a bucket of the table binds these bytes to this value. */
static bool is_bound(const struct ancient_file *file, struct ancient_value table, const char *bytes,
		     size_t length, struct ancient_value wanted)
{
	struct ancient_value buckets, cons, key, value;
	struct ancient_info info;
	const char *text;
	size_t text_length;

	ancient_file_info(file, &info);
	FUZZ_CHECK(field(file, table, 1, &buckets));
	for (uint64_t i = 0; field(file, buckets, i, &cons); i++)
		for (uint64_t steps = 0; steps < info.used / 8 && field(file, cons, 0, &key) &&
					 field(file, cons, 1, &value);
		     steps++) {
			if (value.word == wanted.word &&
			    ancient_string_get(file, key, &text, &text_length, NULL) ==
				    ANCIENT_OK &&
			    text_length == length && memcmp(text, bytes, length) == 0)
				return true;
			if (!field(file, cons, 2, &cons))
				break;
		}
	return false;
}

static void ask_table(const struct ancient_file *file, struct ancient_value table, void *context)
{
	struct asked *asked = context;
	struct ancient_block block;

	if (asked->tables > 64 || ancient_block_get(file, table, &block, NULL) != ANCIENT_OK ||
	    block.size != 4)
		return;
	asked->tables++;
	for (size_t i = 0; i < asked->count; i++) {
		struct ancient_value found = {42}, again;
		enum ancient_code code = ancient_hashtbl_find_string(
			file, table, asked->bytes[i], asked->length[i], &found, &fuzz_err);
		if (!fuzz_ok(code)) {
			FUZZ_CHECK(found.word == 42);
			FUZZ_CHECK(code == ANCIENT_E_NO_KEY || code == ANCIENT_E_WRONG_KIND ||
				   fuzz_class_of(code) == FUZZ_CORRUPT);
			continue;
		}
		FUZZ_CHECK(is_bound(file, table, asked->bytes[i], asked->length[i], found));
		FUZZ_CHECK(ancient_hashtbl_find_string(file, table, asked->bytes[i],
						       asked->length[i], &again,
						       NULL) == ANCIENT_OK &&
			   again.word == found.word);
	}
}

static void run(const uint8_t *data, size_t size)
{
	struct ancient_file *file = fuzz_file(data, size);
	struct asked asked = {.bytes = {"", "a"}, .length = {0, 1}, .count = 2};
	uint64_t key = 0;

	if (file == NULL)
		return;
	memcpy(&key, data + size - 8, 8); /* whatever it is */
	walk(file, 0);
	walk(file, key >> 2);
	ask_key(file, key);
	ask_key(file, UINT64_MAX);
	ask_name(file, "fuzz", 0);
	ask_name(file, (const char *)data + size - 300, 300);
	fuzz_each_value(file, collect, &asked);
	fuzz_each_value(file, ask_table, &asked);
	ancient_file_close(file);
}

const struct fuzz_target fuzz_lookup = {"lookup", run, 0, false};
