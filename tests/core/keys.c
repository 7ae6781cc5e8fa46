/* tests/core: the directories: keys, names, replacing, renaming, many puts in a commit. */
#include "check.h"

#define RANDOM (small_run() ? 10000u : 100000u)

static struct ancient_store *store;

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void put(struct ancient_commit *commit, uint64_t key, const char *name, uint64_t root)
{
	OK(ancient_commit_put(commit, key, name, &source, root, ANCIENT_ORDER_DEPTH_FIRST, NULL,
			      &err));
}

static void keys_from_one_end_to_the_other(void)
{
	static const uint64_t keys[] = {0, 100, 4000000000, ANCIENT_KEY_MAX, 1, 99, 1ull << 61};
	struct ancient_commit *commit = NULL;
	uint64_t root;

	GIVES(ancient_store_get(store, NULL, 0, &root, &err), ANCIENT_E_NO_KEY);
	for (size_t i = 0; i < sizeof keys / 8; i++)
		share(store, keys[i], INT(i));
	for (size_t i = 0; i < sizeof keys / 8; i++)
		EQUAL(get(store, keys[i]), INT(i));
	GIVES(ancient_store_get(store, NULL, 101, &root, &err), ANCIENT_E_NO_KEY);
	GIVES(ancient_store_get(store, NULL, UINT64_MAX, &root, &err), ANCIENT_E_NO_KEY);
	OK(ancient_commit_begin(store, &commit, &err));
	GIVES(ancient_commit_put(commit, ANCIENT_KEY_MAX + 1, NULL, &source, INT(0),
				 ANCIENT_ORDER_DEPTH_FIRST, NULL, &err),
	      ANCIENT_E_ARGUMENT);
	ancient_commit_abort(commit);
}

static void replacing_a_key_changes_only_it(void)
{
	share(store, 100, INT(77));
	EQUAL(get(store, 100), INT(77));
	EQUAL(get(store, 99), INT(5));
	EQUAL(get(store, 0), INT(0));
}

/* Every key is put twice, in two commits of many puts. */
static void random_keys_are_all_found(void)
{
	for (uint64_t round = 0; round < 2; round++) {
		struct ancient_commit *commit = NULL;
		uint64_t state = 88172645463325252;

		OK(ancient_commit_begin(store, &commit, &err));
		for (uint64_t i = 0; i < RANDOM; i++)
			put(commit, next(&state) & ANCIENT_KEY_MAX, NULL, INT(i + round));
		OK(ancient_commit_finish(commit, false, &err));
	}
	for (uint64_t i = 0, state = 88172645463325252; i < RANDOM; i++)
		EQUAL(get(store, next(&state) & ANCIENT_KEY_MAX), INT(i + 1));
}

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Those that are known are met in their order, and no key twice. */
static void a_walk_meets_every_key_in_order(void)
{
	struct ancient_store_keys walk = {0};
	struct ancient_store_entry entry = {0};
	uint64_t state = 88172645463325252, count = 0, last = 0, met = 0;
	uint64_t *known = malloc(RANDOM * sizeof *known);

	CHECK(known);
	for (uint64_t i = 0; i < RANDOM; i++)
		known[i] = next(&state) & ANCIENT_KEY_MAX;
	qsort(known, RANDOM, sizeof *known, by_value);
	OK(ancient_store_keys(store, NULL, &walk, &err));
	share(store, 12345, INT(1)); /* a later generation: not met */
	for (;;) {
		if (ancient_store_keys_next(store, &walk, &entry, &last_error) != ANCIENT_OK)
			break;
		CHECK(count == 0 || entry.key > last);
		CHECK(entry.key != 12345);
		EQUAL(get(store, entry.key), entry.root);
		if (entry.key == 3)
			CHECK(strcmp(entry.name, "\xC3\xA9t\xC3\xA9") == 0);
		if (met < RANDOM && entry.key == known[met])
			met++;
		last = entry.key;
		count++;
	}
	EQUAL(last_error.code, ANCIENT_E_NO_KEY);
	EQUAL(last, ANCIENT_KEY_MAX);
	EQUAL(met, RANDOM);
	EQUAL(count, RANDOM + 10 + 1000); /* what the other tests have put */
	GIVES(ancient_store_keys_next(store, &walk, &entry, &err), ANCIENT_E_NO_KEY);
	free(known);
}

