/* tests/c-reader: lookups of strings in hash tables, and values behind forced lazies. */
#include "image_files.h"

/* ---- Hash tables ----------------------------------------------------------------- */

static char long_text[301];

/* What OCaml 4.13's Hashtbl.hash and Hashtbl.seeded_hash say. */
static const struct known {
	const char *text;
	size_t length;
	int64_t seed;
	uint32_t hash;
} known[] = {
	{"", 0, 0, 0},
	{"a", 1, 0, 721651713},
	{"ab", 2, 0, 856662637},
	{"abc", 3, 0, 767105082},
	{"abcd", 4, 0, 65890154},
	{"abcdefg", 7, 0, 577950338},
	{"\0\xff", 2, 0, 274077459},
	{"the quick brown fox jumps over the lazy dog", 43, 0, 308607424},
	{long_text, 300, 0, 1003689373},
	{"", 0, 42, 142593372},
	{"abc", 3, 42, 93182985},
	{"abcdefg", 7, 42, 565031557},
	{"abc", 3, 1234567890123, 423979782},
	{long_text, 300, 1234567890123, 484126415},
};

/* A table of `count` buckets, empty but for one. */
static uint64_t table(struct image *f, uint64_t count, uint64_t at, uint64_t bucket, int64_t seed)
{
	uint64_t buckets = image_words(f, 0, count, NULL);
	image_field(f, buckets, at, bucket);
	return image_block(f, 0, 4, IMAGE_INT(1), buckets, IMAGE_INT(seed), IMAGE_INT(16));
}

static void the_hash_is_that_of_ocaml(void)
{
	const uint64_t buckets = 4096;
	struct image f;
	struct ancient_file *file;
	const size_t count = sizeof(known) / sizeof(known[0]);
	image_init(&f);
	for (size_t i = 0; i < count; i++) {
		const struct known *k = &known[i];
		uint64_t cons = image_block(&f, 0, 3, image_bytes(&f, k->text, k->length),
					    IMAGE_INT(i), IMAGE_INT(0));
		image_key(&f, i, table(&f, buckets, k->hash & (buckets - 1), cons, k->seed), NULL);
	}
	file = open_image(&f, "hash");
	for (size_t i = 0; i < count; i++) {
		struct ancient_value found = {0};
		CHECK(ancient_hashtbl_find_string(file, root(file, i), known[i].text,
						  known[i].length, &found, &err) == ANCIENT_OK);
		CHECK(ancient_value_to_int(found) == (int64_t)i);
		CHECK(ancient_hashtbl_find_string(file, root(file, i), "no", 2, &found, &err) ==
		      ANCIENT_E_NO_KEY);
	}
	ancient_file_close(file);
	image_done(&f);
}

/* "a" is in bucket 1 of two, "ab" too, "abc" in bucket 0. */
static void a_bucket_is_searched_to_its_end(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value found;
	image_init(&f);
	uint64_t other = image_block(&f, 0, 3, image_string(&f, "abc"), IMAGE_INT(3), IMAGE_INT(0));
	uint64_t old = image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(9), IMAGE_INT(0));
	uint64_t ab = image_block(&f, 0, 3, image_string(&f, "ab"), IMAGE_INT(2), old);
	uint64_t a = image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(1), ab);
	uint64_t whole = table(&f, 2, 1, a, 0);
	image_field(&f, image_at(&f, whole - IMAGE_BASE + 8), 0, other);
	image_key(&f, 0, whole, NULL);
	file = open_image(&f, "buckets");
	const struct ancient_value v = root(file, 0);
	CHECK(ancient_hashtbl_find_string(file, v, "a", 1, &found, &err) == ANCIENT_OK);
	CHECK(ancient_value_to_int(found) == 1); /* the newest binding */
	CHECK(ancient_hashtbl_find_string(file, v, "ab", 2, &found, &err) == ANCIENT_OK);
	CHECK(ancient_value_to_int(found) == 2);
	CHECK(ancient_hashtbl_find_string(file, v, "abc", 3, &found, &err) == ANCIENT_OK);
	CHECK(ancient_value_to_int(found) == 3);
	CHECK(ancient_hashtbl_find_string(file, v, "", 0, &found, &err) == ANCIENT_E_NO_KEY);
	CHECK(ancient_hashtbl_find_string(file, v, NULL, 0, &found, &err) == ANCIENT_E_NO_KEY);
	CHECK(ancient_hashtbl_find_string(file, v, "b\0", 2, &found, &err) == ANCIENT_E_NO_KEY);
	ancient_file_close(file);
	image_done(&f);
}

