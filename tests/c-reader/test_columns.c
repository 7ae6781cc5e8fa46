/* tests/c-reader: columns hold what the accessors return, one row for each element; a value of
 * another shape is refused; and a lookup of many keys finds what single lookups find. */
#include <math.h>

#include "typed_file.h"

static struct ancient_scan scan_of(bool all)
{
	struct ancient_scan scan;
	CHECK(ancient_scan_init(file, schema, root, all, &scan, &err) == ANCIENT_OK);
	return scan;
}

static struct ancient_column column_of(const struct ancient_scan *scan, const char *path,
				       enum ancient_column_kind kind, bool optional, void *data,
				       uint8_t *present)
{
	struct ancient_column column;
	CHECK(ancient_column_init(scan, false, path, &column, &err) == ANCIENT_OK);
	CHECK(column.kind == kind && column.optional == optional);
	CHECK(column.data == NULL && column.present == NULL);
	column.data = data;
	column.present = present;
	return column;
}

/* ---- Values ------------------------------------------------------------------------ */

#define RECORD                                                                                     \
	"type c = A | B of int | C of { u : float; v : string } | D of int * bool "                \
	"type inner = { deep : int ref } [@@unboxed] "                                             \
	"type t = { n : int; x : float; b : bool; s : string; o : int option; c : c; "             \
	"p : char * int64; i : inner; r : (int, string) result; oo : float option option } "

static uint64_t record(int n, uint64_t option, uint64_t variant, uint64_t result, uint64_t nested)
{
	char text[16];
	snprintf(text, sizeof(text), "row %d", n);
	return image_block(&f, 0, 10, IMAGE_INT(n), one_double(n + 0.5), IMAGE_INT(n & 1),
			   image_string(&f, text), option, variant,
			   image_block(&f, 0, 2, IMAGE_INT('a' + n),
				       image_block(&f, ANCIENT_TAG_CUSTOM, 2,
						   image_slot(ANCIENT_CUSTOM_INT64), (uint64_t)-n)),
			   image_block(&f, 0, 1, IMAGE_INT(7 * n)), result, nested);
}

static void open_records(void)
{
	uint64_t rows[4];
	image_init(&f);
	rows[0] = record(0, IMAGE_INT(0), IMAGE_INT(0), image_block(&f, 0, 1, IMAGE_INT(5)),
			 IMAGE_INT(0));
	rows[1] = record(
		1, image_block(&f, 0, 1, IMAGE_INT(-9)), image_block(&f, 0, 1, IMAGE_INT(3)),
		image_block(&f, 1, 1, image_string(&f, "no")), image_block(&f, 0, 1, IMAGE_INT(0)));
	rows[2] = record(2, IMAGE_INT(0),
			 image_block(&f, 1, 2, one_double(2.25), image_string(&f, "two")),
			 image_block(&f, 0, 1, IMAGE_INT(6)),
			 image_block(&f, 0, 1, image_block(&f, 0, 1, one_double(8))));
	rows[3] = record(3, image_block(&f, 0, 1, IMAGE_INT(4)),
			 image_block(&f, 2, 2, IMAGE_INT(11), IMAGE_INT(1)),
			 image_block(&f, 1, 1, image_string(&f, "")), IMAGE_INT(0));
	open_as(list_of(rows, 4), RECORD "val root : t list");
}

static void ints_are(const char *path, enum ancient_column_kind kind, bool optional,
		     const int64_t want[4], const char *present_want)
{
	struct ancient_scan scan = scan_of(false);
	int64_t got[4] = {99, 99, 99, 99};
	uint8_t present[4] = {9, 9, 9, 9};
	struct ancient_column column = column_of(&scan, path, kind, optional, got, present);
	size_t rows = 0;
	CHECK(ancient_scan_next(&scan, &column, 1, 4, &rows, &err) == ANCIENT_OK && rows == 4);
	for (int i = 0; i < 4; i++) {
		CHECK(got[i] == want[i]);
		CHECK(present[i] == present_want[i] - '0');
	}
	CHECK(ancient_scan_next(&scan, &column, 1, 4, &rows, &err) == ANCIENT_OK && rows == 0);
}

static void floats_are(const char *path, bool optional, const double want[4])
{
	struct ancient_scan scan = scan_of(false);
	double got[4] = {99, 99, 99, 99};
	struct ancient_column column =
		column_of(&scan, path, ANCIENT_COLUMN_FLOAT, optional, got, NULL);
	size_t rows = 0;
	CHECK(ancient_scan_next(&scan, &column, 1, 4, &rows, &err) == ANCIENT_OK && rows == 4);
	for (int i = 0; i < 4; i++)
		CHECK(isnan(want[i]) ? isnan(got[i]) : got[i] == want[i]);
}

