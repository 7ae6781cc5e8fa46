/* tests/c-reader: the inline accessors of ancient_access.h return what the functions of the library
 * return, errors included, also for invalid pointers and for a file that was truncated. */
#include <ancient_access.h>

#include "typed_file.h"

#define ABSENT UINT32_MAX

static struct ancient_access access_of;
static struct ancient_error other;

static const char types[] = "type point = { x : float; y : float }\n"
			    "type name = { text : int } [@@unboxed]\n"
			    "type t = { n : int; f : float; s : string; p : point; u : name;\n"
			    "  b : bool; l : int64; last : int }\n"
			    "val root : t";
#define FIELDS 8u

static void open_guarded(uint64_t word, const char *text)
{
	const struct ancient_options options = {.guard = true};
	open_with(word, text, &options);
	ancient_access_init(file, schema, &access_of);
}

static uint64_t sample(unsigned fields)
{
	static const double numbers[2] = {1.5, -2};
	const uint64_t words[FIELDS] = {
		IMAGE_INT(-7),
		image_doubles(&f, ANCIENT_TAG_DOUBLE, 1, numbers),
		image_string(&f, "text"),
		image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 2, numbers),
		IMAGE_INT(12),
		IMAGE_INT(1),
		image_block(&f, ANCIENT_TAG_CUSTOM, 2, image_slot(ANCIENT_CUSTOM_INT64), 99ull),
		IMAGE_INT(77)};
	return image_words(&f, 0, fields, words);
}

/* ---- The same as the functions -------------------------------------------------------- */

static bool same(enum ancient_code code, enum ancient_code expected)
{
	return code == expected && (code == ANCIENT_OK || strcmp(err.message, other.message) == 0);
}

static void integers_are_the_same(struct ancient_typed record, struct ancient_typed field,
				  enum ancient_code code, uint32_t index)
{
	int64_t expected = 1, number = 1;
	if (code == ANCIENT_OK)
		code = ancient_typed_int(file, schema, field, &expected, &other);
	CHECK(same(ancient_access_field_int(&access_of, record, index, &number, &err), code));
	CHECK(number == expected);
}

static void floats_are_the_same(struct ancient_typed record, struct ancient_typed field,
				enum ancient_code code, uint32_t index)
{
	double expected = 1, number = 1;
	if (code == ANCIENT_OK)
		code = ancient_typed_float(file, schema, field, &expected, &other);
	CHECK(same(ancient_access_field_float(&access_of, record, index, &number, &err), code));
	CHECK(memcmp(&number, &expected, sizeof(number)) == 0);
}

/* Returns the code of the field. */
static enum ancient_code all_are_the_same(struct ancient_typed record, uint32_t index)
{
	struct ancient_typed expected = {0}, field = {0};
	enum ancient_code code =
		ancient_typed_field(file, schema, record, index, &expected, &other);
	CHECK(same(ancient_access_field(&access_of, record, index, &field, &err), code));
	CHECK(field.value.word == expected.value.word && field.type == expected.type &&
	      field.flat == expected.flat);
	integers_are_the_same(record, expected, code, index);
	floats_are_the_same(record, expected, code, index);
	return code;
}

/* ---- The tests ------------------------------------------------------------------------- */

static void fields_are_what_the_functions_give(void)
{
	struct ancient_typed point;
	int64_t number;
	image_init(&f);
	open_guarded(sample(FIELDS), types);
	for (uint32_t i = 0; i < FIELDS; i++)
		CHECK(all_are_the_same(root, i) == ANCIENT_OK);
	CHECK(ancient_access_field_int(&access_of, root, 7, &number, &err) == ANCIENT_OK);
	CHECK(number == 77);
	/* The floats of a flat record. */
	CHECK(ancient_access_field(&access_of, root, 3, &point, &err) == ANCIENT_OK);
	CHECK(all_are_the_same(point, 1) == ANCIENT_OK);
	CHECK(all_are_the_same(point, 2) == ANCIENT_E_NO_INDEX);
	close_all();
}

