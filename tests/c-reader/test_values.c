/* tests/c-reader: keys, names, and every kind of value. */
#include "build_file.h"

static struct image f;
static struct ancient_file *file;
static struct ancient_error err;
static float matrix[6] = {1, 2, 3, 4, 5, 0.1f};
static uint16_t halves[3] = {0x3C00, 0xC000, 0x0001};

static struct ancient_value root(uint64_t key)
{
	struct ancient_value value;
	CHECK(ancient_file_get(file, key, &value, &err) == ANCIENT_OK);
	return value;
}

static void build(void)
{
	const double floats[3] = {1.5, -0.0, 1e300};
	const uint64_t dims[2] = {2, 3}, three = 3, none[2] = {4, 0};
	uint64_t pair, tail;

	image_init(&f);
	pair = image_block(&f, 0, 2, image_string(&f, "vim"), IMAGE_INT(-9));
	image_key(&f, 0, pair, "pair");
	image_key(&f, 1, IMAGE_INT(42), "answer");
	image_key(&f, 2, image_bytes(&f, "a\0b", 3), NULL);
	image_key(&f, 3, image_doubles(&f, 253, 1, floats), NULL);
	image_key(&f, 4, image_doubles(&f, 254, 3, floats), NULL);
	image_key(&f, 5, image_block(&f, 255, 2, image_slot(0), 1ull << 63), NULL);
	image_key(&f, 6, image_block(&f, 255, 2, image_slot(1), (uint64_t)-7), NULL);
	image_key(&f, 7, image_block(&f, 255, 2, image_slot(2), (uint64_t)7), NULL);
	image_key(&f, 8, image_bigarray(&f, 0, 2, dims, matrix, sizeof(matrix)), "matrix");
	image_key(&f, 9,
		  image_block(&f, 255, 4, image_slot(4), 1ull << 63 | 2, (uint64_t)0, (uint64_t)1),
		  NULL);
	image_key(&f, 10, image_block(&f, 250, 1, image_block(&f, 250, 1, pair)), NULL);
	image_key(&f, 11, image_bigarray(&f, 0x10D, 1, &three, halves, sizeof(halves)), NULL);
	image_key(&f, 12, image_bigarray(&f, 1, 2, none, NULL, 0), NULL);
	image_key(&f, 13,
		  image_string(&f, "\x01\x1f\x7f\xc2\x80\xc2\x9f\xc2\xa0\xe2\x80\xa7\xe2\x80\xa8"
				   "\xe2\x80\xa9\xe2\x80\xaa\xff\xc2"),
		  NULL);
	image_key(&f, 15,
		  image_block(&f, 0, 2, image_block(&f, 255, 2, image_slot(4), 1ull << 63),
			      image_block(&f, 255, 4, image_slot(4), 1ull << 63 | 2, (uint64_t)0,
					  (uint64_t)0)),
		  NULL);
	image_key(&f, 16, image_words(&f, 0, 100000, NULL), NULL);
	image_key(&f, 17, image_string(&f, "\xe0\x80\xaf"), NULL);
	tail = IMAGE_INT(0);
	for (int i = 3; i > 0; i--)
		tail = image_block(&f, 0, 2, pair, tail);
	image_key(&f, 100, tail, NULL);
	image_key(&f, 4000000000, image_string(&f, "far"), "b");
	image_key(&f, ANCIENT_KEY_MAX, image_block(&f, 243, 0), "bc");
	image_finish(&f);
}

static void an_integer_needs_no_file(void)
{
	struct ancient_value v = root(1);
	enum ancient_kind kind;
	CHECK(ancient_value_is_int(v) && ancient_value_to_int(v) == 42);
	CHECK(ancient_value_kind(file, v, &kind, &err) == ANCIENT_OK);
	CHECK(kind == ANCIENT_KIND_INT);
}

