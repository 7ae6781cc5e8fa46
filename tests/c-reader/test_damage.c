/* tests/c-reader: damaged files: each bit flipped in turn, and values with cycles. */
#include <malloc.h>

#include "build_file.h"

static struct ancient_error err;
static double numbers[5] = {1, 2, 3, 4, 5};

static void build(struct image *f)
{
	const uint64_t five = 5;
	uint64_t shared, data, cons;
	image_init(f);
	shared = image_block(f, 0, 2, image_string(f, "shared"), IMAGE_INT(1));
	cons = image_block(f, 0, 3, image_string(f, "key"), shared, IMAGE_INT(0));
	data = image_block(f, 0, 1, cons);
	image_key(f, 0, image_block(f, 0, 4, IMAGE_INT(1), data, IMAGE_INT(0), IMAGE_INT(1)), "t");
	image_key(f, 1, image_block(f, 0, 2, shared, shared), NULL);
	image_key(f, 5, image_bigarray(f, 1, 1, &five, numbers, sizeof(numbers)), "numbers");
	image_key(f, 6, image_block(f, 250, 1, image_block(f, 255, 2, image_slot(0), (uint64_t)9)),
		  NULL);
	image_finish(f);
}

static bool drop(void *context, const char *text, size_t length)
{
	(void)text;
	*(uint64_t *)context += length;
	return true;
}

/* Calls everything on everything that can be reached; each answer is allowed. */
static void use(const struct ancient_file *file)
{
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	uint64_t written = 0;
	const struct ancient_dump_options dump = {
		.write = drop, .context = &written, .limit = 1u << 16};

	ancient_cursor_init(file, 0, &cursor);
	for (uint64_t met = 0; ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_OK; met++) {
		struct ancient_value v;
		struct ancient_bigarray array;
		struct ancient_custom custom;
		const char *bytes;
		size_t length;
		CHECK(met < 1000);
		ancient_value_dump(file, entry.root, &dump, &err);
		ancient_value_force(file, entry.root, &v, &err);
		ancient_hashtbl_find_string(file, entry.root, "key", 3, &v, &err);
		ancient_string_get(file, entry.root, &bytes, &length, &err);
		ancient_bigarray_get(file, entry.root, &array, &err);
		if (ancient_custom_get(file, entry.root, &custom, &err) == ANCIENT_OK)
			CHECK(strlen(custom.identifier) < 56);
	}
	ancient_file_entry_named(file, "numbers", 7, &entry, &err);
}

/* Every flip between 8192 and `used`, and in the pages of the superblocks behind the
 * structures, is found.  A flip in the superblock in force leaves the file its older
 * generation, which is what a crash leaves (FORMAT 10); one in the other is nothing. */
static void verify_finds_every_flipped_bit(void)
{
	struct image f;
	char path[64];
	build(&f);
	test_path(path, "flips");
	image_write(&f, path);
	int fd = open(path, O_RDWR);
	const uint64_t step = getenv("ANCIENT_SMALL_RUN") ? 37 : 1; /* tests/meson.build */
	for (uint64_t at = 0; at < f.used; at += step) {
		if (at % 4096 >= 512 && at < 8192 && at % 97 != 0)
			continue; /* one padding is like another: a sample */
		for (int bit = 0; bit < 8; bit++) {
			unsigned char byte = f.bytes[at] ^ (unsigned char)(1u << bit);
			struct ancient_file *file;
			struct ancient_info info;
			CHECK(pwrite(fd, &byte, 1, (off_t)at) == 1);
			CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
			ancient_file_info(file, &info);
			CHECK(info.generation == (at < 256 ? 1 : 2));
			bool harmless = at < 8192 && at % 4096 < 256;
			CHECK((ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK) ==
			      harmless);
			if (!harmless)
				CHECK(err.rule != 0 && err.offset != ANCIENT_NO_OFFSET);
			use(file);
			ancient_file_close(file);
		}
		CHECK(pwrite(fd, &f.bytes[at], 1, (off_t)at) == 1);
	}
	close(fd);
	image_done(&f);
}

/* Without the sums to betray it, each damaged word is an error, a value, or another value,
 * and never anything worse. */
static void any_word_may_be_anything(void)
{
	static const uint64_t words[] = {0,
					 1,
					 2,
					 8,
					 0x3FB,
					 0x7FC,
					 UINT64_MAX,
					 1ull << 63,
					 IMAGE_BASE,
					 IMAGE_BASE + 8264,
					 IMAGE_BASE + 8272,
					 ANCIENT_HEADER(1, 250),
					 ANCIENT_HEADER((1ull << 54) - 1, 0),
					 ANCIENT_HEADER(1ull << 30, 252),
					 8193,
					 8200,
					 1ull << 47};
	struct image f;
	char path[64];
	build(&f);
	test_path(path, "words");
	const uint64_t step = getenv("ANCIENT_SMALL_RUN") ? 8 * 11 : 8;
	for (uint64_t at = 8192; at < f.used; at += step)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			uint64_t before = image_at(&f, at);
			struct ancient_file *file;
			image_set(&f, at, words[i]);
			image_write(&f, path);
			CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
			ancient_file_verify(file, NULL, NULL, &err);
			use(file);
			ancient_file_close(file);
			image_set(&f, at, before);
		}
	image_done(&f);
}

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

