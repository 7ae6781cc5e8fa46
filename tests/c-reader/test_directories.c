/* tests/c-reader: directories that are damaged, or large. */
#include "build_file.h"

static struct ancient_error err;

static struct ancient_file *open_sealed(struct image *f, const char *name)
{
	struct ancient_file *file;
	char path[64];
	image_seal(f);
	test_path(path, name);
	image_write(f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	return file;
}

/* The keys 0, 1, 5 and 6, of which 1 is "one" and 5 is "five". */
static void build(struct image *f)
{
	image_init(f);
	image_key(f, 0, IMAGE_INT(0), NULL);
	image_key(f, 1, IMAGE_INT(1), "one");
	image_key(f, 5, IMAGE_INT(5), "five");
	image_key(f, 6, IMAGE_INT(6), NULL);
	image_finish(f);
}

static void a_branch_that_leads_back_ends(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value v;
	build(&f);
	image_set(&f, f.super.keys + 8, f.super.keys); /* child 0 of the root is the root */
	file = open_sealed(&f, "branch");
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_E_BAD_DIRECTORY && err.rule == 502);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_DIRECTORY);
	CHECK(err.rule == 502 && err.offset == f.super.keys);
	ancient_file_close(file);
	image_done(&f);
}

static void a_name_has_at_most_255_bytes(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_entry entry;
	char longest[256] = {0};
	memset(longest, 'x', 255);
	image_init(&f);
	image_key(&f, 0, IMAGE_INT(0), longest);
	image_finish(&f);
	file = open_sealed(&f, "longest");
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK);
	CHECK(ancient_file_entry_named(file, longest, 255, &entry, &err) == ANCIENT_OK);
	ancient_file_close(file);
	/* The record has its 0 byte behind 255 bytes, and behind it lies the leaf's key, 0. */
	image_set(&f, f.keys[0].record, 256);
	file = open_sealed(&f, "longer");
	CHECK(ancient_file_entry(file, 0, &entry, &err) == ANCIENT_E_BAD_DIRECTORY);
	CHECK(err.rule == 503 && err.offset == f.keys[0].leaf + 24 && err.found == 256);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_DIRECTORY);
	CHECK(err.rule == 503);
	ancient_file_close(file);
	image_done(&f);
}

static void a_name_without_its_0_is_not_handed_out(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_entry entry;
	build(&f);
	f.bytes[f.keys[1].record + 8 + 3] = 'x';
	file = open_sealed(&f, "unended");
	CHECK(ancient_file_entry(file, 1, &entry, &err) == ANCIENT_E_BAD_DIRECTORY);
	CHECK(err.rule == 503 && err.offset == f.keys[1].leaf + 24);
	CHECK(strstr(err.message, "): copy or publish it again") != NULL);
	CHECK(ancient_file_entry(file, 5, &entry, &err) == ANCIENT_OK);
	ancient_file_close(file);
	image_done(&f);
}

/* A name that is there but leads astray is damage, not absence. */
static void a_name_leads_to_the_key_that_has_it(void)
{
	static const uint64_t keys[] = {2, 6, 5, UINT64_MAX};
	struct image f;
	struct ancient_file *file;
	struct ancient_entry entry;
	build(&f);
	/* The leaf of the names that holds the record of "one". */
	uint64_t leaf = f.directory + 64;
	while (image_at(&f, leaf) != f.keys[1].record || image_at(&f, leaf + 8) != 1)
		leaf += 8;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		image_set(&f, leaf + 8, keys[i]);
		file = open_sealed(&f, "astray");
		CHECK(ancient_file_entry_named(file, "one", 3, &entry, &err) ==
		      ANCIENT_E_BAD_DIRECTORY);
		CHECK(err.rule == 504 && err.offset == leaf);
		CHECK(ancient_file_entry_named(file, "two", 3, &entry, &err) == ANCIENT_E_NO_KEY);
		ancient_file_close(file);
	}
	image_done(&f);
}

static void a_walk_never_goes_back(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	build(&f);
	image_set(&f, f.keys[2].leaf, 1); /* where 5 should be is a second 1 */
	file = open_sealed(&f, "back");
	ancient_cursor_init(file, 0, &cursor);
	CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_OK && entry.key == 0);
	CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_OK && entry.key == 1);
	CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_E_BAD_DIRECTORY);
	CHECK(err.rule == 502 && err.offset == f.keys[2].leaf);
	CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_E_NO_KEY);
	ancient_file_close(file);
	image_done(&f);
}

static bool count_and_stop_at_5(void *context, uint64_t done, uint64_t total)
{
	CHECK(done <= total);
	return ++*(unsigned *)context == 5;
}

/* 30000 keys are 2 MB of small nodes that are walked twice. */
static void progress_can_stop_the_walk_of_the_directories(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_verify_result result;
	unsigned calls = 0;
	const struct ancient_verify_options options = {.progress = count_and_stop_at_5,
						       .context = &calls};
	image_init(&f);
	for (uint64_t key = 0; key < 30000; key++)
		image_key(&f, key, IMAGE_INT(key), NULL);
	image_finish(&f);
	CHECK(f.used < 4u << 20);
	file = open_sealed(&f, "directories");
	CHECK(ancient_file_verify(file, &options, &result, &err) == ANCIENT_OK);
	CHECK(result.keys == 30000 && calls == 1);
	calls = 4;
	CHECK(ancient_file_verify(file, &options, NULL, &err) == ANCIENT_E_INTERRUPTED);
	ancient_file_close(file);
	image_done(&f);
}

int main(void)
{
	test_begin();
	a_branch_that_leads_back_ends();
	a_name_has_at_most_255_bytes();
	a_name_without_its_0_is_not_handed_out();
	a_name_leads_to_the_key_that_has_it();
	a_walk_never_goes_back();
	progress_can_stop_the_walk_of_the_directories();
	test_end();
	return 0;
}