static void strings_are(const char *path, bool optional, const char *const want[4])
{
	struct ancient_scan scan = scan_of(false);
	struct ancient_bytes got[4];
	struct ancient_column column =
		column_of(&scan, path, ANCIENT_COLUMN_STRING, optional, got, NULL);
	size_t rows = 0;
	CHECK(ancient_scan_next(&scan, &column, 1, 4, &rows, &err) == ANCIENT_OK && rows == 4);
	for (int i = 0; i < 4; i++) {
		if (want[i] == NULL) {
			CHECK(got[i].bytes == NULL && got[i].length == 0 &&
			      got[i].file_offset == 0);
			continue;
		}
		CHECK(got[i].length == strlen(want[i]) && strcmp(got[i].bytes, want[i]) == 0);
		CHECK(memcmp(f.bytes + got[i].file_offset, want[i], got[i].length) == 0);
	}
}

static void columns_hold_what_is_at_the_end_of_their_paths(void)
{
	const enum ancient_column_kind integer = ANCIENT_COLUMN_INT;
	open_records();
	ints_are("n", integer, false, (int64_t[]){0, 1, 2, 3}, "1111");
	ints_are(".n", integer, false, (int64_t[]){0, 1, 2, 3}, "1111");
	ints_are("o", integer, true, (int64_t[]){0, -9, 0, 4}, "0101");
	ints_are("p[0]", integer, false, (int64_t[]){'a', 'b', 'c', 'd'}, "1111");
	ints_are("p[1]", integer, false, (int64_t[]){0, -1, -2, -3}, "1111");
	ints_are("i.deep", integer, false, (int64_t[]){0, 7, 14, 21}, "1111");
	ints_are("r.Ok", integer, true, (int64_t[]){5, 0, 6, 0}, "1010");
	ints_are("c", ANCIENT_COLUMN_CONSTRUCTOR, false, (int64_t[]){0, 1, 2, 3}, "1111");
	ints_are("c.B", integer, true, (int64_t[]){0, 3, 0, 0}, "0100");
	ints_are("c.D[0]", integer, true, (int64_t[]){0, 0, 0, 11}, "0001");
	floats_are("x", false, (double[]){0.5, 1.5, 2.5, 3.5});
	floats_are("c.C.u", true, (double[]){NAN, NAN, 2.25, NAN});
	floats_are("oo", true, (double[]){NAN, NAN, 8, NAN});
	strings_are("s", false, (const char *const[]){"row 0", "row 1", "row 2", "row 3"});
	strings_are("r.Error", true, (const char *const[]){NULL, "no", NULL, ""});
	strings_are("c.C.v", true, (const char *const[]){NULL, NULL, "two", NULL});
	close_all();
}

/* ---- Elements and lengths ---------------------------------------------------------- */

static void columns_reach_into_lists_and_count_them(void)
{
	uint64_t rows[4], words[3];
	image_init(&f);
	for (size_t i = 0; i < 4; i++) {
		double floats[2] = {(double)i, 0.5};
		for (size_t k = 0; k < 3; k++)
			words[k] = image_string(&f, k == 0 ? "ab" : k == 1 ? "" : "abcde");
		rows[i] = image_block(
			&f, 0, 4, list_of(words, i),
			i == 0 ? IMAGE_INT(0) : image_block(&f, 0, 1, image_words(&f, 0, i, words)),
			image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 2, floats), words[i % 3]);
	}
	open_as(list_of(rows, 4),
		"type t = { l : string list; a : string array option; x : floatarray; s : string } "
		"val root : t list");
	strings_are("l[0]", true, (const char *const[]){NULL, "ab", "ab", "ab"});
	strings_are("l[2]", true, (const char *const[]){NULL, NULL, NULL, "abcde"});
	strings_are("a[1]", true, (const char *const[]){NULL, NULL, "", ""});
	floats_are("x[0]", true, (double[]){0, 1, 2, 3});
	floats_are("x[4294967295]", true, (double[]){NAN, NAN, NAN, NAN});
	ints_are("l.length", ANCIENT_COLUMN_INT, false, (int64_t[]){0, 1, 2, 3}, "1111");
	ints_are("a.length", ANCIENT_COLUMN_INT, true, (int64_t[]){0, 1, 2, 3}, "0111");
	ints_are("x.length", ANCIENT_COLUMN_INT, false, (int64_t[]){2, 2, 2, 2}, "1111");
	ints_are("s.length", ANCIENT_COLUMN_INT, false, (int64_t[]){2, 0, 5, 2}, "1111");
	ints_are("l[1].length", ANCIENT_COLUMN_INT, true, (int64_t[]){0, 0, 0, 0}, "0011");
	close_all();
}