/* Before the first block and behind the last byte there may stand words that look like the
 * header of an empty block. */
static void the_edges_of_the_file_hold_no_blocks(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_block block;
	image_init(&f);
	image_key(&f, 0, IMAGE_INT(0), NULL);
	image_finish(&f);
	const uint64_t edges[] = {8192, 8256, f.used, f.used + 8};
	image_set(&f, f.used - 8, ANCIENT_HEADER(0, 0));
	image_seal_extent(&f, f.directory);
	image_set(&f, 8248, ANCIENT_HEADER(0, 0)); /* the sum of the first extent's header */
	char path[64];
	test_path(path, "edges");
	image_write(&f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		const struct ancient_value v = {IMAGE_BASE + edges[i]};
		CHECK(ancient_block_get(file, v, &block, &err) == ANCIENT_E_BAD_POINTER);
		CHECK(err.rule == 301 && err.found == v.word);
	}
	ancient_file_close(file);
	image_done(&f);
}

/* The payload of a bigarray: 40 bytes from here must lie between the first extent's header
 * and the end of the file, on a multiple of 64. */
static void a_payload_lies_inside_the_file(void)
{
	struct image f;
	struct ancient_bigarray array;
	struct ancient_value v;
	build(&f);
	const uint64_t word = f.data[0], end = f.used / 64 * 64;
	const uint64_t wrong[] = {0,   64,     8192,       image_at(&f, word) - IMAGE_BASE + 8,
				  end, f.used, 1ull << 40, UINT64_MAX - 63 - IMAGE_BASE};
	CHECK(f.used - end < sizeof(numbers));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		image_set(&f, word, IMAGE_BASE + wrong[i]);
		struct ancient_file *file = open_sealed(&f, "payload");
		CHECK(ancient_file_get(file, 5, &v, &err) == ANCIENT_OK);
		CHECK(ancient_bigarray_get(file, v, &array, &err) == ANCIENT_E_BAD_BIGARRAY);
		CHECK(err.rule == 307 && err.offset == word);
		CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_BIGARRAY);
		CHECK(err.rule == 307 && err.offset == word);
		ancient_file_close(file);
	}
	image_done(&f);
}

static void words_behind_the_limbs_are_zero(void)
{
	struct image f;
	const uint64_t words[] = {image_slot(4), 1, 7, 0, 0, 0};
	image_init(&f);
	uint64_t z = image_words(&f, 255, 6, words);
	image_key(&f, 0, z, NULL);
	image_finish(&f);
	for (uint64_t i = 3; i < 6; i++) {
		image_field(&f, z, i, 1);
		struct ancient_file *file = open_sealed(&f, "limbs");
		CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_CUSTOM);
		CHECK(err.rule == 306 && err.offset == z - IMAGE_BASE + 8 * i);
		ancient_file_close(file);
		image_field(&f, z, i, 0);
	}
	ancient_file_close(open_sealed(&f, "limbs"));
	image_done(&f);
}

static void a_list_that_meets_itself_is_dumped_with_a_reference(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value v;
	struct sink sink = {0};
	const struct ancient_dump_options dump = {.write = sink_write, .context = &sink};
	image_init(&f);
	uint64_t last = image_block(&f, 0, 2, IMAGE_INT(2), IMAGE_INT(0));
	uint64_t first = image_block(&f, 0, 2, IMAGE_INT(1), last);
	image_field(&f, last, 1, first);
	image_key(&f, 0, first, NULL);
	image_finish(&f);
	file = open_sealed(&f, "cycle");
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK); /* cycles are good */
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_OK);
	CHECK(ancient_value_dump(file, v, &dump, &err) == ANCIENT_OK);
	CHECK(strcmp(sink.text, "{\"id\": 1, \"tag\": 0, \"fields\": [1, {\"tag\": 0, \"fields\": "
				"[2, {\"ref\": 1}]}]}") == 0);
	free(sink.text);
	ancient_file_close(file);
	image_done(&f);
}

struct taken {
	uint64_t written;
	size_t before, most; /* bytes on the heap */
};

