/* tests/c-reader: streams of Arrow data have what the values have, keep Arrow's rules
 * (support/arrow_rules.h), hold what they need for as long as they need it, and cost what they
 * give; arrays of numbers are given out in place. */
#include "../support/arrow_rules.h"

#include "typed_file.h"

static struct ArrowArrayStream stream_of(const struct ancient_arrow_options *options)
{
	struct ArrowArrayStream stream;
	CHECK(ancient_arrow_stream(file, schema, root, options, &stream, &err) == ANCIENT_OK);
	return stream;
}

static struct ArrowSchema types_of(struct ArrowArrayStream *stream)
{
	struct ArrowSchema types;
	CHECK(stream->get_schema(stream, &types) == 0);
	return types;
}

/* The next batch, which keeps the rules; false: the end. */
static bool next(struct ArrowArrayStream *stream, struct ArrowArray *ret_batch)
{
	struct ArrowSchema types = types_of(stream);
	const char *broken;
	ret_batch->release = NULL;
	CHECK(stream->get_next(stream, ret_batch) == 0);
	if (ret_batch->release != NULL) {
		broken = arrow_check(&types, ret_batch);
		if (broken != NULL)
			fprintf(stderr, "broken: %s\n", broken);
		CHECK(broken == NULL);
	}
	types.release(&types);
	return ret_batch->release != NULL;
}

/* Whether row `i` of text is `text`. */
static bool text_is(const struct ArrowSchema *type, const struct ArrowArray *array, int64_t i,
		    const char *text)
{
	int64_t length;
	const uint8_t *bytes = arrow_text(type, array, i, &length);
	return (size_t)length == strlen(text) && memcmp(bytes, text, (size_t)length) == 0;
}

/* The failure of the first batch: the code, and a message that has `part`. */
static void check_failure(const struct ancient_arrow_options *options, const char *part)
{
	struct ArrowArrayStream stream = stream_of(options);
	struct ArrowArray batch = {0};
	int code = 0;
	for (unsigned i = 0; i < 100000 && code == 0; i++) {
		code = stream.get_next(&stream, &batch);
		if (code == 0 && batch.release == NULL)
			break;
		if (code == 0)
			batch.release(&batch);
	}
	CHECK(code != 0 && batch.release == NULL);
	if (strstr(stream.get_last_error(&stream), part) == NULL)
		fprintf(stderr, "%s\n", stream.get_last_error(&stream));
	CHECK(strstr(stream.get_last_error(&stream), part) != NULL);
	CHECK(stream.get_next(&stream, &batch) == code);
	stream.release(&stream);
}

/* ---- Values ------------------------------------------------------------------------- */

#define RECORD                                                                                     \
	"type o = { host : string; port : int } type c = R | G | B "                               \
	"type v = N | I of int | P of string * bool | Q of { w : char } "                          \
	"type t = { n : int; x : float option; s : string; b : bool; l : string list; o : o "      \
	"option; "                                                                                 \
	"c : c; v : v; z : Z.t; u : unit; i : int32; oo : int option option; a : (int * float) "   \
	"array } "

static uint64_t record(int n)
{
	char text[24];
	uint64_t parts[4], variant = IMAGE_INT(0), pair;
	snprintf(text, sizeof(text), "row %d \xC3\xA9", n);
	for (int i = 0; i < n % 4; i++)
		parts[i] = image_string(&f, i % 2 == 0 ? "" : "a part that is longer than a view");
	if (n % 4 == 1)
		variant = image_block(&f, 0, 1, IMAGE_INT(n));
	else if (n % 4 == 2)
		variant = image_block(&f, 1, 2, image_string(&f, "p"), IMAGE_INT(1));
	else if (n % 4 == 3)
		variant = image_block(&f, 2, 1, IMAGE_INT('w'));
	pair = image_block(&f, 0, 2, IMAGE_INT(n), one_double(n));
	return image_block(
		&f, 0, 13, IMAGE_INT(n), n % 2 == 0 ? IMAGE_INT(0) : some(one_double(n + 0.5)),
		image_string(&f, text), IMAGE_INT(n & 1), list_of(parts, (size_t)n % 4),
		n % 3 == 0 ? IMAGE_INT(0)
			   : some(image_block(&f, 0, 2, image_string(&f, "host"), IMAGE_INT(n))),
		IMAGE_INT(n % 3), variant, IMAGE_INT(-n), IMAGE_INT(0),
		image_block(&f, ANCIENT_TAG_CUSTOM, 2, image_slot(ANCIENT_CUSTOM_INT32),
			    (uint64_t)-n),
		n % 3 == 0   ? IMAGE_INT(0)
		: n % 3 == 1 ? some(IMAGE_INT(0))
			     : some(some(IMAGE_INT(n))),
		n == 0 ? image_words(&f, 0, 0, NULL) : image_block(&f, 0, 1, pair));
}