static void a_block_gives_its_fields(void)
{
	struct ancient_block block, copy;
	struct ancient_value v = {77};
	CHECK(ancient_block_get(file, root(0), &block, &err) == ANCIENT_OK);
	CHECK(block.tag == 0 && block.size == 2);
	CHECK(ancient_block_field(file, &block, 1, &v, &err) == ANCIENT_OK);
	CHECK(ancient_value_to_int(v) == -9);
	v.word = 77;
	CHECK(ancient_block_field(file, &block, 2, &v, &err) == ANCIENT_E_NO_INDEX);
	CHECK(v.word == 77);
	copy = block;
	copy.offset = UINT64_MAX - 7;
	CHECK(ancient_block_field(file, &copy, 1, &v, &err) == ANCIENT_E_ARGUMENT);
	copy.offset = f.used - 8;
	copy.size = UINT64_MAX;
	CHECK(ancient_block_field(file, &copy, 1, &v, &err) == ANCIENT_E_ARGUMENT);
	CHECK(ancient_block_get(file, root(ANCIENT_KEY_MAX), &block, &err) == ANCIENT_OK);
	CHECK(block.tag == 243 && block.size == 0);
	CHECK(ancient_block_get(file, root(2), &block, &err) == ANCIENT_E_WRONG_KIND);
}

static void a_string_may_hold_zeros(void)
{
	const char *bytes;
	size_t length;
	CHECK(ancient_string_get(file, root(2), &bytes, &length, &err) == ANCIENT_OK);
	CHECK(length == 3 && memcmp(bytes, "a\0b", 4) == 0);
	CHECK(ancient_string_get(file, root(1), &bytes, &length, &err) == ANCIENT_E_WRONG_KIND);
	CHECK(strstr(err.message, "expected string, found int") != NULL);
}

static void numbers_are_what_was_written(void)
{
	const double *floats;
	double number;
	size_t count;
	int64_t i;
	CHECK(ancient_float_get(file, root(3), &number, &err) == ANCIENT_OK && number == 1.5);
	CHECK(ancient_float_array_get(file, root(4), &floats, &count, &err) == ANCIENT_OK);
	CHECK(count == 3 && floats[2] == 1e300);
	CHECK(ancient_boxed_int_get(file, root(5), &i, &err) == ANCIENT_OK && i == INT64_MIN);
	CHECK(ancient_boxed_int_get(file, root(6), &i, &err) == ANCIENT_OK && i == -7);
	CHECK(ancient_boxed_int_get(file, root(7), &i, &err) == ANCIENT_OK && i == 7);
	CHECK(ancient_boxed_int_get(file, root(3), &i, &err) == ANCIENT_E_WRONG_KIND);
}

static void a_bigarray_is_read_in_place(void)
{
	struct ancient_bigarray a;
	CHECK(ancient_bigarray_get(file, root(8), &a, &err) == ANCIENT_OK);
	CHECK(a.kind == ANCIENT_BIGARRAY_FLOAT32 && !a.fortran && a.dims == 2);
	CHECK(a.dim[0] == 2 && a.dim[1] == 3 && a.count == 6 && a.item_bytes == 4);
	CHECK((uintptr_t)a.data % 64 == 0 && memcmp(a.data, matrix, sizeof(matrix)) == 0);
	CHECK(ancient_bigarray_get(file, root(11), &a, &err) == ANCIENT_OK && a.fortran);
	CHECK(ancient_bigarray_get(file, root(12), &a, &err) == ANCIENT_OK);
	CHECK(a.count == 0 && a.data != NULL);
}

static void a_custom_block_has_an_identifier(void)
{
	struct ancient_custom custom;
	CHECK(ancient_custom_get(file, root(9), &custom, &err) == ANCIENT_OK);
	CHECK(strcmp(custom.identifier, "_z") == 0 && custom.bytes == 24);
	CHECK(ancient_custom_get(file, root(8), &custom, &err) == ANCIENT_OK);
	CHECK(strcmp(custom.identifier, "_bigarr02") == 0);
}

static void force_looks_through_lazies(void)
{
	struct ancient_value v;
	enum ancient_kind kind;
	CHECK(ancient_value_kind(file, root(10), &kind, &err) == ANCIENT_OK);
	CHECK(kind == ANCIENT_KIND_LAZY);
	CHECK(ancient_value_force(file, root(10), &v, &err) == ANCIENT_OK);
	CHECK(v.word == root(0).word);
	CHECK(ancient_value_force(file, root(1), &v, &err) == ANCIENT_OK && v.word == root(1).word);
}