/* A list that many rows share is walked for each: to the end of the budget, not of patience. */
static void lists_that_rows_share_cost_no_more_than_a_call_may(void)
{
	enum { ROWS = 8192, CELLS = 32768 };
	static uint64_t rows[ROWS];
	static int64_t data[ROWS];
	struct ancient_scan scan;
	struct ancient_column column;
	uint64_t list = IMAGE_INT(0);
	size_t count = 7;
	image_init(&f);
	for (size_t i = 0; i < CELLS; i++)
		list = image_block(&f, 0, 2, IMAGE_INT(i), list);
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = list;
	open_as(image_words(&f, 0, ROWS, rows), "val root : int list array");
	for (size_t k = 0; k < 2; k++) {
		scan = scan_of(false);
		column = column_of(&scan, k == 0 ? ".length" : "[32767]", ANCIENT_COLUMN_INT,
				   k == 1, data, NULL);
		CHECK(ancient_scan_next(&scan, &column, 1, ROWS, &count, &err) ==
		      ANCIENT_E_TOO_LARGE);
		CHECK(count == 7);
		scan = scan_of(false); /* some rows of it may be had */
		CHECK(ancient_scan_next(&scan, &column, 1, 8, &count, &err) == ANCIENT_OK &&
		      count == 8);
		CHECK(data[7] == (k == 0 ? CELLS : 0));
		count = 7;
	}
	close_all();
}

static void refused_path(const struct ancient_scan *scan, const char *path, enum ancient_code code)
{
	struct ancient_column column = {.kind = 77};
	CHECK(ancient_column_init(scan, false, path, &column, &err) == code);
	CHECK(column.kind == (enum ancient_column_kind)77);
}

static void a_path_that_leads_nowhere_is_refused(void)
{
	struct ancient_column column;
	struct ancient_scan scan;
	open_records();
	scan = scan_of(false);
	refused_path(&scan, "", ANCIENT_E_WRONG_KIND);
	refused_path(&scan, "m", ANCIENT_E_NO_FIELD);
	refused_path(&scan, "n.m", ANCIENT_E_WRONG_KIND);
	refused_path(&scan, "p[2]", ANCIENT_E_NO_INDEX);
	refused_path(&scan, "p[18446744073709551616]", ANCIENT_E_NO_INDEX);
	refused_path(&scan, "n[0]", ANCIENT_E_WRONG_KIND);
	refused_path(&scan, "n.length", ANCIENT_E_WRONG_KIND);
	refused_path(&scan, "s.length.length", ANCIENT_E_ARGUMENT);
	refused_path(&scan, "s.length[0]", ANCIENT_E_ARGUMENT);
	refused_path(&scan, "s[0]", ANCIENT_E_WRONG_KIND);
	refused_path(&scan, "c.C.length", ANCIENT_E_NO_FIELD);
	refused_path(&scan, "p[", ANCIENT_E_ARGUMENT);
	refused_path(&scan, "p[0", ANCIENT_E_ARGUMENT);
	refused_path(&scan, "p[0]q", ANCIENT_E_ARGUMENT);
	refused_path(&scan, "n.", ANCIENT_E_ARGUMENT);
	refused_path(&scan, "c.E", ANCIENT_E_NO_FIELD);
	refused_path(&scan, "c.A", ANCIENT_E_WRONG_KIND);
	refused_path(&scan, "c.C", ANCIENT_E_ARGUMENT);
	refused_path(&scan, "c.C.w", ANCIENT_E_NO_FIELD);
	refused_path(&scan, "c.D", ANCIENT_E_ARGUMENT);
	refused_path(&scan, "c.D[2]", ANCIENT_E_NO_INDEX);
	refused_path(&scan, "r.Maybe", ANCIENT_E_NO_FIELD);
	CHECK(ancient_column_init(&scan, true, "n", &column, &err) == ANCIENT_E_ARGUMENT);
	close_all();
	image_init(&f);
	open_as(IMAGE_INT(0), "type t = { again : t option } val root : t list");
	scan = scan_of(false);
	refused_path(&scan, "again.again.again.again.again.again.again.again.again",
		     ANCIENT_E_TOO_LARGE);
	close_all();
}