#define COUNT 700

static void open_records(void)
{
	uint64_t words[COUNT];
	image_init(&f);
	for (int i = 0; i < COUNT; i++)
		words[i] = record(i);
	open_as(image_words(&f, 0, COUNT, words), RECORD "val root : t array");
}

static void check_record(const struct ArrowSchema *types, const struct ArrowArray *batch, int64_t i,
			 int n)
{
	struct ArrowArray *const *c = batch->children;
	struct ArrowSchema *const *t = types->children;
	char text[24];
	const int64_t first = arrow_offset(c[4], i, false);

	snprintf(text, sizeof(text), "row %d \xC3\xA9", n);
	CHECK(((const int64_t *)c[0]->buffers[1])[i] == n);
	CHECK(arrow_valid(c[1], i) == (n % 2 == 1));
	CHECK(n % 2 == 0 || ((const double *)c[1]->buffers[1])[i] == n + 0.5);
	CHECK(text_is(t[2], c[2], i, text));
	CHECK(arrow_bit(c[3]->buffers[1], i) == (n & 1));
	CHECK(arrow_offset(c[4], i + 1, false) - first == n % 4);
	for (int j = 0; j < n % 4; j++)
		CHECK(text_is(t[4]->children[0], c[4]->children[0], first + j,
			      j % 2 == 0 ? "" : "a part that is longer than a view"));
	CHECK(arrow_valid(c[5], i) == (n % 3 != 0));
	CHECK(n % 3 == 0 || ((const int64_t *)c[5]->children[1]->buffers[1])[i] == n);
	CHECK(t[6]->dictionary == NULL || ((const int8_t *)c[6]->buffers[1])[i] == n % 3);
	CHECK(t[6]->dictionary != NULL || text_is(t[6], c[6], i,
						  n % 3 == 0   ? "R"
						  : n % 3 == 1 ? "G"
							       : "B"));
	CHECK(((const int8_t *)c[7]->children[0]->buffers[1])[i] == n % 4);
	for (int j = 1; j < 4; j++)
		CHECK(arrow_valid(c[7]->children[j], i) == (n % 4 == j));
	CHECK(n % 4 != 1 || ((const int64_t *)c[7]->children[1]->buffers[1])[i] == n);
	CHECK(((const int64_t *)c[8]->buffers[1])[2 * i] == -n);
	CHECK(((const int64_t *)c[8]->buffers[1])[2 * i + 1] == (n == 0 ? 0 : -1));
	CHECK(((const int32_t *)c[10]->buffers[1])[i] == -n);
	CHECK(arrow_valid(c[11], i) == (n % 3 != 0));
	CHECK(arrow_valid(c[11]->children[0], i) == (n % 3 == 2));
}

static void check_records(const struct ancient_arrow_options *options, uint64_t rows)
{
	struct ArrowArrayStream stream = stream_of(options);
	struct ArrowSchema types = types_of(&stream);
	struct ArrowArray batch;
	int n = 0;
	while (next(&stream, &batch)) {
		CHECK((uint64_t)batch.length == rows || n + batch.length == COUNT);
		for (int64_t i = 0; i < batch.length; i++)
			check_record(&types, &batch, i, n++);
		batch.release(&batch);
	}
	CHECK(n == COUNT);
	CHECK(!next(&stream, &batch));
	types.release(&types);
	stream.release(&stream);
}

static void batches_have_what_the_records_have(void)
{
	static const uint64_t rows[] = {1, 7, 255, 256, 257, 0};
	open_records();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct ancient_arrow_options options = {.batch_rows = rows[i]};
		check_records(&options, rows[i] == 0 ? COUNT : rows[i]);
	}
	close_all();
}

static void what_is_requested_is_taken_where_it_can_be(void)
{
	static const char *const layouts[] = {"U", "vu", "l"};
	open_records();
	for (size_t i = 0; i < 3; i++) {
		struct ancient_arrow_options options = {0};
		struct ArrowArrayStream stream;
		struct ArrowSchema wishes, types;
		CHECK(ancient_arrow_schema(file, schema, root.type, NULL, &wishes, &err) ==
		      ANCIENT_OK);
		wishes.children[2]->format = layouts[i];
		wishes.children[4]->children[0]->format = layouts[i];
		wishes.children[6]->dictionary->release(wishes.children[6]->dictionary);
		wishes.children[6]->dictionary = NULL;
		wishes.children[6]->format = layouts[i];
		options.requested = &wishes;
		check_records(&options, COUNT);
		stream = stream_of(&options);
		types = types_of(&stream);
		CHECK(strcmp(types.children[2]->format, i == 2 ? "u" : layouts[i]) == 0);
		CHECK((types.children[6]->dictionary != NULL) == (i == 2));
		stream.release(&stream);
		types.release(&types);
		wishes.release(&wishes);
	}
	close_all();
}

