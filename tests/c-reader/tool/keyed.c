/* Looks in a file of keyed.ml for keys of every kind, by a header that codegen made; the second
 * argument says of which types: "later" is one whose records lack a field of the file's.  For
 * test_tool_codegen_keys.py. */
#include <stdio.h>
#include <stdlib.h>

#include "kt.h"

static struct ancient_error err;
static struct kt_bind b;

static void must(enum ancient_code code)
{
	if (code != ANCIENT_OK) {
		printf("%s %s\n", ancient_code_name(code), err.message);
		exit(0);
	}
}

static int64_t number; /* found last */

/* "record 5", or the error. */
static void show(const char *what, enum ancient_code code)
{
	if (code == ANCIENT_OK)
		printf("%s %lld\n", what, (long long)number);
	else
		printf("%s %s %s\n", what, ancient_code_name(code), err.message);
}

static void senses(struct kt_tables root)
{
	struct kt_pos_and_int_string_table table;
	struct kt_pos_and_int_string_table_iterator it;
	struct kt_pos_key noun = kt_pos_key_noun(&b), other = kt_pos_key_other(&b, 7);
	struct kt_pos_and_int_key copy = kt_pos_and_int_key_of(&b, &other, 2);
	const char *text;
	size_t length;
	struct kt_pos pos;
	struct kt_pos_and_int pair;

	must(kt_tables_senses(&b, root, &table, &err));
	must(kt_pos_and_int_string_table_find(&b, table, kt_pos_and_int_key_of(&b, &noun, 1), &text,
					      &length, &err));
	printf("noun %.*s\n", (int)length, text);
	must(kt_pos_and_int_string_table_find(&b, table, copy, &text, &length, &err));
	printf("other %.*s\n", (int)length, text);
	noun = kt_pos_key_verb(&b);
	printf("verb %s\n",
	       ancient_code_name(kt_pos_and_int_string_table_find(
		       &b, table, kt_pos_and_int_key_of(&b, &noun, 1), &text, &length, &err)));
	noun = kt_pos_key_noun(&b);
	must(kt_pos_and_int_string_table_find_all(&b, table, kt_pos_and_int_key_of(&b, &noun, 1),
						  &it, &err));
	while (kt_pos_and_int_string_table_next(&b, &it, &pair, &text, &length, &err) ==
	       ANCIENT_OK) {
		enum kt_pos_kind kind;

		must(kt_pos_and_int_0(&b, pair, &pos, &err));
		must(kt_pos_kind_of(&b, pos, &kind, &err));
		printf("all %.*s %d\n", (int)length, text, kind == KT_POS_NOUN);
	}
}

static void units(struct kt_tables root)
{
	struct kt_unit_key gram = kt_unit_key_named(&b, "g", 1);
	struct kt_int_units map;

	must(kt_tables_units(&b, root, &map, &err));
	show("metre", kt_int_units_find(&b, map, kt_unit_key_metre(&b), &number, &err));
	show("kg", kt_int_units_find(&b, map, kt_unit_key_named(&b, "kg", 2), &number, &err));
	show("scaled", kt_int_units_find(&b, map, kt_unit_key_scaled(&b, 3, &gram), &number, &err));
	show("second", kt_int_units_find(&b, map, kt_unit_key_second(&b), &number, &err));
}

