/* tests/core: schemas: stored once, found with their key, kept when they are damaged. */
#include "reseal.h"

#define MANY (small_run() ? 200u : 2000u)

static struct ancient_store *store;

static struct ancient_schema_text schema(const char *text)
{
	struct ancient_schema_text s = {{0}, text, strlen(text)};

	memset(s.fingerprint, (int)s.length, sizeof s.fingerprint);
	return s;
}

static enum ancient_code try_put(struct ancient_commit *commit, uint64_t key,
				 const struct ancient_schema_text *s, struct ancient_error *err)
{
	return ancient_commit_put_typed(commit, key, NULL, s, &source, INT(key),
					ANCIENT_ORDER_DEPTH_FIRST, NULL, err);
}

static void share_typed(uint64_t key, const struct ancient_schema_text *s)
{
	struct ancient_commit *commit = NULL;

	OK(ancient_commit_begin(store, &commit, &err));
	OK(try_put(commit, key, s, &err));
	OK(ancient_commit_finish(commit, false, &err));
}

static struct ancient_store_entry entry(uint64_t key)
{
	struct ancient_store_entry e;

	OK(ancient_store_entry(store, NULL, key, &e, &err));
	return e;
}

static void has(uint64_t key, const char *text)
{
	struct ancient_store_entry e = entry(key);
	struct ancient_schema_text expected = schema(text);

	CHECK(e.schema.text && strcmp(e.schema.text, text) == 0);
	EQUAL(e.schema.length, expected.length);
	CHECK(memcmp(e.schema.fingerprint, expected.fingerprint, 16) == 0);
}

static void a_key_has_the_schema_it_was_published_with(void)
{
	struct ancient_schema_text s = schema("val root : int");

	share_typed(1, &s);
	share(store, 2, INT(9));
	has(1, "val root : int");
	EQUAL(entry(1).root, INT(1));
	EQUAL(entry(1).generation, 2);
	CHECK(!entry(1).name && !entry(2).schema.text);
	OK(ancient_store_verify(store, &err));
}

static void a_key_shared_again_loses_or_changes_its_schema(void)
{
	struct ancient_schema_text other = schema("val root : bool");

	share_typed(1, &other);
	has(1, "val root : bool");
	share(store, 1, INT(1));
	CHECK(!entry(1).schema.text);
	OK(ancient_store_verify(store, &err));
}

static uint64_t occurrences(int fd, const char *text)
{
	uint64_t size, found = 0, length = strlen(text);
	uint8_t *bytes = file_bytes(fd, &size);

	for (uint64_t i = 0; i + length <= size; i++)
		found += memcmp(bytes + i, text, length) == 0;
	free(bytes);
	return found;
}

static void a_text_is_stored_once(int fd)
{
	struct ancient_schema_text s = schema("val root : string list");
	struct ancient_commit *commit = NULL;

	OK(ancient_commit_begin(store, &commit, &err));
	for (uint64_t key = 10; key < 20; key++)
		OK(try_put(commit, key, &s, &err));
	OK(ancient_commit_finish(commit, false, &err));
	share_typed(20, &s);
	for (uint64_t key = 10; key <= 20; key++)
		has(key, "val root : string list");
	EQUAL(occurrences(fd, "val root : string list"), 1);
}

/* Each of its own, over several commits, so that the tree has shared and new branches. */
static void many_texts_are_all_found(void)
{
	char text[64];

	for (uint64_t round = 0; round < 4; round++) {
		struct ancient_commit *commit = NULL;

		OK(ancient_commit_begin(store, &commit, &err));
		for (uint64_t i = round; i < MANY; i += 4) {
			struct ancient_schema_text s;

			snprintf(text, sizeof text, "(* %llu *) val root : int",
				 (unsigned long long)i);
			s = schema(text);
			OK(try_put(commit, 1000 + i, &s, &err));
		}
		OK(ancient_commit_finish(commit, false, &err));
	}
	for (uint64_t i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "(* %llu *) val root : int", (unsigned long long)i);
		has(1000 + i, text);
	}
	OK(ancient_store_verify(store, &err));
}

static void refuses(const char *text, uint64_t length)
{
	struct ancient_schema_text s = {{0}, text, length};
	struct ancient_commit *commit = NULL;

	OK(ancient_commit_begin(store, &commit, &err));
	GIVES(try_put(commit, 5, &s, &err), ANCIENT_E_ARGUMENT);
	ancient_commit_abort(commit);
}

