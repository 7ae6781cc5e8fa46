/* tests/c-reader: identifiers of custom slots, one file used by many threads at once, and the
 * maps by words of a file. */
#include <pthread.h>

#include "image_files.h"
#include "base/word_map.h"

/* ---- Custom slots ---------------------------------------------------------------- */

static const char longest[] = "an identifier of fifty-five bytes, which is as long as ";

static void build_customs(struct image *f)
{
	image_init(f);
	unsigned date = image_custom(f, "org.example.date"), other = image_custom(f, longest);
	image_key(f, 0, image_block(f, 255, 3, image_slot(date), (uint64_t)17, (uint64_t)4), NULL);
	image_key(f, 1, image_block(f, 255, 1, image_slot(other)), NULL);
}

static void slots_from_5_on_have_the_identifiers_of_the_file(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_custom custom;
	enum ancient_kind kind;
	int64_t number;
	build_customs(&f);
	file = open_image(&f, "customs");
	CHECK(ancient_custom_get(file, root(file, 0), &custom, &err) == ANCIENT_OK);
	CHECK(strcmp(custom.identifier, "org.example.date") == 0 && custom.bytes == 16);
	CHECK(((const uint64_t *)custom.payload)[1] == 4);
	CHECK(ancient_value_kind(file, root(file, 0), &kind, &err) == ANCIENT_OK);
	CHECK(kind == ANCIENT_KIND_CUSTOM);
	CHECK(ancient_boxed_int_get(file, root(file, 0), &number, &err) == ANCIENT_E_WRONG_KIND);
	CHECK(ancient_custom_get(file, root(file, 1), &custom, &err) == ANCIENT_OK);
	CHECK(strcmp(custom.identifier, longest) == 0 && custom.bytes == 0);
	ancient_file_close(file);
	image_done(&f);
}

static void a_damaged_identifier_is_no_text(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_custom custom;
	build_customs(&f);
	image_finish(&f);
	const uint64_t customs = f.super.customs;
	f.bytes[customs + 64 + 55] = 'x'; /* slot 5: 56 bytes and no end */
	f.bytes[customs + 128] = 0;       /* slot 6: none */
	file = open_damaged(&f);
	for (uint64_t key = 0; key < 2; key++) {
		CHECK(ancient_custom_get(file, root(file, key), &custom, &err) ==
		      ANCIENT_E_BAD_CUSTOM);
		CHECK(err.rule == 402 && err.offset == customs + 64 + 64 * key);
	}
	ancient_file_close(file);
	const uint64_t places[] = {f.used, f.used - 128, 4096, UINT64_MAX - 63, customs + 4};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		image_set(&f, offsetof(struct ancient_superblock, customs), places[i]);
		file = open_damaged(&f);
		CHECK(ancient_custom_get(file, root(file, 0), &custom, &err) ==
		      ANCIENT_E_BAD_CUSTOM);
		CHECK(err.rule == 401 &&
		      err.offset == offsetof(struct ancient_superblock, customs));
		CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_CUSTOM);
		CHECK(err.rule == 401);
		ancient_file_close(file);
	}
	image_done(&f);
}

/* FORMAT 10: C1 and C2 come after the blocks and before the pointers. */
static void customs_are_verified_before_pointers(void)
{
	struct image f;
	struct ancient_file *file;
	build_customs(&f);
	uint64_t block = image_block(&f, 0, 1, IMAGE_BASE + 8);
	image_key(&f, 2, block, NULL);
	image_finish(&f);
	const uint64_t customs = f.super.customs;
	f.bytes[customs + 64 + 60] = 1; /* the zero of slot 5's record */
	file = open_damaged(&f);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_CUSTOM);
	CHECK(err.rule == 402 && err.offset == customs + 64);
	ancient_file_close(file);
	f.bytes[customs + 64 + 60] = 0;
	file = open_damaged(&f);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_POINTER);
	CHECK(err.rule == 301 && err.offset == block - IMAGE_BASE);
	ancient_file_close(file);
	image_done(&f);
}

/* ---- Threads --------------------------------------------------------------------- */

#define THREADS 8

static struct ancient_file *shared;
static pthread_barrier_t together;

static void *ask(void *ret_identifier)
{
	struct ancient_custom custom = {0};
	struct ancient_error mine;
	struct ancient_value v;
	pthread_barrier_wait(&together);
	struct ancient_file *file = ancient_file_ref(shared);
	if (ancient_file_get(file, 0, &v, &mine) == ANCIENT_OK)
		ancient_custom_get(file, v, &custom, &mine);
	*(const char **)ret_identifier = custom.identifier;
	ancient_file_close(file);
	return NULL;
}

/* The first to ask for an identifier makes a copy of them all; whoever is first, one copy
 * stays, and what any thread got lives as long as the file. */
static void threads_get_the_same_identifiers(void)
{
	struct image f;
	build_customs(&f);
	ancient_file_close(open_image(&f, "threads"));
	CHECK(pthread_barrier_init(&together, NULL, THREADS) == 0);
	for (int round = 0; round < 50; round++) {
		pthread_t threads[THREADS];
		const char *identifiers[THREADS];
		char path[64];
		test_path(path, "threads");
		CHECK(ancient_file_open(path, NULL, &shared, &err) == ANCIENT_OK);
		for (size_t i = 0; i < THREADS; i++)
			CHECK(pthread_create(&threads[i], NULL, ask, &identifiers[i]) == 0);
		for (size_t i = 0; i < THREADS; i++)
			CHECK(pthread_join(threads[i], NULL) == 0);
		for (size_t i = 0; i < THREADS; i++)
			CHECK(identifiers[i] == identifiers[0]);
		CHECK(strcmp(identifiers[0], "org.example.date") == 0);
		ancient_file_close(shared);
	}
	pthread_barrier_destroy(&together);
	image_done(&f);
}

/* ---- Maps by words of the file ---------------------------------------------------- */

/* A file that knew where its words are kept could put them all in one place, and a dump would take
 * the square of them. */
static void words_lie_elsewhere_in_each_map(void)
{
	struct reader_word_map one = {0}, two = {0};
	for (uint64_t i = 0; i < 64; i++) {
		struct reader_word_entry *entry =
			ancient_reader_word_map_at(&one, 8264 + 16 * i, NULL);
		CHECK(entry->value[0] == 0 && one.count == i + 1);
		entry->value[0] = i;
		CHECK(ancient_reader_word_map_at(&two, 8264 + 16 * i, NULL) != NULL);
	}
	CHECK(ancient_reader_word_map_find(&one, 8264 + 16 * 7)->value[0] == 7);
	CHECK(ancient_reader_word_map_find(&one, 8) == NULL);
	CHECK(one.capacity == two.capacity);
	for (size_t i = 0; i < one.capacity; i++)
		one.entries[i].value[0] = 0;
	CHECK(memcmp(one.entries, two.entries, one.capacity * sizeof(one.entries[0])) != 0);
	ancient_reader_word_map_done(&one, NULL);
	ancient_reader_word_map_done(&two, NULL);
}

int main(void)
{
	test_begin();
	slots_from_5_on_have_the_identifiers_of_the_file();
	a_damaged_identifier_is_no_text();
	customs_are_verified_before_pointers();
	threads_get_the_same_identifiers();
	words_lie_elsewhere_in_each_map();
	test_end();
	return 0;
}