static size_t on_the_heap(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

static bool drop_and_look(void *context, const char *text, size_t length)
{
	struct taken *taken = context;
	size_t now = on_the_heap() - taken->before;
	taken->most = now > taken->most ? now : taken->most;
	return drop(&taken->written, text, length);
}

static void a_long_list_takes_no_stack(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value v;
	struct taken taken = {0};
	uint64_t tail = IMAGE_INT(0);
	struct ancient_dump_options dump = {.write = drop_and_look, .context = &taken};
	image_init(&f);
	for (int i = 0; i < 100000; i++)
		tail = image_block(&f, 0, 2, IMAGE_INT(0), tail);
	image_key(&f, 0, tail, NULL);
	image_finish(&f);
	file = open_sealed(&f, "list");
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_OK);
	taken.before = on_the_heap();
	CHECK(ancient_value_dump(file, v, &dump, &err) == ANCIENT_OK);
	CHECK(taken.written == 100000 * strlen("{\"tag\": 0, \"fields\": [0, ]}") + 1);
	/* The marks take 1/32 of the file, a stack of all its cells would take more than it. */
	CHECK(taken.most < f.used / 8);
	ancient_file_close(file);
	image_done(&f);
}

static void a_bucket_that_meets_itself_ends(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value v, found;
	image_init(&f);
	uint64_t cons = image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(1), IMAGE_INT(0));
	uint64_t data = image_block(&f, 0, 1, cons);
	image_field(&f, cons, 2, cons);
	image_key(&f, 0, image_block(&f, 0, 4, IMAGE_INT(1), data, IMAGE_INT(0), IMAGE_INT(1)),
		  NULL);
	image_finish(&f);
	file = open_sealed(&f, "bucket");
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_OK);
	CHECK(ancient_hashtbl_find_string(file, v, "a", 1, &found, &err) == ANCIENT_OK);
	CHECK(ancient_hashtbl_find_string(file, v, "b", 1, &found, &err) == ANCIENT_E_BAD_BLOCK);
	ancient_file_close(file);
	image_done(&f);
}

static void a_lazy_that_is_itself_ends(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value v, forced;
	image_init(&f);
	uint64_t lazy = image_block(&f, 250, 1, IMAGE_INT(0));
	image_field(&f, lazy, 0, lazy);
	image_key(&f, 0, lazy, NULL);
	image_finish(&f);
	file = open_sealed(&f, "lazy");
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_OK);
	CHECK(ancient_value_force(file, v, &forced, &err) == ANCIENT_E_BAD_BLOCK);
	ancient_file_close(file);
	image_done(&f);
}

/* Its digits would take the square of its length; a file must not ask for hours. */
static void an_integer_of_a_million_bits_has_no_decimal(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value v;
	uint64_t written = 0;
	const struct ancient_dump_options dump = {.write = drop, .context = &written};
	const uint64_t limbs = 16385;
	image_init(&f);
	uint64_t z = image_words(&f, 255, 2 + limbs, NULL);
	image_field(&f, z, 0, image_slot(4));
	image_field(&f, z, 1, limbs);
	image_key(&f, 0, z, NULL);
	image_finish(&f);
	file = open_sealed(&f, "limbs");
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK);
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_OK);
	CHECK(ancient_value_dump(file, v, &dump, &err) == ANCIENT_E_TOO_LARGE);
	ancient_file_close(file);
	image_done(&f);
}

static bool stop(void *context, uint64_t done, uint64_t total)
{
	(void)context;
	CHECK(done <= total);
	return true;
}

static void progress_can_stop_a_verification(void)
{
	struct image f;
	struct ancient_file *file;
	char path[64];
	const struct ancient_verify_options options = {.progress = stop};
	build(&f);
	/* Grow the last extent by 16 MiB of zeros: its sum is only known to be wrong behind. */
	test_path(path, "progress");
	uint64_t content = image_at(&f, f.directory + 24) + (16u << 20);
	image_set(&f, f.directory + 16, content + 64);
	image_set(&f, f.directory + 24, content);
	image_set(&f, f.directory + 56, XXH3_64bits(f.bytes + f.directory, 56));
	image_set(&f, 80, f.directory + 64 + content);
	image_seal_superblock(&f, 0);
	image_write(&f, path);
	CHECK(truncate(path, (off_t)(f.directory + 64 + content)) == 0);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	CHECK(ancient_file_verify(file, &options, NULL, &err) == ANCIENT_E_INTERRUPTED);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_CHECKSUM);
	ancient_file_close(file);
	image_done(&f);
}

int main(void)
{
	test_begin();
	verify_finds_every_flipped_bit();
	any_word_may_be_anything();
	the_edges_of_the_file_hold_no_blocks();
	a_payload_lies_inside_the_file();
	words_behind_the_limbs_are_zero();
	a_list_that_meets_itself_is_dumped_with_a_reference();
	a_long_list_takes_no_stack();
	a_bucket_that_meets_itself_ends();
	a_lazy_that_is_itself_ends();
	an_integer_of_a_million_bits_has_no_decimal();
	progress_can_stop_a_verification();
	test_end();
	return 0;
}