/* The formats of the columns, joined, with '?' where they may be null. */
static void formats_are(const char *const *columns, size_t count, const char *expected)
{
	const struct ancient_arrow_options options = {.columns = columns, .column_count = count};
	struct ArrowSchema types;
	char text[200] = "";
	CHECK(ancient_arrow_schema(file, schema, root.type, &options, &types, &err) == ANCIENT_OK);
	for (int64_t i = 0; i < types.n_children; i++) {
		const struct ArrowSchema *t = types.children[i];
		const char *inner = t->n_children == 1 ? t->children[0]->format : "";
		CHECK(strcmp(t->name, columns[i]) == 0);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s%s ", t->format,
			 inner, (t->flags & ARROW_FLAG_NULLABLE) != 0 ? "?" : "");
	}
	if (strcmp(text, expected) != 0)
		fprintf(stderr, "%s\n", text);
	CHECK(strcmp(text, expected) == 0);
	types.release(&types);
}

static void columns_are_chosen_by_path(void)
{
	const char *const good[] = {"s",   "o.host", "v.tag",   "v.I", "v.P._1",
				    "v.Q", "v.Q.w",  "a[*]._1", "o",   "l[*]"};
	static const char *const bad[] = {"",       "q",    "s.t", "n[*]",   "o.",      "v.N",
					  "v.P._2", "l[0]", "l[*", "a[*].x", "v.tag.x", "s s"};
	struct ancient_arrow_options options = {.columns = good, .column_count = 10};
	struct ArrowArrayStream stream;
	struct ArrowArray batch;
	const char *twice[] = {"s", "s"};

	open_records();
	formats_are(good, 10, "u u? c l? b? +sC? C? +lg +s? +lu ");
	stream = stream_of(&options);
	CHECK(next(&stream, &batch));
	CHECK(batch.length == COUNT && ((const int8_t *)batch.children[2]->buffers[1])[6] == 2);
	CHECK(arrow_bit(batch.children[4]->buffers[1], 6) && !arrow_valid(batch.children[4], 5));
	batch.release(&batch);
	stream.release(&stream);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		options = (struct ancient_arrow_options){.columns = &bad[i], .column_count = 1};
		CHECK(ancient_arrow_stream(file, schema, root, &options, &stream, &err) !=
		      ANCIENT_OK);
	}
	options = (struct ancient_arrow_options){.columns = twice, .column_count = 2};
	CHECK(ancient_arrow_stream(file, schema, root, &options, &stream, &err) ==
	      ANCIENT_E_ARGUMENT);
	options = (struct ancient_arrow_options){.columns = twice, .column_count = 0};
	stream = stream_of(&options);
	CHECK(next(&stream, &batch));
	CHECK(batch.length == COUNT && batch.n_children == 0);
	batch.release(&batch);
	stream.release(&stream);
	close_all();
}

/* ---- Lifetimes ----------------------------------------------------------------------- */

static void what_was_given_out_outlives_everything(void)
{
	struct ArrowArrayStream stream, other;
	struct ArrowArray batch, child;
	struct ArrowSchema types;

	open_records();
	stream = stream_of(NULL);
	other = stream_of(NULL);
	close_all();
	types = types_of(&stream);
	CHECK(next(&stream, &batch));
	stream.release(&stream);
	CHECK(stream.release == NULL);
	/* A child that is taken apart lives on. */
	child = *batch.children[4];
	batch.children[4]->release = NULL;
	batch.release(&batch);
	CHECK(batch.release == NULL);
	CHECK(arrow_check(types.children[4], &child) == NULL);
	CHECK(text_is(types.children[4]->children[0], child.children[0], 0, ""));
	child.release(&child);
	types.release(&types);
	CHECK(next(&other, &batch));
	other.release(&other);
	batch.release(&batch);
}