static void an_index_or_type_that_there_is_not_is_an_error(void)
{
	struct ancient_typed none;
	image_init(&f);
	open_guarded(sample(FIELDS), types);
	none = root;
	none.type = UINT32_MAX;
	CHECK(all_are_the_same(root, FIELDS) == ANCIENT_E_NO_INDEX);
	CHECK(all_are_the_same(root, ABSENT) == ANCIENT_E_NO_INDEX);
	CHECK(all_are_the_same(none, 0) == ANCIENT_E_ARGUMENT);
	none = root;
	none.flat = 1;
	CHECK(all_are_the_same(none, 0) == ANCIENT_E_ARGUMENT);
	close_all();
}

static void words_that_lead_nowhere_are_refused(void)
{
	const int64_t steps[] = {1, 2, 4, 7, -1, -8, 1 << 20, INT64_MAX, INT64_MIN};
	struct ancient_typed typed;
	image_init(&f);
	open_guarded(sample(FIELDS), types);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		typed = root;
		typed.value.word += (uint64_t)steps[i];
		CHECK(all_are_the_same(typed, 7) != ANCIENT_OK);
	}
	for (uint64_t word = 0; word < 16; word++) {
		typed.value.word = word;
		CHECK(all_are_the_same(typed, 0) != ANCIENT_OK);
		typed.value.word = UINT64_MAX - word;
		CHECK(all_are_the_same(typed, 0) != ANCIENT_OK);
	}
	close_all();
}

static void another_size_and_another_leaf_are_refused(void)
{
	image_init(&f);
	open_guarded(sample(FIELDS - 1), types);
	CHECK(all_are_the_same(root, 0) == ANCIENT_E_BAD_SHAPE);
	close_all();
	image_init(&f);
	open_guarded(image_block(&f, 0, 2, image_string(&f, "no integer"), IMAGE_INT(3)),
		     "val root : int * float");
	CHECK(all_are_the_same(root, 0) == ANCIENT_OK); /* what is in it is refused */
	CHECK(all_are_the_same(root, 1) == ANCIENT_OK);
	close_all();
}

/* A header that promises more words than there are behind it. */
static void a_block_that_would_reach_over_the_end_is_refused(void)
{
	const uint64_t header = ANCIENT_HEADER(FIELDS, 0);
	struct ancient_info info;
	image_init(&f);
	open_guarded(sample(FIELDS), types);
	ancient_file_info(file, &info);
	close_all();
	image_init(&f);
	open_guarded(sample(FIELDS), types);
	for (uint64_t words = 0; words <= FIELDS; words++) {
		char path[64];
		uint64_t at = info.used - 8 * words;
		test_path(path, "value");
		int fd = open(path, O_RDWR);
		CHECK(fd >= 0 && pwrite(fd, &header, 8, (off_t)at - 8) == 8);
		close(fd);
		root.value.word = IMAGE_BASE + at;
		CHECK((all_are_the_same(root, FIELDS - 1) == ANCIENT_OK) == (words == FIELDS));
	}
	close_all();
}

static void a_file_torn_away_gives_nothing(void)
{
	char path[64];
	int64_t number = 5;
	image_init(&f);
	open_guarded(sample(FIELDS), types);
	test_path(path, "value");
	CHECK(truncate(path, 4096) == 0);
	for (uint32_t i = 0; i < FIELDS; i++)
		CHECK(all_are_the_same(root, i) == ANCIENT_E_TORN_AWAY);
	CHECK(ancient_access_field_int(&access_of, root, 0, &number, &err) == ANCIENT_E_TORN_AWAY);
	CHECK(number == 5);
	close_all();
}

int main(void)
{
	test_begin();
	fields_are_what_the_functions_give();
	an_index_or_type_that_there_is_not_is_an_error();
	words_that_lead_nowhere_are_refused();
	another_size_and_another_leaf_are_refused();
	a_block_that_would_reach_over_the_end_is_refused();
	a_file_torn_away_gives_nothing();
	test_end();
	return 0;
}