static void a_column_serves_only_what_it_was_made_for(void)
{
	struct ancient_schema *other;
	struct ancient_scan scan;
	struct ancient_column column;
	size_t rows = 5;
	int64_t data[4];
	open_records();
	scan = scan_of(false);
	column = column_of(&scan, "n", ANCIENT_COLUMN_INT, false, NULL, NULL);
	CHECK(ancient_scan_next(&scan, &column, 1, 4, &rows, &err) == ANCIENT_E_ARGUMENT);
	CHECK(ancient_schema_parse("val root : int list", 19, NULL, &other, &err) == ANCIENT_OK);
	scan = scan_of(false);
	column.data = data;
	column.schema = other;
	CHECK(ancient_scan_next(&scan, &column, 1, 4, &rows, &err) == ANCIENT_E_ARGUMENT);
	CHECK(rows == 5);
	ancient_schema_close(other);
	close_all();
}

/* ---- Rows -------------------------------------------------------------------------- */

/* 0 .. count - 1, taken `capacity` at a time. */
static void counted_up(size_t count, size_t capacity)
{
	struct ancient_scan scan = scan_of(false);
	int64_t data[64];
	struct ancient_column column = column_of(&scan, "", ANCIENT_COLUMN_INT, false, data, NULL);
	size_t rows, next = 0;
	do {
		for (size_t i = 0; i < 64; i++)
			data[i] = -1;
		CHECK(ancient_scan_next(&scan, &column, 1, capacity, &rows, &err) == ANCIENT_OK);
		CHECK(rows <= capacity);
		for (size_t i = 0; i < 64; i++)
			CHECK(data[i] == (i < rows ? (int64_t)next++ : -1));
	} while (rows == capacity);
	CHECK(next == count);
}

static void a_scan_goes_on_where_it_stopped(void)
{
	static const char *const types[] = {"val root : int list", "val root : int array"};
	for (size_t k = 0; k < 4; k++) {
		uint64_t words[40];
		size_t count = k < 2 ? 40 : 0;
		image_init(&f);
		for (size_t i = 0; i < count; i++)
			words[i] = IMAGE_INT(i);
		open_as(k % 2 == 0 ? list_of(words, count) : image_words(&f, 0, count, words),
			types[k % 2]);
		for (size_t capacity = 1; capacity < 64; capacity++)
			counted_up(count, capacity);
		close_all();
	}
}

static void float_arrays_are_columns_flat_and_boxed(void)
{
	const double want[4] = {1, -0.5, NAN, 1e300};
	uint64_t boxed[4], rows[2];
	image_init(&f);
	open_as(image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 4, want), "val root : float array");
	floats_are("", false, want);
	close_all();
	image_init(&f);
	open_as(image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 4, want), "val root : floatarray");
	floats_are("", false, want);
	close_all();
	image_init(&f);
	for (size_t i = 0; i < 4; i++)
		boxed[i] = one_double(want[i]);
	open_as(image_words(&f, 0, 4, boxed), "val root : float array");
	floats_are("", false, want);
	close_all();
	image_init(&f);
	rows[0] = image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 2, want);
	rows[1] = image_block(&f, 0, 2, boxed[0] = one_double(3), one_double(4));
	open_as(image_block(&f, 0, 4, rows[0], rows[1], rows[0], rows[1]),
		"type t = { x : float; y : float } val root : t array");
	floats_are("y", false, (double[]){-0.5, 4, -0.5, 4});
	close_all();
}

/* A record in the middle that is none: the error says where. */
static void the_first_wrong_shape_ends_the_scan(void)
{
	struct ancient_scan scan;
	struct ancient_column column;
	uint64_t rows[3], wrong;
	int64_t data[8];
	size_t count = 7;
	image_init(&f);
	rows[0] = image_block(&f, 0, 2, IMAGE_INT(1), IMAGE_INT(2));
	rows[1] = wrong = image_block(&f, 0, 3, IMAGE_INT(1), IMAGE_INT(2), IMAGE_INT(3));
	rows[2] = rows[0];
	open_as(image_words(&f, 0, 3, rows), "type t = { a : int; b : int } val root : t array");
	scan = scan_of(false);
	column = column_of(&scan, "b", ANCIENT_COLUMN_INT, false, data, NULL);
	CHECK(ancient_scan_next(&scan, &column, 1, 8, &count, &err) == ANCIENT_E_BAD_SHAPE);
	CHECK(err.offset == wrong - IMAGE_BASE);
	CHECK(count == 7);
	CHECK(ancient_scan_next(&scan, &column, 1, 8, &count, &err) == ANCIENT_OK && count == 0);
	close_all();
	image_init(&f);
	rows[1] = IMAGE_BASE + 12; /* no address of a block */
	rows[0] = rows[2] = image_block(&f, 0, 2, IMAGE_INT(1), IMAGE_INT(2));
	open_as(image_words(&f, 0, 3, rows), "type t = { a : int; b : int } val root : t array");
	scan = scan_of(false);
	column = column_of(&scan, "b", ANCIENT_COLUMN_INT, false, data, NULL);
	CHECK(ancient_scan_next(&scan, &column, 1, 8, &count, &err) == ANCIENT_E_BAD_POINTER);
	CHECK(err.rule == 301);
	close_all();
}