/* From g on: the texts, and what is made of units.  Not bound, the key is none. */
static void ranges(struct kt_tables root)
{
	struct kt_unit_key gram = kt_unit_key_named(&b, "g", 1);
	struct kt_point_key origin = kt_point_key_of(&b, 0, 0);
	struct ancient_key from = kt_unit_key_bound(&gram), to = kt_point_key_bound(&origin);
	struct ancient_range_bounds bounds = {.from = &from}, least = {.from = &to};
	struct ancient_range range;
	struct ancient_typed key, value;
	struct kt_int_units map;
	struct kt_points set;
	enum ancient_code code;

	must(kt_tables_units(&b, root, &map, &err));
	must(ancient_range_init(b.bind.file, b.bind.schema, map.typed, &bounds, &range, &err));
	while ((code = ancient_range_next(&range, &key, &value, &err)) == ANCIENT_OK) {
		struct kt_unit unit = {key};
		enum kt_unit_kind kind;

		must(kt_unit_kind_of(&b, unit, &kind, &err));
		must(ancient_typed_int(b.bind.file, b.bind.schema, value, &number, &err));
		printf("unit %d %lld\n", kind == KT_UNIT_NAMED, (long long)number);
	}
	printf("end %s\n", ancient_code_name(code));
	must(kt_tables_points(&b, root, &set, &err));
	must(ancient_range_init(b.bind.file, b.bind.schema, set.typed, &least, &range, &err));
	while (ancient_range_next(&range, &key, NULL, &err) == ANCIENT_OK) {
		struct kt_point point = {key};
		double x;

		must(kt_point_x(&b, point, &x, &err));
		printf("point %g\n", x);
	}
	bounds.from = &gram.key;
	show("unbound",
	     ancient_range_init(b.bind.file, b.bind.schema, map.typed, &bounds, &range, &err));
}

static void points(struct kt_tables root)
{
	struct kt_points set;
	bool has[2];

	must(kt_tables_points(&b, root, &set, &err));
	must(kt_points_has(&b, set, kt_point_key_of(&b, 1.5, -0.5), &has[0], &err));
	must(kt_points_has(&b, set, kt_point_key_of(&b, -0.5, 1.5), &has[1], &err));
	printf("points %d %d\n", has[0], has[1]);
}

static void keys(struct kt_tables root)
{
	struct kt_point_key point = kt_point_key_of(&b, 0, 1);
	struct kt_key_int_table table;

	must(kt_tables_keys(&b, root, &table, &err));
	show("record", kt_key_int_table_find(&b, table, kt_key_lookup_key_of(&b, "a", 1, 1, &point),
					     &number, &err));
}

static void options(struct kt_tables root)
{
	struct kt_int_option_key none = kt_int_option_key_none(&b),
				 some = kt_int_option_key_some(&b, 3);
	struct kt_int_string_result_key error = kt_int_string_result_key_error(&b, "no", 2),
					ok = kt_int_string_result_key_ok(&b, 4);
	struct kt_int_by_option table;

	must(kt_tables_options(&b, root, &table, &err));
	show("none",
	     kt_int_by_option_find(&b, table,
				   kt_int_option_and_int_string_result_key_of(&b, &none, &error),
				   &number, &err));
	show("some", kt_int_by_option_find(
			     &b, table, kt_int_option_and_int_string_result_key_of(&b, &some, &ok),
			     &number, &err));
}

static void scalars(struct kt_tables root)
{
	struct kt_scalars_int_table table;

	must(kt_tables_scalars(&b, root, &table, &err));
	show("scalars", kt_scalars_int_table_find(
				&b, table, kt_scalars_key_of(&b, true, 'c', 1.5, 3, 4, 5, "b", 1),
				&number, &err));
}

/* A list has no function: the library compares the key with its type. */
static void lists(struct kt_tables root)
{
	struct ancient_key cells[4], key;
	struct kt_int_list_int_table table;

	cells[0] = ancient_key_int(1);
	cells[1] = ancient_key_tuple(&cells[2], 2);
	cells[2] = ancient_key_int(2);
	cells[3] = ancient_key_int(0);
	must(kt_tables_lists(&b, root, &table, &err));
	key = ancient_key_tuple(cells, 2);
	show("list", kt_int_list_int_table_find(&b, table, &key, &number, &err));
	key = ancient_key_string("x", 1);
	show("list", kt_int_list_int_table_find(&b, table, &key, &number, &err));
	cells[2] = ancient_key_float(2);
	key = ancient_key_tuple(cells, 2);
	show("list", kt_int_list_int_table_find(&b, table, &key, &number, &err));
}

int main(int argc, char **argv)
{
	struct ancient_file *file;
	struct kt_tables root;

	(void)argc;
	must(ancient_file_open(argv[1], NULL, &file, &err));
	must(kt_bind_key(file, 0, &b, &err));
	must(kt_root(&b, &root, &err));
	senses(root);
	units(root);
	ranges(root);
	points(root);
	keys(root);
	options(root);
	scalars(root);
	lists(root);
	kt_unbind(&b);
	ancient_file_close(file);
	return 0;
}