/* Two cells that lead to each other, met behind a third. */
static void a_bucket_that_turns_in_a_ring_ends(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value found;
	image_init(&f);
	uint64_t c = image_block(&f, 0, 3, image_string(&f, "c"), IMAGE_INT(3), IMAGE_INT(0));
	uint64_t b = image_block(&f, 0, 3, image_string(&f, "b"), IMAGE_INT(2), c);
	uint64_t a = image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(1), b);
	image_field(&f, c, 2, b);
	image_key(&f, 0, table(&f, 1, 0, a, 0), NULL);
	file = open_image(&f, "ring");
	CHECK(ancient_hashtbl_find_string(file, root(file, 0), "c", 1, &found, &err) == ANCIENT_OK);
	CHECK(ancient_value_to_int(found) == 3);
	CHECK(ancient_hashtbl_find_string(file, root(file, 0), "d", 1, &found, &err) ==
	      ANCIENT_E_BAD_BLOCK);
	ancient_file_close(file);
	image_field(&f, c, 2, 0); /* 0 is no end either, and no pointer */
	file = open_damaged(&f);
	CHECK(ancient_hashtbl_find_string(file, root(file, 0), "d", 1, &found, &err) ==
	      ANCIENT_E_BAD_POINTER);
	ancient_file_close(file);
	image_done(&f);
}

static void refused_table(const struct ancient_file *file, uint64_t key)
{
	struct ancient_value found = {7};
	CHECK(ancient_hashtbl_find_string(file, root(file, key), "a", 1, &found, &err) ==
	      ANCIENT_E_WRONG_KIND);
	CHECK(found.word == 7);
}

static void what_is_no_table_of_strings_is_of_another_kind(void)
{
	struct image f;
	struct ancient_file *file;
	image_init(&f);
	const uint64_t zero = IMAGE_INT(0), text = image_string(&f, "a");
	uint64_t one = image_block(&f, 0, 1, zero);
	uint64_t three = image_block(&f, 0, 3, zero, zero, zero);
	uint64_t none = image_block(&f, 0, 0);
	uint64_t key = 0;
	image_key(&f, key++, IMAGE_INT(1), NULL);
	image_key(&f, key++, text, NULL);
	image_key(&f, key++, image_block(&f, 0, 3, zero, one, zero), NULL);
	image_key(&f, key++, image_block(&f, 1, 4, zero, one, zero, zero), NULL);
	image_key(&f, key++, image_block(&f, 0, 4, one, one, zero, zero), NULL);
	image_key(&f, key++, image_block(&f, 0, 4, zero, zero, zero, zero), NULL);
	image_key(&f, key++, image_block(&f, 0, 4, zero, one, one, zero), NULL);
	image_key(&f, key++, image_block(&f, 0, 4, zero, one, zero, one), NULL);
	image_key(&f, key++, image_block(&f, 0, 4, zero, three, zero, zero), NULL);
	image_key(&f, key++, image_block(&f, 0, 4, zero, none, zero, zero), NULL);
	image_key(&f, key++, table(&f, 1, 0, one, 0), NULL);   /* a cell of one field */
	image_key(&f, key++, table(&f, 1, 0, three, 0), NULL); /* an integer as key */
	image_key(&f, key++, table(&f, 1, 0, image_block(&f, 0, 3, one, zero, zero), 0), NULL);
	file = open_image(&f, "kinds");
	for (uint64_t i = 0; i < key; i++)
		refused_table(file, i);
	ancient_file_close(file);
	image_done(&f);
}