#define MANY 600

/* MANY records, of which `wrong_int` has a string for its integer and `wrong_float` one for its
 * float. */
static void open_many(size_t wrong_int, size_t wrong_float)
{
	static uint64_t rows[MANY];
	image_init(&f);
	for (size_t i = 0; i < MANY; i++) {
		uint64_t text = image_string(&f, "text"), number = one_double((double)i / 2);
		rows[i] = image_block(&f, 0, 4, i == wrong_int ? text : IMAGE_INT(i), text,
				      i == wrong_float ? text : number, IMAGE_INT(-(int64_t)i));
	}
	open_as(image_words(&f, 0, MANY, rows),
		"type t = { a : int; s : string; x : float; b : int } val root : t array");
}

static int64_t many_a[MANY], many_b[MANY];
static double many_x[MANY];
static struct ancient_bytes many_s[MANY];
static uint8_t many_present[MANY];

static enum ancient_code scan_many(size_t capacity, size_t *ret_rows)
{
	struct ancient_scan scan = scan_of(false);
	struct ancient_column columns[4] = {
		column_of(&scan, "a", ANCIENT_COLUMN_INT, false, many_a, NULL),
		column_of(&scan, "x", ANCIENT_COLUMN_FLOAT, false, many_x, many_present),
		column_of(&scan, "s", ANCIENT_COLUMN_STRING, false, many_s, NULL),
		column_of(&scan, "b", ANCIENT_COLUMN_INT, false, many_b, NULL)};
	size_t rows;
	enum ancient_code code;
	*ret_rows = 0;
	do {
		code = ancient_scan_next(&scan, columns, 4, capacity, &rows, &err);
		if (code != ANCIENT_OK)
			return code;
		*ret_rows += rows;
		columns[0].data = many_a + *ret_rows;
		columns[1].data = many_x + *ret_rows;
		columns[1].present = many_present + *ret_rows;
		columns[2].data = many_s + *ret_rows;
		columns[3].data = many_b + *ret_rows;
	} while (rows == capacity);
	return ANCIENT_OK;
}

static void columns_of_one_record_are_taken_together(void)
{
	const size_t capacities[] = {MANY, 1, 7, 300};
	size_t rows;
	open_many(MANY, MANY);
	for (size_t k = 0; k < 4; k++) {
		memset(many_present, 0, sizeof(many_present));
		CHECK(scan_many(capacities[k], &rows) == ANCIENT_OK && rows == MANY);
		for (size_t i = 0; i < MANY; i++)
			CHECK(many_a[i] == (int64_t)i && many_b[i] == -(int64_t)i &&
			      many_x[i] == (double)i / 2 && many_s[i].length == 4 &&
			      many_present[i] == 1);
	}
	close_all();
}

/* Whatever column is taken first inside. */
static void the_first_wrong_row_of_several_columns_is_the_error(void)
{
	size_t rows;
	open_many(400, 310);
	CHECK(scan_many(MANY, &rows) == ANCIENT_E_BAD_SHAPE);
	CHECK(strstr(err.message, "float") != NULL);
	close_all();
	open_many(310, 400);
	CHECK(scan_many(MANY, &rows) == ANCIENT_E_BAD_SHAPE);
	CHECK(strstr(err.message, "an integer") != NULL);
	close_all();
	open_many(310, 310);
	CHECK(scan_many(MANY, &rows) == ANCIENT_E_BAD_SHAPE);
	CHECK(strstr(err.message, "an integer") != NULL);
	close_all();
}