static void numbers_are_given_out_in_place(void)
{
	static const double floats[] = {1.5, 2.5, 3.5, 4.5, 5.5, 6.5};
	struct ArrowSchema type;
	struct ArrowArray array;
	struct ancient_value value;
	const double *in_file;
	size_t count;

	image_init(&f);
	open_as(image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 6, floats), "val root : float array");
	CHECK(ancient_file_get(file, 0, &value, &err) == ANCIENT_OK);
	CHECK(ancient_float_array_get(file, value, &in_file, &count, &err) == ANCIENT_OK);
	CHECK(ancient_arrow_numbers(file, value, &type, &array, &err) == ANCIENT_OK);
	CHECK(array.length == 6 && array.buffers[1] == in_file);
	CHECK(arrow_check(&type, &array) == NULL && strcmp(type.format, "g") == 0);
	close_all();
	CHECK(((const double *)array.buffers[1])[5] == 6.5);
	array.release(&array);
	type.release(&type);
	image_init(&f);
	open_as(image_string(&f, "x"), "val root : string");
	CHECK(ancient_file_get(file, 0, &value, &err) == ANCIENT_OK);
	CHECK(ancient_arrow_numbers(file, value, &type, &array, &err) == ANCIENT_E_WRONG_KIND);
	close_all();
}

