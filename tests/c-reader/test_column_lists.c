/* tests/c-reader: columns whose path has [*] hold the elements of the lists of all rows, one behind
 * the other, with offsets; whatever the file has in them, and whatever room there is. */
#include <math.h>

#include "typed_file.h"

/* ---- Memory for values ------------------------------------------------------------- */

/* Grows by exactly what is wanted, so that every batch asks again. */
static bool grow(struct ancient_column_values *values, size_t wanted)
{
	const struct ancient_column *column = values->context;
	CHECK(wanted > values->capacity);
	values->data = realloc(values->data, wanted * column->item_bytes);
	if (column->optional)
		values->present = realloc(values->present, wanted);
	values->capacity = wanted;
	return true;
}

static bool grow_not(struct ancient_column_values *values, size_t wanted)
{
	(void)wanted;
	++*(int *)values->context;
	return false;
}

static void forget(struct ancient_column_values *values)
{
	free(values->data);
	free(values->present);
	values->data = values->present = NULL;
}

/* Takes a column, `step` rows at a time. */
static enum ancient_code take(const char *path, size_t step, struct ancient_column *column,
			      struct ancient_column_values *values, int64_t *offsets,
			      size_t *ret_rows)
{
	struct ancient_scan scan;
	size_t rows = 0, all = 0;
	enum ancient_code code;
	CHECK(ancient_scan_init(file, schema, root, false, &scan, &err) == ANCIENT_OK);
	CHECK(ancient_column_init(&scan, false, path, column, &err) == ANCIENT_OK);
	CHECK(column->many && column->values == NULL && column->data == NULL);
	*values = (struct ancient_column_values){.grow = grow, .context = column};
	column->values = values;
	do {
		values->offsets = offsets + all;
		code = ancient_scan_next(&scan, column, 1, step, &rows, &err);
		all += code == ANCIENT_OK ? rows : 0;
	} while (code == ANCIENT_OK && rows == step);
	*ret_rows = all;
	return code;
}

/* ---- What is in them --------------------------------------------------------------- */

#define RECORD                                                                                     \
	"type c = A | B of int | C "                                                               \
	"type e = { n : int; x : float; s : string; o : int option; c : c; l : string list } "     \
	"type r = { es : e list; a : e array option; fs : float array; q : int Queue.t; "          \
	"name : string; deep : (int * bool list) ref } "

static uint64_t element(int n)
{
	double x = n + 0.5;
	uint64_t names[3];
	char text[16];
	snprintf(text, sizeof(text), "e%d", n);
	for (int i = 0; i < 3; i++)
		names[i] = image_string(&f, text);
	return image_block(&f, 0, 6, IMAGE_INT(n), image_doubles(&f, ANCIENT_TAG_DOUBLE, 1, &x),
			   image_string(&f, text), n % 2 ? some(IMAGE_INT(-n)) : IMAGE_INT(0),
			   n % 3 == 1 ? some(IMAGE_INT(n)) : IMAGE_INT(n % 3 == 0 ? 0 : 1),
			   list_of(names, (size_t)n % 4));
}

#define ROWS 5u
static const unsigned counts[ROWS] = {2, 0, 300, 1, 0};
static const unsigned from[ROWS + 1] = {0, 2, 2, 302, 303, 303};
#define VALUES 303u

/* Row i has counts[i] elements everywhere; the third, the array, is absent where it has none. */
static void open_rows(void)
{
	static uint64_t elements[VALUES], words[VALUES];
	static double floats[VALUES];
	uint64_t rows[ROWS];
	int number = 0;
	image_init(&f);
	for (size_t i = 0; i < ROWS; i++) {
		uint64_t integers[VALUES], last;
		unsigned count = counts[i];
		for (size_t k = 0; k < count; k++, number++) {
			elements[k] = element(number);
			integers[k] = IMAGE_INT(number);
			words[k] = IMAGE_INT(number & 1);
			floats[k] = number / 4.0;
		}
		last = count == 0 ? IMAGE_INT(0)
				  : image_block(&f, 0, 2, integers[count - 1], IMAGE_INT(0));
		rows[i] = image_block(
			&f, 0, 6, list_of(elements, count),
			count == 0 ? IMAGE_INT(0) : some(image_words(&f, 0, count, elements)),
			count == 0 ? image_words(&f, 0, 0, words)
				   : image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, count, floats),
			image_block(&f, 0, 3, IMAGE_INT(count),
				    count == 0 ? IMAGE_INT(0) : list_of(integers, count), last),
			image_string(&f, "row"),
			some(image_block(&f, 0, 2, IMAGE_INT(i), list_of(words, count))));
	}
	open_as(list_of(rows, ROWS), RECORD "val root : r list");
}