/* Two bindings of "a" (bucket 1 of 2) and one of "abc" (bucket 0). */
static void open_table(void)
{
	uint64_t abc, old, a;
	image_init(&f);
	abc = image_block(&f, 0, 3, image_string(&f, "abc"), IMAGE_INT(3), IMAGE_INT(0));
	old = image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(9), IMAGE_INT(0));
	a = image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(1), old);
	open_as(image_block(&f, 0, 4, IMAGE_INT(3), image_block(&f, 0, 2, abc, a), IMAGE_INT(0),
			    IMAGE_INT(2)),
		"val root : (string, int) Hashtbl.t");
}

static void hidden_bindings_are_rows_where_they_are_wanted(void)
{
	open_table();
	for (int all = 0; all < 2; all++) {
		struct ancient_scan scan = scan_of(all != 0);
		struct ancient_column columns[2];
		struct ancient_bytes keys[4];
		int64_t values[4];
		size_t rows;
		columns[0] = column_of(&scan, "", ANCIENT_COLUMN_INT, false, values, NULL);
		CHECK(ancient_column_init(&scan, true, "", &columns[1], &err) == ANCIENT_OK);
		CHECK(columns[1].kind == ANCIENT_COLUMN_STRING);
		columns[1].data = keys;
		CHECK(ancient_scan_next(&scan, columns, 2, 4, &rows, &err) == ANCIENT_OK);
		CHECK(rows == 2u + (unsigned)all);
		CHECK(values[0] == 3 && strcmp(keys[0].bytes, "abc") == 0);
		CHECK(values[1] == 1 && strcmp(keys[1].bytes, "a") == 0);
		CHECK(all == 0 || (values[2] == 9 && strcmp(keys[2].bytes, "a") == 0));
	}
	close_all();
}

/* The rows of all shares, one behind the other. */
static size_t taken_in_shares(uint64_t shares, int64_t *ret, size_t room)
{
	size_t total = 0;

	for (uint64_t share = 0; share < shares; share++) {
		struct ancient_scan scan = scan_of(false);
		struct ancient_column column =
			column_of(&scan, "", ANCIENT_COLUMN_INT, false, ret + total, NULL);
		size_t rows;
		ancient_scan_share(&scan, share, shares);
		CHECK(ancient_scan_next(&scan, &column, 1, room - total, &rows, &err) ==
		      ANCIENT_OK);
		total += rows;
		CHECK(ancient_scan_next(&scan, &column, 1, room - total, &rows, &err) ==
			      ANCIENT_OK &&
		      rows == 0);
	}
	return total;
}

static void shares_are_all_rows_once_and_in_order(void)
{
	static const char *const types[] = {"val root : int list", "val root : int array"};
	static const uint64_t counts[] = {1, 2, 3, 7, 50, 51, 1000};
	uint64_t words[50];
	int64_t found[64];

	for (unsigned kind = 0; kind < 2; kind++) {
		image_init(&f);
		for (size_t i = 0; i < 50; i++)
			words[i] = IMAGE_INT(i);
		open_as(kind == 0 ? list_of(words, 50) : image_words(&f, 0, 50, words),
			types[kind]);
		for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
			CHECK(taken_in_shares(counts[c], found, 64) == 50);
			for (int64_t i = 0; i < 50; i++)
				CHECK(found[i] == i);
		}
		close_all();
	}
	open_table();
	for (uint64_t shares = 1; shares < 5; shares++)
		CHECK(taken_in_shares(shares, found, 64) == 2 && found[0] == 3 && found[1] == 1);
	close_all();
}

static void a_share_is_no_longer_than_its_part_and_none_past_the_last_one(void)
{
	uint64_t words[50];
	int64_t found[64];

	image_init(&f);
	for (size_t i = 0; i < 50; i++)
		words[i] = IMAGE_INT(i);
	open_as(image_words(&f, 0, 50, words), "val root : int array");
	for (uint64_t share = 0; share < 6; share++) {
		struct ancient_scan scan = scan_of(false);
		struct ancient_column column =
			column_of(&scan, "", ANCIENT_COLUMN_INT, false, found, NULL);
		size_t rows;
		ancient_scan_share(&scan, share, 4);
		CHECK(ancient_scan_next(&scan, &column, 1, 64, &rows, &err) == ANCIENT_OK);
		CHECK(rows == (share < 2 ? 13u : share < 4 ? 12u : 0u));
	}
	close_all();
}

/* ---- Many keys --------------------------------------------------------------------- */