/* Dimensions of which one is 0 need no bytes in the file, so that the others may be anything. */
static void lists_without_elements_are_bounded(void)
{
	static const struct {
		uint64_t dims[3];
		enum ancient_code code;
	} cases[] = {
		{{3, 5, 0}, ANCIENT_OK},
		{{0, 5, 7}, ANCIENT_OK},
		{{1, (1ull << 62) - 1, 0}, ANCIENT_E_TOO_LARGE},
		{{(1ull << 62) - 1, 0, 1}, ANCIENT_E_TOO_LARGE},
		{{(1ull << 62) - 1, 5, 0}, ANCIENT_E_TOO_LARGE},
		{{1u << 30, 1u << 30, 0}, ANCIENT_E_TOO_LARGE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ArrowSchema type;
		struct ArrowArray array;
		image_init(&f);
		open_as(image_bigarray(&f, 1, 3, cases[i].dims, NULL, 0),
			"val root : (float, Bigarray.float64_elt, Bigarray.c_layout) "
			"Bigarray.Array3.t");
		CHECK(ancient_arrow_numbers(file, root.value, &type, &array, &err) ==
		      cases[i].code);
		if (cases[i].code == ANCIENT_OK) {
			CHECK(array.length == (int64_t)cases[i].dims[0]);
			CHECK(arrow_check(&type, &array) == NULL);
			array.release(&array);
			type.release(&type);
		}
		close_all();
	}
}

/* ---- Errors ------------------------------------------------------------------------- */

static void an_error_names_row_and_column(void)
{
	struct ancient_arrow_options options = {.strings = ANCIENT_ARROW_STRINGS_REPLACE};
	struct ArrowArrayStream stream;
	struct ArrowSchema types;
	struct ArrowArray batch;
	uint64_t words[300], tags[2];

	image_init(&f);
	tags[0] = image_string(&f, "good");
	tags[1] = image_bytes(&f,
			      "b\xFF"
			      "d",
			      3);
	for (int i = 0; i < 300; i++)
		words[i] = image_block(&f, 0, 1, list_of(tags, i == 270 ? 2 : 1));
	open_as(image_words(&f, 0, 300, words), "type t = { l : string list } val root : t array");
	check_failure(NULL, "(row 270, column l[*])");
	check_failure(NULL, "UTF-8");
	stream = stream_of(&options);
	types = types_of(&stream);
	CHECK(next(&stream, &batch));
	CHECK(text_is(types.children[0]->children[0], batch.children[0]->children[0], 271,
		      "b\xEF\xBF\xBD"
		      "d"));
	batch.release(&batch);
	types.release(&types);
	stream.release(&stream);
	close_all();

	image_init(&f);
	for (int i = 0; i < 300; i++)
		words[i] = i == 256 ? image_string(&f, "no integer") : IMAGE_INT(i);
	open_as(image_words(&f, 0, 300, words), "val root : int array");
	check_failure(NULL, "(row 256, column value)");
	close_all();
}

static void types_without_an_end_are_refused_or_json(void)
{
	struct ancient_arrow_options options = {.json = true};
	struct ArrowArrayStream stream;
	struct ArrowSchema types;
	struct ArrowArray batch;
	uint64_t leaf;

	image_init(&f);
	leaf = image_block(&f, 0, 2, IMAGE_INT(2), IMAGE_INT(0));
	leaf = image_block(&f, 0, 2, IMAGE_INT(1), image_block(&f, 0, 2, leaf, IMAGE_INT(0)));
	open_as(image_block(&f, 0, 1, leaf), "type t = { n : int; l : t list } val root : t array");
	CHECK(ancient_arrow_stream(file, schema, root, NULL, &stream, &err) ==
	      ANCIENT_E_WRONG_KIND);
	CHECK(strstr(err.message, "l[*]") != NULL);
	stream = stream_of(&options);
	types = types_of(&stream);
	CHECK(next(&stream, &batch));
	CHECK(text_is(types.children[1]->children[0], batch.children[1]->children[0], 0,
		      "{\"n\": 2, \"l\": []}") ||
	      text_is(types.children[1]->children[0], batch.children[1]->children[0], 0,
		      "{\"n\":2,\"l\":[]}"));
	batch.release(&batch);
	types.release(&types);
	stream.release(&stream);
	close_all();
}

/* ---- Cost --------------------------------------------------------------------------- */

/* Types that would make 2^20 columns. */
static void columns_are_bounded(void)
{
	char text[2000] = "type a0 = { x : int; y : int } ";
	struct ArrowArrayStream stream;
	for (int i = 1; i < 20; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "type a%d = { x : a%d; y : a%d } ", i, i - 1, i - 1);
	strcat(text, "val root : a19 list");
	image_init(&f);
	image_block(&f, 0, 1, IMAGE_INT(1));
	open_as(IMAGE_INT(0), text);
	CHECK(ancient_arrow_stream(file, schema, root, NULL, &stream, &err) == ANCIENT_E_TOO_LARGE);
	close_all();
}

/* One string of 256 KiB in 4096 rows: a gigabyte from a small file, batch by batch. */
static void shared_parts_make_more_batches_and_no_larger_ones(void)
{
	static uint64_t words[4096];
	static char text[1 << 18];
	struct ancient_arrow_options options = {0};
	struct ArrowArrayStream stream;
	struct ArrowArray batch;
	struct ancient_info info;
	uint64_t rows = 0, most;

	image_init(&f);
	memset(text, 'x', sizeof(text));
	words[0] = image_bytes(&f, text, sizeof(text));
	for (int i = 1; i < 4096; i++)
		words[i] = words[0];
	open_as(image_words(&f, 0, 4096, words), "val root : string array");
	ancient_file_info(file, &info);
	most = 16 * info.present + (1u << 24);
	stream = stream_of(NULL);
	for (int i = 0; i < 3; i++) {
		CHECK(next(&stream, &batch));
		CHECK((uint64_t)batch.length * sizeof(text) <= most);
		CHECK((uint64_t)batch.length * sizeof(text) > most / 4);
		rows += (uint64_t)batch.length;
		batch.release(&batch);
	}
	CHECK(rows < 4096);
	stream.release(&stream);
	options.limit = 3 * most;
	check_failure(&options, "limit");
	close_all();
}

/* Lists of two of the same list, 25 deep: 2^26 elements in one row. */
static void a_row_is_no_larger_than_the_file_allows(void)
{
	char text[400] = "val root : int ";
	uint64_t word;
	image_init(&f);
	word = list_of((uint64_t[]){IMAGE_INT(1), IMAGE_INT(2)}, 2);
	for (int i = 0; i < 25; i++)
		word = list_of((uint64_t[]){word, word}, 2);
	for (int i = 0; i < 26; i++)
		strcat(text, "list ");
	strcat(text, "array");
	open_as(image_block(&f, 0, 1, word), text);
	check_failure(NULL, "a row of more than");
	close_all();
}

/* 30,000 rows of one table of 65,536 empty buckets. */
static void empty_buckets_are_not_passed_over_for_ever(void)
{
	static uint64_t words[65536];
	uint64_t table;
	image_init(&f);
	for (int i = 0; i < 65536; i++)
		words[i] = IMAGE_INT(0);
	table = image_block(&f, 0, 4, IMAGE_INT(0), image_words(&f, 0, 65536, words), IMAGE_INT(0),
			    IMAGE_INT(16));
	for (int i = 0; i < 30000; i++)
		words[i] = table;
	open_as(image_words(&f, 0, 30000, words), "val root : (int, int) Hashtbl.t array");
	check_failure(NULL, "more than");
	close_all();
}

int main(void)
{
	test_begin();
	batches_have_what_the_records_have();
	what_is_requested_is_taken_where_it_can_be();
	columns_are_chosen_by_path();
	what_was_given_out_outlives_everything();
	numbers_are_given_out_in_place();
	lists_without_elements_are_bounded();
	an_error_names_row_and_column();
	types_without_an_end_are_refused_or_json();
	columns_are_bounded();
	shared_parts_make_more_batches_and_no_larger_ones();
	a_row_is_no_larger_than_the_file_allows();
	empty_buckets_are_not_passed_over_for_ever();
	test_end();
	return 0;
}