/* ---- Lazies ---------------------------------------------------------------------- */

static void a_ring_of_lazies_ends_wherever_it_is_entered(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value forced = {7};
	image_init(&f);
	uint64_t first = image_block(&f, 250, 1, IMAGE_INT(0));
	uint64_t second = image_block(&f, 250, 1, first);
	image_field(&f, first, 0, second);
	image_key(&f, 0, image_block(&f, 250, 1, first), NULL);
	image_key(&f, 1, second, NULL);
	file = open_image(&f, "lazies");
	for (uint64_t key = 0; key < 2; key++)
		CHECK(ancient_value_force(file, root(file, key), &forced, &err) ==
		      ANCIENT_E_BAD_BLOCK);
	CHECK(forced.word == 7);
	ancient_file_close(file);
	image_done(&f);
}

/* A ring is found by its own length.  Found by that of the file, these would take hours. */
static void a_ring_in_a_huge_file_is_found_at_once(void)
{
	/* Valgrind has not so much room. */
	const uint64_t huge = 1ull << (getenv("ANCIENT_SMALL_RUN") ? 33 : 36);
	struct image f;
	struct ancient_file *file;
	struct ancient_value v;
	char path[64];
	image_init(&f);
	uint64_t lazy = image_block(&f, 250, 1, IMAGE_INT(0));
	image_field(&f, lazy, 0, lazy);
	uint64_t cons = image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(1), IMAGE_INT(0));
	image_field(&f, cons, 2, cons);
	image_key(&f, 0, lazy, NULL);
	image_key(&f, 1, table(&f, 1, 0, cons, 0), NULL);
	image_finish(&f);
	image_set(&f, offsetof(struct ancient_superblock, reserve), huge);
	image_set(&f, offsetof(struct ancient_superblock, used), huge);
	image_seal_superblock(&f, 0);
	test_path(path, "huge");
	image_write(&f, path);
	CHECK(truncate(path, (off_t)huge) == 0); /* nothing of it is on the disk */
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	for (int i = 0; i < 1000; i++) {
		CHECK(ancient_value_force(file, root(file, 0), &v, &err) == ANCIENT_E_BAD_BLOCK);
		CHECK(ancient_hashtbl_find_string(file, root(file, 1), "b", 1, &v, &err) ==
		      ANCIENT_E_BAD_BLOCK);
	}
	ancient_file_close(file);
	image_done(&f);
}

/* Longer than any step of the search for rings. */
static void a_long_chain_is_no_ring(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value v;
	image_init(&f);
	uint64_t lazy = IMAGE_INT(5), cons = IMAGE_INT(0);
	for (int i = 0; i < 20000; i++) {
		lazy = image_block(&f, 250, 1, lazy);
		cons = image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(1), cons);
	}
	image_key(&f, 0, lazy, NULL);
	image_key(&f, 1, table(&f, 1, 0, cons, 0), NULL);
	file = open_image(&f, "long");
	CHECK(ancient_value_force(file, root(file, 0), &v, &err) == ANCIENT_OK);
	CHECK(ancient_value_to_int(v) == 5);
	CHECK(ancient_hashtbl_find_string(file, root(file, 1), "b", 1, &v, &err) ==
	      ANCIENT_E_NO_KEY);
	ancient_file_close(file);
	image_done(&f);
}

int main(void)
{
	memset(long_text, 'x', 300);
	test_begin();
	the_hash_is_that_of_ocaml();
	a_bucket_is_searched_to_its_end();
	a_bucket_that_turns_in_a_ring_ends();
	what_is_no_table_of_strings_is_of_another_kind();
	a_ring_of_lazies_ends_wherever_it_is_entered();
	a_ring_in_a_huge_file_is_found_at_once();
	a_long_chain_is_no_ring();
	test_end();
	return 0;
}