static void many_keys_are_found_as_one_is(void)
{
	static const char *const texts[] = {"a", "", "abc", "b", "a", "abcd"};
	struct ancient_key keys[6];
	struct ancient_typed values[6];
	bool found[6];
	size_t count = 42;
	open_table();
	for (size_t i = 0; i < 6; i++)
		keys[i] = ancient_key_string(texts[i], strlen(texts[i]));
	CHECK(ancient_typed_find_many(file, schema, root, keys, 6, values, found, &count, &err) ==
	      ANCIENT_OK);
	CHECK(count == 3);
	for (size_t i = 0; i < 6; i++) {
		CHECK(found[i] == (i == 0 || i == 2 || i == 4));
		CHECK(values[i].value.word == IMAGE_INT(!found[i] ? 0 : i == 2 ? 3 : 1));
	}
	CHECK(ancient_typed_find_many(file, schema, root, NULL, 0, NULL, NULL, &count, &err) ==
		      ANCIENT_OK &&
	      count == 0);
	CHECK(ancient_typed_find_many(file, schema, root, keys, 6, values, found, NULL, &err) ==
	      ANCIENT_OK);
	root.type = UINT32_MAX;
	CHECK(ancient_typed_find_many(file, schema, root, keys, 6, values, found, NULL, &err) ==
	      ANCIENT_E_ARGUMENT);
	CHECK(ancient_typed_find_many(file, schema, root, NULL, 0, NULL, NULL, NULL, &err) ==
	      ANCIENT_E_ARGUMENT);
	close_all();
}

/* In one bucket, where no hash tells them apart: 25 bytes, one of them another in each. */
static void keys_that_differ_in_one_byte_are_told_apart(void)
{
	char texts[26][26];
	struct ancient_key keys[26];
	struct ancient_typed values[26];
	bool found[26];
	struct ancient_lookup lookup;
	uint64_t bucket = IMAGE_INT(0);
	size_t count = 0;
	image_init(&f);
	for (size_t i = 0; i < 26; i++) {
		memset(texts[i], 'a', 25);
		texts[i][25] = '\0';
		if (i < 25)
			texts[i][i] = 'b';
		keys[i] = ancient_key_string(texts[i], 25);
		if (i < 25) /* but the last */
			bucket = image_block(&f, 0, 3, image_string(&f, texts[i]), IMAGE_INT(i),
					     bucket);
	}
	open_as(image_block(&f, 0, 4, IMAGE_INT(25), image_block(&f, 0, 1, bucket), IMAGE_INT(0),
			    IMAGE_INT(1)),
		"val root : (string, int) Hashtbl.t");
	CHECK(ancient_typed_find_many(file, schema, root, keys, 26, values, found, &count, &err) ==
		      ANCIENT_OK &&
	      count == 25);
	ancient_lookup_init(file, schema, root, &lookup);
	for (size_t i = 0; i < 26; i++) {
		struct ancient_typed value;
		enum ancient_code code =
			ancient_typed_find(file, schema, root, &keys[i], &value, &err);
		CHECK(code == (i < 25 ? ANCIENT_OK : ANCIENT_E_NO_KEY) && found[i] == (i < 25));
		CHECK(i == 25 || value.value.word == IMAGE_INT(i));
		CHECK(ancient_lookup_find(&lookup, &keys[i], &value, NULL) == code);
		CHECK(i == 25 ||
		      (value.value.word == IMAGE_INT(i) && values[i].value.word == IMAGE_INT(i)));
	}
	close_all();
}

/* Errors are those of one key: a bucket in a ring, a cell of another shape. */
static void what_is_damaged_fails_for_many_keys_and_kept_tables_too(void)
{
	struct ancient_key keys[3] = {ancient_key_string("x", 1), ancient_key_string("y", 1),
				      ancient_key_int(7)};
	struct ancient_typed values[3];
	struct ancient_lookup lookup;
	struct ancient_error one;
	bool found[3];
	size_t count = 42;
	for (unsigned wrong = 0; wrong < 3; wrong++) {
		uint64_t cell;
		image_init(&f);
		cell = image_block(&f, 0, wrong == 1 ? 4 : 3, image_string(&f, "x"), IMAGE_INT(1),
				   IMAGE_INT(0), IMAGE_INT(0));
		if (wrong == 0)
			image_field(&f, cell, 2, cell);
		if (wrong == 2)
			image_field(&f, cell, 0, IMAGE_BASE + 4);
		open_as(image_block(&f, 0, 4, IMAGE_INT(1), image_block(&f, 0, 1, cell),
				    IMAGE_INT(0), IMAGE_INT(1)),
			"val root : (string, int) Hashtbl.t");
		CHECK(ancient_typed_find(file, schema, root, &keys[1], &values[0], &one) ==
		      (wrong == 2 ? ANCIENT_E_BAD_POINTER : ANCIENT_E_BAD_SHAPE));
		CHECK(ancient_typed_find_many(file, schema, root, keys, wrong == 0 ? 2 : 3, values,
					      found, &count, &err) == one.code);
		CHECK(err.offset == one.offset && strcmp(err.message, one.message) == 0);
		CHECK(count == 42);
		ancient_lookup_init(file, schema, root, &lookup);
		CHECK(ancient_lookup_find(&lookup, &keys[1], &values[0], &err) == one.code);
		CHECK(err.offset == one.offset && strcmp(err.message, one.message) == 0);
		close_all();
	}
}