static void keys_come_in_order_from_anywhere(void)
{
	for (uint64_t from = 0; from < 19; from++) {
		struct ancient_cursor cursor;
		struct ancient_entry entry;
		size_t i = 0;
		while (f.keys[i].key < from)
			i++;
		ancient_cursor_init(file, from, &cursor);
		for (; i < f.key_count; i++) {
			CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_OK);
			CHECK(entry.key == f.keys[i].key && entry.root.word == f.keys[i].root);
			CHECK((entry.name == NULL) == (f.keys[i].name == NULL));
		}
		CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_E_NO_KEY);
		CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_E_NO_KEY);
	}
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	ancient_cursor_init(file, UINT64_MAX, &cursor);
	CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_E_NO_KEY);
	ancient_cursor_init(file, 101, &cursor);
	CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_OK && entry.key == 4000000000);
}

static void absent_keys_are_absent(void)
{
	const uint64_t absent[] = {14,         99,        101, 3999999999, ANCIENT_KEY_MAX - 1,
				   1ull << 62, UINT64_MAX};
	struct ancient_value v = {5};
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		CHECK(ancient_file_get(file, absent[i], &v, &err) == ANCIENT_E_NO_KEY);
	CHECK(v.word == 5);
	CHECK(ancient_file_get(file, 14, &v, NULL) == ANCIENT_E_NO_KEY);
}

static void names_lead_to_their_entries(void)
{
	struct ancient_entry entry;
	const char *const absent[] = {"", "a", "answe", "answers", "bcd", "\x80"};
	char longest[300];
	CHECK(ancient_file_entry_named(file, "answer", 6, &entry, &err) == ANCIENT_OK);
	CHECK(entry.key == 1 && entry.name_length == 6 && strcmp(entry.name, "answer") == 0);
	CHECK(ancient_file_entry_named(file, "b", 1, &entry, &err) == ANCIENT_OK);
	CHECK(entry.key == 4000000000);
	CHECK(ancient_file_entry_named(file, "bc", 2, &entry, &err) == ANCIENT_OK);
	CHECK(entry.key == ANCIENT_KEY_MAX);
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		CHECK(ancient_file_entry_named(file, absent[i], strlen(absent[i]), &entry, &err) ==
		      ANCIENT_E_NO_KEY);
	CHECK(ancient_file_entry_named(file, "b\0", 2, &entry, &err) == ANCIENT_E_NO_KEY);
	memset(longest, 'x', sizeof(longest));
	CHECK(ancient_file_entry_named(file, longest, sizeof(longest), &entry, &err) ==
	      ANCIENT_E_NO_KEY);
	CHECK(ancient_file_entry(file, 8, &entry, &err) == ANCIENT_OK);
	CHECK(strcmp(entry.name, "matrix") == 0 && entry.generation == 2);
}

static void check_dump(uint64_t key, const char *expected)
{
	struct sink sink = {0};
	struct ancient_dump_options options = {.write = sink_write, .context = &sink};
	CHECK(ancient_value_dump(file, root(key), &options, &err) == ANCIENT_OK);
	if (strcmp(sink.text, expected) != 0)
		fprintf(stderr, "expected %s\nfound    %s\n", expected, sink.text);
	CHECK(strcmp(sink.text, expected) == 0);
	free(sink.text);
}