static void only_texts_are_schemas(void)
{
	static char large[ANCIENT_SCHEMA_MAX + 1];
	struct ancient_schema_text most = {{0}, large, ANCIENT_SCHEMA_MAX};
	struct ancient_schema_text again = schema("val root : bool");

	memset(large, ' ', sizeof large);
	refuses(large, 0);
	refuses(large, sizeof large);
	refuses("val root\0: int", 14);
	refuses("val root\xff", 9);
	share_typed(5, &most);
	EQUAL(entry(5).schema.length, ANCIENT_SCHEMA_MAX);
	again.fingerprint[0] ^= 1; /* a text has one fingerprint */
	{
		struct ancient_commit *commit = NULL;

		OK(ancient_commit_begin(store, &commit, &err));
		GIVES(try_put(commit, 5, &again, &err), ANCIENT_E_ARGUMENT);
		ancient_commit_abort(commit);
	}
}

static void an_entry_is_found_by_its_name(void)
{
	struct ancient_schema_text s = schema("val root : unit");
	struct ancient_store_entry e;
	struct ancient_commit *commit = NULL;

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put_typed(commit, 7, "seven", &s, &source, INT(3),
				    ANCIENT_ORDER_DEPTH_FIRST, NULL, &err));
	OK(ancient_commit_finish(commit, false, &err));
	OK(ancient_store_entry_named(store, NULL, "seven", &e, &err));
	EQUAL(e.key, 7);
	EQUAL(e.root, INT(3));
	CHECK(strcmp(e.name, "seven") == 0 && strcmp(e.schema.text, "val root : unit") == 0);
	GIVES(ancient_store_entry_named(store, NULL, "eight", &e, &err), ANCIENT_E_NO_KEY);
	GIVES(ancient_store_entry(store, NULL, 8, &e, &err), ANCIENT_E_NO_KEY);
}

/* ---- damage ---- */

/* Writes a word, and makes all checksums right again. */
static void poke(int fd, uint64_t offset, uint64_t word)
{
	uint64_t size;
	uint8_t *bytes = file_bytes(fd, &size);

	memcpy(bytes + offset, &word, 8);
	reseal(bytes);
	write_back(fd, bytes, size);
	free(bytes);
}

/* A file of one key, whose leaf is the root of the keys and whose schema that of schemas. */
static void damage(uint64_t at_leaf, uint64_t at_record, uint64_t word, uint64_t entry_code)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_schema_text s = schema("val root : int");
	struct ancient_superblock sb;
	struct ancient_store_entry e;
	uint64_t leaf, record, size;
	uint8_t *bytes;

	unlink(path);
	store = attach(fd);
	share_typed(1, &s);
	bytes = file_bytes(fd, &size);
	sb = in_force(bytes);
	free(bytes);
	leaf = sb.keys & ~1ull;
	record = sb.schemas & ~1ull;
	EQUAL(sb.schemas & 1, 1);
	EQUAL(sb.version, ANCIENT_VERSION);
	ancient_store_detach(store);
	poke(fd, at_leaf ? leaf + at_leaf : record + at_record, word);
	store = attach(fd);
	GIVES(ancient_store_entry(store, NULL, 1, &e, &err), entry_code);
	GIVES(ancient_store_verify(store, &err), ANCIENT_E_BAD_DIRECTORY);
	EQUAL(last_error.rule, 506);
	ancient_store_detach(store);
	close(fd);
}

static void damaged_schemas_are_refused(void)
{
	damage(0, 32, 0, ANCIENT_E_BAD_DIRECTORY);                      /* length */
	damage(0, 32, ANCIENT_SCHEMA_MAX + 1, ANCIENT_E_BAD_DIRECTORY); /* length */
	damage(0, 32, 13, ANCIENT_E_BAD_DIRECTORY);                     /* no 0 behind it */
	damage(0, 32, 16, ANCIENT_OK); /* leaves its extent: seen by verification */
	damage(0, 32, UINT64_MAX - 16, ANCIENT_E_BAD_DIRECTORY);
	damage(0, 0, 1, ANCIENT_OK); /* the hash */
	damage(0, 40, 0xff, ANCIENT_OK);
	damage(0, 40, 0x6c61762020202020, ANCIENT_OK);
	damage(16, 0, 8, ANCIENT_E_BAD_DIRECTORY);
	damage(16, 0, ANCIENT_FIRST_EXTENT, ANCIENT_E_BAD_DIRECTORY);
	damage(16, 0, UINT64_MAX - 7, ANCIENT_E_BAD_DIRECTORY);
	damage(16, 0, 1ull << 63, ANCIENT_E_BAD_DIRECTORY); /* what means pending in a writer */
}

int main(void)
{
	char path[64];
	int fd = new_file(path);

	unlink(path);
	store = attach(fd);
	a_key_has_the_schema_it_was_published_with();
	a_key_shared_again_loses_or_changes_its_schema();
	a_text_is_stored_once(fd);
	many_texts_are_all_found();
	only_texts_are_schemas();
	an_entry_is_found_by_its_name();
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	store = attach(fd);
	has(1001, "(* 1 *) val root : int");
	ancient_store_detach(store);
	damaged_schemas_are_refused();
	return 0;
}