static void an_empty_directory_has_no_first_key(void)
{
	struct ancient_store_keys walk = {0};
	struct ancient_store_entry entry = {0};

	OK(ancient_store_keys(store, NULL, &walk, &err));
	GIVES(ancient_store_keys_next(store, &walk, &entry, &err), ANCIENT_E_NO_KEY);
}

/* One more key costs a path, not the directory. */
static void a_commit_does_not_grow_with_the_keys(int fd)
{
	uint64_t before = file_size(fd);

	share(store, 123456789, INT(1));
	CHECK(file_size(fd) - before <= 4096 + 62 * 24 + 64 + 64);
}

static enum ancient_code try_name(uint64_t key, const char *name)
{
	struct ancient_commit *commit = NULL;
	enum ancient_code code;

	OK(ancient_commit_begin(store, &commit, &err));
	code = ancient_commit_put(commit, key, name, &source, INT(0), ANCIENT_ORDER_DEPTH_FIRST,
				  NULL, &last_error);
	ancient_commit_abort(commit);
	return code;
}

static void names_are_unique_and_move_with_their_key(void)
{
	char name[300];

	share_named(store, 1, "one", INT(1), ANCIENT_ORDER_DEPTH_FIRST);
	share_named(store, 2, "on", INT(1), ANCIENT_ORDER_DEPTH_FIRST);
	share_named(store, 3, "\xC3\xA9t\xC3\xA9", INT(1), ANCIENT_ORDER_DEPTH_FIRST);
	EQUAL(try_name(2, "one"), ANCIENT_E_NAME_TAKEN);
	EQUAL(try_name(1, "one"), ANCIENT_OK);
	share_named(store, 1, "uno", INT(2), ANCIENT_ORDER_DEPTH_FIRST); /* renamed */
	EQUAL(try_name(2, "one"), ANCIENT_OK);
	EQUAL(try_name(2, "uno"), ANCIENT_E_NAME_TAKEN);
	share(store, 1, INT(3)); /* shared again without a name: it loses the one it had */
	EQUAL(try_name(2, "uno"), ANCIENT_OK);
	EQUAL(try_name(1, ""), ANCIENT_E_ARGUMENT);
	EQUAL(try_name(1, "\xC3"), ANCIENT_E_ARGUMENT);
	EQUAL(try_name(1, "\xED\xA0\x80"), ANCIENT_E_ARGUMENT);
	memset(name, 'x', sizeof name);
	name[256] = 0;
	EQUAL(try_name(1, name), ANCIENT_E_ARGUMENT);
	name[255] = 0;
	share_named(store, 1, name, INT(4), ANCIENT_ORDER_DEPTH_FIRST);
	name[254] = 0;
	share_named(store, 4, name, INT(4), ANCIENT_ORDER_DEPTH_FIRST);
}

static void one_commit_may_rename_again_and_again(void)
{
	struct ancient_commit *commit = NULL;
	char name[32];

	OK(ancient_commit_begin(store, &commit, &err));
	for (uint64_t i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "name %llu", (unsigned long long)(i % 1000));
		put(commit, 5000 + (i * 7) % 1000, NULL, INT(i));
		put(commit, 5000 + (i % 1000), name, INT(i));
	}
	OK(ancient_commit_finish(commit, false, &err));
	EQUAL(get(store, 5999), INT(2999));
	OK(ancient_store_verify(store, &err));
}

int main(void)
{
	char path[64];
	int fd = new_file(path);

	store = attach(fd);
	an_empty_directory_has_no_first_key();
	keys_from_one_end_to_the_other();
	replacing_a_key_changes_only_it();
	names_are_unique_and_move_with_their_key();
	one_commit_may_rename_again_and_again();
	random_keys_are_all_found();
	a_walk_meets_every_key_in_order();
	a_commit_does_not_grow_with_the_keys(fd);
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	return 0;
}