static int64_t int_of(const struct ancient_column *column, const void *data, size_t i)
{
	if (column->kind == ANCIENT_COLUMN_FLOAT)
		return (int64_t)(((const double *)data)[i] * 4);
	if (column->kind == ANCIENT_COLUMN_BOOL)
		return ((const uint8_t *)data)[i];
	if (column->kind == ANCIENT_COLUMN_STRING)
		return strtol(((const struct ancient_bytes *)data)[i].bytes + 1, NULL, 10);
	return ((const int64_t *)data)[i];
}

static int64_t plain(int64_t n)
{
	return n;
}

static int64_t four_and_two(int64_t n)
{
	return 4 * n + 2;
}

static int64_t parity(int64_t n)
{
	return n & 1;
}

static int64_t odd_negative(int64_t n)
{
	return n % 2 ? -n : INT64_MIN; /* that is: absent */
}

static int64_t constructor(int64_t n)
{
	return (int64_t[]){0, 1, 2}[n % 3];
}

static int64_t quarter(int64_t n)
{
	return n % 4;
}

static int64_t second(int64_t n)
{
	return n % 4 > 1 ? n : INT64_MIN;
}

static void values_are(const char *path, enum ancient_column_kind kind, bool optional,
		       int64_t (*want)(int64_t n))
{
	for (size_t step = 1; step <= ROWS + 1; step++) {
		struct ancient_column_values values;
		struct ancient_column column;
		int64_t offsets[2 * ROWS];
		size_t rows;
		CHECK(take(path, step, &column, &values, offsets, &rows) == ANCIENT_OK);
		CHECK(column.kind == kind && column.optional == optional);
		CHECK(rows == ROWS && values.count == VALUES);
		for (size_t i = 0; i <= ROWS; i++)
			CHECK(offsets[i] == from[i]);
		for (size_t i = 0; i < VALUES; i++) {
			int64_t wanted = want((int64_t)i);
			if (optional)
				CHECK(values.present[i] == (wanted != INT64_MIN));
			if (wanted != INT64_MIN)
				CHECK(int_of(&column, values.data, i) == wanted);
		}
		forget(&values);
	}
}

static void columns_hold_the_elements_of_all_rows(void)
{
	open_rows();
	values_are("es[*].n", ANCIENT_COLUMN_INT, false, plain);
	values_are("es[*].x", ANCIENT_COLUMN_FLOAT, false, four_and_two);
	values_are("es[*].s", ANCIENT_COLUMN_STRING, false, plain);
	values_are("es[*].o", ANCIENT_COLUMN_INT, true, odd_negative);
	values_are("es[*].c", ANCIENT_COLUMN_CONSTRUCTOR, false, constructor);
	values_are("es[*].l.length", ANCIENT_COLUMN_INT, false, quarter);
	values_are("es[*].l[1]", ANCIENT_COLUMN_STRING, true, second);
	values_are("a[*].n", ANCIENT_COLUMN_INT, false, plain);
	values_are("fs[*]", ANCIENT_COLUMN_FLOAT, false, plain);
	values_are("q[*]", ANCIENT_COLUMN_INT, false, plain);
	values_are("deep[1][*]", ANCIENT_COLUMN_BOOL, false, parity);
	close_all();
}

/* Float arrays, which are flat, beside arrays that are not; sets; a path that begins with [*]. */
static void elements_are_what_the_shapes_of_rows_allow(void)
{
	struct ancient_column_values values;
	struct ancient_column column;
	int64_t offsets[8];
	uint64_t rows[4], leaf;
	size_t count;
	double floats[2] = {1.5, 2.5};
	image_init(&f);
	rows[0] = image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 2, floats);
	rows[1] = image_words(&f, 0, 0, rows);
	rows[2] = image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 1, floats + 1);
	rows[3] = some(image_doubles(&f, ANCIENT_TAG_DOUBLE, 1, floats));
	open_as(image_words(&f, 0, 4, rows), "val root : float array array");
	CHECK(take("[*]", 8, &column, &values, offsets, &count) == ANCIENT_OK && count == 4);
	CHECK(values.count == 4 && offsets[1] == 2 && offsets[2] == 2 && offsets[3] == 3);
	CHECK(((double *)values.data)[1] == 2.5 && ((double *)values.data)[2] == 2.5);
	CHECK(((double *)values.data)[3] == 1.5);
	forget(&values);
	close_all();

	image_init(&f);
	leaf = image_block(&f, 0, 4, IMAGE_INT(0), IMAGE_INT(1), IMAGE_INT(0), IMAGE_INT(1));
	rows[0] = image_block(&f, 0, 4, leaf, IMAGE_INT(2), IMAGE_INT(0), IMAGE_INT(2));
	rows[1] = IMAGE_INT(0);
	open_as(list_of(rows, 2), "module S : Set.S with type elt = int [@@ancient.standard] "
				  "val root : S.t list");
	CHECK(take("[*]", 8, &column, &values, offsets, &count) == ANCIENT_OK && count == 2);
	CHECK(values.count == 2 && offsets[1] == 2 && offsets[2] == 2);
	CHECK(((int64_t *)values.data)[0] == 1 && ((int64_t *)values.data)[1] == 2);
	forget(&values);
	close_all();
}