static void a_dump_is_appendix_a(void)
{
	check_dump(0, "{\"tag\": 0, \"fields\": [\"vim\", -9]}");
	check_dump(1, "42");
	check_dump(2, "\"a\\u0000b\"");
	check_dump(4, "{\"floats\": [1.5, -0.0, 1e+300]}");
	check_dump(5, "{\"int64\": \"-9223372036854775808\"}");
	check_dump(8, "{\"bigarray\": \"float32\", \"layout\": \"c\", \"dims\": [2, 3], "
		      "\"data\": [1.0, 2.0, 3.0, 4.0, 5.0, 0.10000000149011612]}");
	check_dump(9, "{\"z\": \"-18446744073709551616\"}");
	check_dump(10, "{\"lazy\": {\"lazy\": {\"tag\": 0, \"fields\": [\"vim\", -9]}}}");
	check_dump(11, "{\"bigarray\": \"float16\", \"layout\": \"fortran\", \"dims\": [3], "
		       "\"data\": [1.0, -2.0, 5.960464477539063e-08]}");
	/* What a terminal would obey, or a reader of lines would break at, is escaped. */
	check_dump(13, "\"\\u0001\\u001f\\u007f\\u0080\\u009f\xc2\xa0\xe2\x80\xa7\\u2028\\u2029\xe2"
		       "\x80\xaa"
		       "\\udcff\\udcc2\"");
	check_dump(17, "\"\\udce0\\udc80\\udcaf\""); /* an overlong "/" */
	check_dump(15, "{\"tag\": 0, \"fields\": [{\"z\": \"0\"}, {\"z\": \"0\"}]}");
	check_dump(100, "{\"tag\": 0, \"fields\": [{\"id\": 1, \"tag\": 0, \"fields\": [\"vim\", "
			"-9]}, {\"tag\": 0, \"fields\": [{\"ref\": 1}, {\"tag\": 0, \"fields\": "
			"[{\"ref\": 1}, 0]}]}]}");
	check_dump(ANCIENT_KEY_MAX, "{\"tag\": 243, \"fields\": []}");
}

static void a_dump_ends_at_its_limit(void)
{
	for (uint64_t limit = 1; limit < 100; limit++) {
		struct sink sink = {0};
		struct ancient_dump_options options = {
			.write = sink_write, .context = &sink, .limit = limit};
		CHECK(ancient_value_dump(file, root(100), &options, &err) == ANCIENT_E_TOO_LARGE);
		CHECK(sink.length <= limit);
		free(sink.text);
	}
	for (uint64_t limit = 1; limit < 4; limit++) { /* "42" */
		struct sink sink = {0};
		struct ancient_dump_options options = {
			.write = sink_write, .context = &sink, .limit = limit};
		CHECK((ancient_value_dump(file, root(1), &options, &err) == ANCIENT_OK) ==
		      (limit >= 2));
		free(sink.text);
	}
}

static bool stop(void *context, uint64_t done, uint64_t total)
{
	(void)context, (void)done, (void)total;
	return true;
}

/* No more is looked at than can be written: progress, which would stop the dump, is not even
 * asked. */
static void a_dump_with_a_limit_looks_no_further(void)
{
	struct sink sink = {0};
	struct ancient_dump_options options = {
		.write = sink_write, .context = &sink, .progress = stop};
	CHECK(ancient_value_dump(file, root(16), &options, &err) == ANCIENT_E_INTERRUPTED);
	options.limit = 1000;
	CHECK(ancient_value_dump(file, root(16), &options, &err) == ANCIENT_E_TOO_LARGE);
	CHECK(sink.length <= 1000);
	free(sink.text);
}

static void verify_counts_what_is_there(void)
{
	struct ancient_verify_result result;
	CHECK(ancient_file_verify(file, NULL, &result, &err) == ANCIENT_OK);
	CHECK(result.extents == 3 && result.blocks == f.blocks && result.keys == f.key_count);
	CHECK(result.names == f.name_count && result.bytes == f.used);
}

int main(void)
{
	char path[64];
	test_begin();
	test_path(path, "values");
	build();
	image_write(&f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	an_integer_needs_no_file();
	a_block_gives_its_fields();
	a_string_may_hold_zeros();
	numbers_are_what_was_written();
	a_bigarray_is_read_in_place();
	a_custom_block_has_an_identifier();
	force_looks_through_lazies();
	keys_come_in_order_from_anywhere();
	absent_keys_are_absent();
	names_lead_to_their_entries();
	a_dump_is_appendix_a();
	a_dump_ends_at_its_limit();
	a_dump_with_a_limit_looks_no_further();
	verify_counts_what_is_there();
	ancient_file_close(file);
	image_done(&f);
	test_end();
	return 0;
}