/* What lies in memory behind a key's bytes is no part of it. */
static void keys_of_any_length_are_read_no_further_than_they_are_long(void)
{
	const char text[] = "0123456789abcdefghij";
	for (size_t length = 0; length < sizeof(text); length++) {
		struct ancient_lookup lookup;
		struct ancient_typed value = {0};
		char *bytes = malloc(length + 1), wanted[sizeof(text)];
		uint64_t cell;
		memcpy(wanted, text, length);
		wanted[length] = '\0';
		image_init(&f);
		cell = image_block(&f, 0, 3, image_string(&f, wanted), IMAGE_INT(7), IMAGE_INT(0));
		open_as(image_block(&f, 0, 4, IMAGE_INT(1), image_block(&f, 0, 1, cell),
				    IMAGE_INT(0), IMAGE_INT(1)),
			"val root : (string, int) Hashtbl.t");
		ancient_lookup_init(file, schema, root, &lookup);
		for (size_t other = 0; other <= length; other++) {
			struct ancient_key key = ancient_key_string(bytes, length);
			memcpy(bytes, text, length);
			bytes[length] = 'x';
			if (other < length)
				bytes[other] = 'x';
			CHECK(ancient_lookup_find(&lookup, &key, &value, &err) ==
			      (other < length ? ANCIENT_E_NO_KEY : ANCIENT_OK));
			CHECK(ancient_typed_find(file, schema, root, &key, &value, &err) ==
			      (other < length ? ANCIENT_E_NO_KEY : ANCIENT_OK));
		}
		CHECK(value.value.word == IMAGE_INT(7));
		free(bytes);
		close_all();
	}
}

/* A container that is none is found out by each lookup, with its message. */
static void a_table_that_is_none_is_kept_as_such(void)
{
	struct ancient_key key = ancient_key_string("x", 1);
	struct ancient_error one;
	struct ancient_lookup lookup;
	struct ancient_typed value;
	image_init(&f);
	open_as(image_block(&f, 0, 4, IMAGE_INT(1), IMAGE_INT(3), IMAGE_INT(0), IMAGE_INT(1)),
		"val root : (string, int) Hashtbl.t");
	ancient_lookup_init(file, schema, root, &lookup);
	CHECK(ancient_typed_find(file, schema, root, &key, &value, &one) == ANCIENT_E_BAD_SHAPE);
	CHECK(ancient_lookup_find(&lookup, &key, &value, &err) == ANCIENT_E_BAD_SHAPE);
	CHECK(strcmp(err.message, one.message) == 0);
	root.type = UINT32_MAX;
	ancient_lookup_init(file, schema, root, &lookup);
	CHECK(ancient_lookup_find(&lookup, &key, &value, &err) == ANCIENT_E_ARGUMENT);
	close_all();
}

int main(void)
{
	test_begin();
	columns_hold_what_is_at_the_end_of_their_paths();
	columns_reach_into_lists_and_count_them();
	lists_that_rows_share_cost_no_more_than_a_call_may();
	a_path_that_leads_nowhere_is_refused();
	a_column_serves_only_what_it_was_made_for();
	a_scan_goes_on_where_it_stopped();
	float_arrays_are_columns_flat_and_boxed();
	the_first_wrong_shape_ends_the_scan();
	columns_of_one_record_are_taken_together();
	the_first_wrong_row_of_several_columns_is_the_error();
	hidden_bindings_are_rows_where_they_are_wanted();
	shares_are_all_rows_once_and_in_order();
	a_share_is_no_longer_than_its_part_and_none_past_the_last_one();
	many_keys_are_found_as_one_is();
	keys_that_differ_in_one_byte_are_told_apart();
	what_is_damaged_fails_for_many_keys_and_kept_tables_too();
	keys_of_any_length_are_read_no_further_than_they_are_long();
	a_table_that_is_none_is_kept_as_such();
	test_end();
	return 0;
}