/* Beside columns without [*], of one scan. */
static void columns_of_both_kinds_have_the_same_rows(void)
{
	struct ancient_scan scan;
	struct ancient_column columns[3];
	struct ancient_column_values values[2];
	struct ancient_bytes names[ROWS + 1];
	int64_t offsets[2][ROWS + 2];
	size_t rows = 0;
	open_rows();
	CHECK(ancient_scan_init(file, schema, root, false, &scan, &err) == ANCIENT_OK);
	for (size_t i = 0; i < 3; i++)
		CHECK(ancient_column_init(&scan, false,
					  i == 0   ? "es[*].n"
					  : i == 1 ? "name"
						   : "a[*].s",
					  &columns[i], &err) == ANCIENT_OK);
	for (size_t i = 0; i < 2; i++) {
		values[i] = (struct ancient_column_values){
			.offsets = offsets[i], .grow = grow, .context = &columns[2 * i]};
		columns[2 * i].values = &values[i];
	}
	columns[1].data = names;
	CHECK(ancient_scan_next(&scan, columns, 3, ROWS + 1, &rows, &err) == ANCIENT_OK);
	CHECK(rows == ROWS && values[0].count == VALUES && values[1].count == VALUES);
	CHECK(memcmp(offsets[0], offsets[1], (ROWS + 1) * sizeof(int64_t)) == 0);
	for (size_t i = 0; i < ROWS; i++)
		CHECK(strcmp(names[i].bytes, "row") == 0);
	for (size_t i = 0; i < 2; i++)
		forget(&values[i]);
	close_all();
}

/* ---- What is refused --------------------------------------------------------------- */

static void refused_path(const char *path, enum ancient_code code)
{
	struct ancient_scan scan;
	struct ancient_column column = {.kind = (enum ancient_column_kind)77};
	CHECK(ancient_scan_init(file, schema, root, false, &scan, &err) == ANCIENT_OK);
	CHECK(ancient_column_init(&scan, false, path, &column, &err) == code);
	CHECK(column.kind == (enum ancient_column_kind)77);
}

static void paths_that_lead_nowhere_are_refused(void)
{
	open_rows();
	refused_path("[*]", ANCIENT_E_WRONG_KIND);
	refused_path("name[*]", ANCIENT_E_WRONG_KIND);
	refused_path("es[*]", ANCIENT_E_WRONG_KIND);
	refused_path("es[*].m", ANCIENT_E_NO_FIELD);
	refused_path("es[*].l", ANCIENT_E_WRONG_KIND);
	refused_path("es[*].l[*]", ANCIENT_E_ARGUMENT);
	refused_path("es[*][*].n", ANCIENT_E_ARGUMENT);
	refused_path("es[*]n", ANCIENT_E_ARGUMENT);
	refused_path("es[*", ANCIENT_E_ARGUMENT);
	refused_path("es[*0]", ANCIENT_E_ARGUMENT);
	refused_path("es[**]", ANCIENT_E_ARGUMENT);
	refused_path("es.length[*]", ANCIENT_E_ARGUMENT);
	refused_path("es[*].c.B[*]", ANCIENT_E_ARGUMENT);
	refused_path("deep[0][*]", ANCIENT_E_WRONG_KIND);
	refused_path("deep[*]", ANCIENT_E_WRONG_KIND);
	close_all();
}

static void a_column_without_room_is_refused(void)
{
	struct ancient_scan scan;
	struct ancient_column column;
	struct ancient_column_values values = {.offsets = NULL};
	int64_t offsets[ROWS + 1], data[2];
	size_t rows = 7;
	int asked = 0;
	open_rows();
	CHECK(ancient_scan_init(file, schema, root, false, &scan, &err) == ANCIENT_OK);
	CHECK(ancient_column_init(&scan, false, "es[*].n", &column, &err) == ANCIENT_OK);
	column.data = data; /* which is not what it wants */
	CHECK(ancient_scan_next(&scan, &column, 1, 1, &rows, &err) == ANCIENT_E_ARGUMENT);
	CHECK(ancient_scan_init(file, schema, root, false, &scan, &err) == ANCIENT_OK);
	column.values = &values;
	CHECK(ancient_scan_next(&scan, &column, 1, 1, &rows, &err) == ANCIENT_E_ARGUMENT);
	CHECK(ancient_scan_init(file, schema, root, false, &scan, &err) == ANCIENT_OK);
	values = (struct ancient_column_values){.offsets = offsets, .data = data, .capacity = 2};
	CHECK(ancient_scan_next(&scan, &column, 1, 2, &rows, &err) == ANCIENT_OK && rows == 2);
	CHECK(values.count == 2 && data[0] == 0 && data[1] == 1);
	CHECK(ancient_scan_next(&scan, &column, 1, 1, &rows, &err) == ANCIENT_E_MEMORY);
	CHECK(ancient_scan_next(&scan, &column, 1, 1, &rows, &err) == ANCIENT_OK && rows == 0);
	CHECK(ancient_scan_init(file, schema, root, false, &scan, &err) == ANCIENT_OK);
	values = (struct ancient_column_values){
		.offsets = offsets, .grow = grow_not, .context = &asked};
	CHECK(ancient_scan_next(&scan, &column, 1, ROWS, &rows, &err) == ANCIENT_E_MEMORY);
	CHECK(asked == 1);
	close_all();
}

/* What is wrong first is told, whether it is an element or the list. */
static void the_first_bad_element_is_told(void)
{
	struct ancient_column_values values;
	struct ancient_column column;
	int64_t offsets[4];
	uint64_t rows[3], good[2], bad[2], text;
	size_t count;
	for (int wrong = 0; wrong < 4; wrong++) {
		image_init(&f);
		text = image_string(&f, "here");
		good[0] = good[1] = IMAGE_INT(1);
		bad[0] = text;
		bad[1] = IMAGE_INT(2);
		rows[0] = list_of(good, 2);
		rows[1] = wrong == 0   ? list_of(bad, 2)
			  : wrong == 1 ? image_block(&f, 0, 2, IMAGE_INT(1), text)
			  : wrong == 2 ? text
				       : image_block(&f, 0, 2, text, IMAGE_INT(7));
		rows[2] = IMAGE_INT(5);
		open_as(image_words(&f, 0, 3, rows), "val root : int list array");
		CHECK(take("[*]", 8, &column, &values, offsets, &count) == ANCIENT_E_BAD_SHAPE);
		CHECK(err.offset == text - IMAGE_BASE);
		forget(&values);
		close_all();
	}
}

/* A list that many rows share is copied for each: to the end of the budget, which all calls of a
 * scan have together. */
static void lists_that_rows_share_cost_no_more_than_a_scan_may(void)
{
	enum { SHARED = 8192, CELLS = 4096 };
	static uint64_t rows[SHARED];
	static int64_t offsets[SHARED + 1];
	struct ancient_column_values values;
	struct ancient_column column;
	uint64_t list = IMAGE_INT(0);
	size_t count, most;
	image_init(&f);
	for (size_t i = 0; i < CELLS; i++)
		list = image_block(&f, 0, 2, IMAGE_INT(i), list);
	for (size_t i = 0; i < SHARED; i++)
		rows[i] = list;
	open_as(image_words(&f, 0, SHARED, rows), "val root : int list array");
	most = 8 * f.length / 8 + (1u << 19);
	for (size_t step = 16; step <= SHARED; step *= 8) {
		CHECK(take("[*]", step, &column, &values, offsets, &count) == ANCIENT_E_TOO_LARGE);
		CHECK(values.count <= most && values.count > most / 4);
		forget(&values);
	}
	close_all();
}

/* A list that leads back to itself ends in an error. */
static void rings_end(void)
{
	struct ancient_column_values values;
	struct ancient_column column;
	int64_t offsets[2];
	uint64_t cell;
	size_t count;
	image_init(&f);
	cell = image_block(&f, 0, 2, IMAGE_INT(1), IMAGE_INT(0));
	image_field(&f, cell, 1, cell);
	open_as(image_words(&f, 0, 1, &cell), "val root : int list array");
	CHECK(take("[*]", 8, &column, &values, offsets, &count) == ANCIENT_E_BAD_SHAPE);
	forget(&values);
	close_all();
}

int main(void)
{
	test_begin();
	columns_hold_the_elements_of_all_rows();
	elements_are_what_the_shapes_of_rows_allow();
	columns_of_both_kinds_have_the_same_rows();
	paths_that_lead_nowhere_are_refused();
	a_column_without_room_is_refused();
	the_first_bad_element_is_told();
	lists_that_rows_share_cost_no_more_than_a_scan_may();
	rings_end();
	test_end();
	return 0;
}
