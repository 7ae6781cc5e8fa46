/* tests/c-reader: compares the reader's hash and order with OCaml's own on a million values of
 * mixed shapes, and looks keys up in OCaml's tables, maps and sets.
 *
 *     test_ocaml PROGRAM-OF-lookups.ml [COUNT] */
#include "build_file.h"

#include <ancient_schema.h>

static struct ancient_file *file;
static struct ancient_error err;
static uint64_t count = 1 << 20;

static struct ancient_value root(uint64_t key)
{
	struct ancient_value value;
	CHECK(ancient_file_get(file, key, &value, &err) == ANCIENT_OK);
	return value;
}

static struct ancient_block array(uint64_t key)
{
	struct ancient_block block;
	CHECK(ancient_block_get(file, root(key), &block, &err) == ANCIENT_OK);
	CHECK(block.size == count);
	return block;
}

static struct ancient_value item(const struct ancient_block *block, uint64_t index)
{
	struct ancient_value value;
	CHECK(ancient_block_field(file, block, index, &value, &err) == ANCIENT_OK);
	return value;
}

static void every_value_hashes_as_in_ocaml(void)
{
	struct ancient_block values = array(0), hashes = array(1), seeded = array(2);
	for (uint64_t i = 0; i < count; i++) {
		uint32_t hash, with_seed;
		struct ancient_value value = item(&values, i);
		CHECK(ancient_value_hash(file, value, 0, &hash, &err) == ANCIENT_OK);
		CHECK(ancient_value_hash(file, value, (uint32_t)i, &with_seed, &err) == ANCIENT_OK);
		CHECK(hash == ancient_value_to_int(item(&hashes, i)));
		CHECK(with_seed == ancient_value_to_int(item(&seeded, i)));
	}
}

static void compare_by(uint64_t key, uint64_t factor, uint64_t plus)
{
	struct ancient_block values = array(0);
	const char *orders;
	size_t length;
	CHECK(ancient_string_get(file, root(key), &orders, &length, &err) == ANCIENT_OK);
	CHECK(length == count);
	for (uint64_t i = 0; i < count; i++) {
		struct ancient_value a = item(&values, i),
				     b = item(&values, (i * factor + plus) % count);
		int order, back;
		CHECK(ancient_value_compare(file, a, b, &order, &err) == ANCIENT_OK);
		CHECK(ancient_value_compare(file, b, a, &back, &err) == ANCIENT_OK);
		CHECK(order == orders[i] - 1);
		CHECK(back == -order);
	}
}

static void every_pair_compares_as_in_ocaml(void)
{
	compare_by(3, 1, 1);
	compare_by(4, 31, 0);
}

static void a_key_is_the_value_it_describes(void)
{
	struct ancient_block values = array(0);
	unsigned seen = 0;
	for (uint64_t i = 0; i < count; i++) {
		struct ancient_value value = item(&values, i);
		struct ancient_key key = ancient_key_int(0);
		const double *floats;
		const char *bytes;
		size_t length;
		uint32_t hash, want;
		int order;
		if (ancient_value_is_int(value))
			key = ancient_key_int(ancient_value_to_int(value));
		else if (ancient_string_get(file, value, &bytes, &length, NULL) == ANCIENT_OK)
			key = ancient_key_string(bytes, length);
		else if (ancient_float_array_get(file, value, &floats, &length, NULL) == ANCIENT_OK)
			key = ancient_key_floats(floats, length);
		else
			continue;
		seen++;
		CHECK(ancient_key_hash(NULL, &key, 7, &hash, &err) == ANCIENT_OK);
		CHECK(ancient_value_hash(file, value, 7, &want, &err) == ANCIENT_OK);
		CHECK(hash == want);
		CHECK(ancient_key_compare(file, value, &key, &order, &err) == ANCIENT_OK);
		CHECK(order == 0);
	}
	CHECK(seen > count / 8);
}

/* ---- Containers -------------------------------------------------------------------- */

static struct ancient_schema *parse(const char *text)
{
	struct ancient_schema *schema;
	if (ancient_schema_parse(text, strlen(text), NULL, &schema, &err) != ANCIENT_OK) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	return schema;
}

#define ENTRIES 2000

/* Each of the keys of lookups.ml is found with its value, and no other is. */
static void find_all(uint64_t at, const char *text, bool pairs, int factor)
{
	struct ancient_schema *schema = parse(text);
	struct ancient_typed table = ancient_typed_root(schema, root(at)), found;
	bool set = ancient_schema_type(schema, table.type)->kind == ANCIENT_TYPE_SET;
	for (int i = 0; i < ENTRIES + 200; i++) {
		char word[32];
		int64_t number = 0;
		bool absent = i >= ENTRIES;
		size_t length = (size_t)snprintf(word, sizeof(word), "word %d", i * 7919);
		struct ancient_key parts[2] = {ancient_key_int(i),
					       ancient_key_string(word, length)};
		struct ancient_key key = pairs ? ancient_key_tuple(parts, 2) : parts[1];
		enum ancient_code code =
			ancient_typed_find(file, schema, table, &key, &found, &err);
		CHECK(code == (absent ? ANCIENT_E_NO_KEY : ANCIENT_OK));
		if (absent)
			continue;
		if (set)
			CHECK(ancient_typed_field(file, schema, found, 0, &found, &err) ==
			      ANCIENT_OK);
		CHECK(ancient_typed_int(file, schema, found, &number, &err) == ANCIENT_OK);
		CHECK(number == (at == 10 && i == 0 ? -1 : factor * i));
	}
	ancient_schema_close(schema);
}

static void keys_are_found_in_tables(void)
{
	find_all(10, "val root : (string, int) Hashtbl.t", false, 1);
	find_all(11, "val root : (int * string, int) Hashtbl.t", true, 2);
	find_all(12, "module M : Hashtbl.S with type key = string val root : int M.t", false, 1);
	find_all(13,
		 "module M : Hashtbl.S with type key = int * string [@@ancient.hash standard] "
		 "val root : int M.t",
		 true, 1);
}

static void keys_are_found_in_maps_and_sets(void)
{
	find_all(14,
		 "module M : Map.S with type key = string [@@ancient.order standard] "
		 "val root : int M.t",
		 false, 1);
	find_all(14, "module M : Map.S with type key = string val root : int M.t", false, 1);
	find_all(15, "module M : Map.S with type key = string val root : int M.t", false, 1);
	find_all(16,
		 "module M : Set.S with type elt = int * string [@@ancient.order standard] "
		 "val root : M.t",
		 true, 1);
}

static void a_wrong_declaration_hides_nothing(void)
{
	find_all(12,
		 "module M : Hashtbl.S with type key = string [@@ancient.hash standard] "
		 "val root : int M.t",
		 false, 1);
	find_all(15,
		 "module M : Map.S with type key = string [@@ancient.order standard] "
		 "val root : int M.t",
		 false, 1);
}

/* ---- Many keys ----------------------------------------------------------------------- */

#define ASKED 6000

/* As a program would give it: strings and integers of its own, all else from the file. */
static struct ancient_key key_of(struct ancient_value value)
{
	const char *bytes;
	size_t length;
	if (ancient_value_is_int(value))
		return ancient_key_int(ancient_value_to_int(value));
	if (ancient_string_get(file, value, &bytes, &length, NULL) == ANCIENT_OK)
		return ancient_key_string(bytes, length);
	return ancient_key_value(value);
}

/* An answer of OCaml's: -1 where it found nothing, 0 where a set has the key. */
static void answer_is(const struct ancient_schema *schema, const struct ancient_key *key,
		      bool found, struct ancient_typed value, struct ancient_value want)
{
	int64_t number = 0;
	int order;
	CHECK(found == (ancient_value_to_int(want) >= 0));
	if (!found)
		return;
	if (ancient_typed_int(file, schema, value, &number, NULL) == ANCIENT_OK &&
	    number == ancient_value_to_int(want))
		return;
	CHECK(ancient_value_to_int(want) == 0); /* the element of a set */
	CHECK(ancient_key_compare(file, value.value, key, &order, &err) == ANCIENT_OK);
	CHECK(order == 0);
}

static void find_asked(uint64_t at, const char *text)
{
	static struct ancient_key keys[ASKED];
	static struct ancient_typed values[ASKED];
	static bool found[ASKED];
	struct ancient_schema *schema = parse(text);
	struct ancient_typed table = ancient_typed_root(schema, root(at));
	struct ancient_block asked, answers;
	struct ancient_lookup lookup;
	size_t counted, first = 0, present = 0;
	ancient_lookup_init(file, schema, table, &lookup);
	CHECK(ancient_block_get(file, root(at + 1), &asked, &err) == ANCIENT_OK);
	CHECK(ancient_block_get(file, root(at + 2), &answers, &err) == ANCIENT_OK);
	CHECK(asked.size == ASKED && answers.size == ASKED);
	for (size_t i = 0; i < ASKED; i++) {
		struct ancient_typed value = {0};
		keys[i] = key_of(item(&asked, i));
		enum ancient_code code =
			ancient_typed_find(file, schema, table, &keys[i], &value, &err);
		CHECK(code == ANCIENT_OK || code == ANCIENT_E_NO_KEY);
		answer_is(schema, &keys[i], code == ANCIENT_OK, value, item(&answers, i));
		present += code == ANCIENT_OK;
		CHECK(ancient_lookup_find(&lookup, &keys[i], &value, &err) == code);
		answer_is(schema, &keys[i], code == ANCIENT_OK, value, item(&answers, i));
	}
	CHECK(ancient_typed_find_many(file, schema, table, keys, ASKED, values, found, &counted,
				      &err) == ANCIENT_OK);
	CHECK(counted == present);
	for (size_t i = 0; i < ASKED; i++)
		answer_is(schema, &keys[i], found[i], values[i], item(&answers, i));
	/* The same in calls of 0, 1, 2, ... keys. */
	for (size_t some = 0; first < ASKED; first += some++) {
		size_t taken = some < ASKED - first ? some : ASKED - first;
		CHECK(ancient_typed_find_many(file, schema, table, keys + first, taken, values,
					      found, &counted, &err) == ANCIENT_OK);
		for (size_t i = 0; i < taken; i++)
			answer_is(schema, &keys[first + i], found[i], values[i],
				  item(&answers, first + i));
	}
	ancient_schema_close(schema);
}

static void random_keys_are_found_as_in_ocaml_one_by_one_and_many_at_once(void)
{
	static const char *const texts[] = {
		"val root : (string, int) Hashtbl.t",
		"val root : (int, int) Hashtbl.t",
		"val root : (int64, int) Hashtbl.t",
		"val root : (int * string, int) Hashtbl.t",
		"val root : (float * int, int) Hashtbl.t",
		"module M : Map.S with type key = string [@@ancient.order standard] "
		"val root : int M.t",
		"module M : Map.S with type key = int [@@ancient.order standard] val root : int "
		"M.t",
		"module M : Set.S with type elt = string [@@ancient.order standard] val root : M.t",
		"module M : Set.S with type elt = int [@@ancient.order standard] val root : M.t",
		/* A lie about the keys, which lookups never look at. */
		"val root : (unit, int) Hashtbl.t",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		find_asked(20 + 3 * i, texts[i]);
}

static void hidden_bindings_are_told_apart(void)
{
	struct ancient_schema *schema = parse("val root : (string, int) Hashtbl.t");
	struct ancient_typed table = ancient_typed_root(schema, root(10)), key, value;
	struct ancient_key wanted = ancient_key_string("word 0", 6);
	struct ancient_iterator it;
	unsigned all = 0, hidden = 0;
	int64_t number;
	bool is;
	CHECK(ancient_iterator_init(file, schema, table, &it, &err) == ANCIENT_OK);
	while (ancient_iterator_next(&it, &key, &value, &err) == ANCIENT_OK) {
		CHECK(ancient_iterator_hidden(&it, &is, &err) == ANCIENT_OK);
		all++;
		hidden += is;
	}
	CHECK(err.code == ANCIENT_E_NO_INDEX);
	CHECK(all == ENTRIES + 1 && hidden == 1);
	CHECK(ancient_iterator_init_key(file, schema, table, &wanted, &it, &err) == ANCIENT_OK);
	for (int64_t want = -1; want <= 0; want++) {
		CHECK(ancient_iterator_next(&it, &key, &value, &err) == ANCIENT_OK);
		CHECK(ancient_typed_int(file, schema, value, &number, &err) == ANCIENT_OK);
		CHECK(number == want);
	}
	CHECK(ancient_iterator_next(&it, &key, &value, &err) == ANCIENT_E_NO_INDEX);
	ancient_schema_close(schema);
}

static void maps_are_walked_in_order(void)
{
	struct ancient_schema *schema =
		parse("module M : Map.S with type key = string val root : int M.t");
	struct ancient_typed key, value, last = {0};
	struct ancient_iterator it;
	uint64_t seen = 0;
	int order;
	CHECK(ancient_iterator_init(file, schema, ancient_typed_root(schema, root(14)), &it,
				    &err) == ANCIENT_OK);
	for (; ancient_iterator_next(&it, &key, &value, &err) == ANCIENT_OK; seen++, last = key)
		if (seen > 0) {
			CHECK(ancient_value_compare(file, last.value, key.value, &order, &err) ==
			      ANCIENT_OK);
			CHECK(order < 0);
		}
	CHECK(err.code == ANCIENT_E_NO_INDEX && seen == ENTRIES);
	ancient_schema_close(schema);
}

int main(int argc, char **argv)
{
	char path[64], command[4096];
	CHECK(argc >= 2);
	if (getenv("ANCIENT_SMALL_RUN")) /* tests/meson.build */
		count = 20000;
	if (argc > 2)
		count = strtoull(argv[2], NULL, 10);
	test_begin();
	test_path(path, "lookups");
	snprintf(command, sizeof(command), "'%s' '%s' %llu", argv[1], path,
		 (unsigned long long)count);
	CHECK(system(command) == 0);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	every_value_hashes_as_in_ocaml();
	every_pair_compares_as_in_ocaml();
	a_key_is_the_value_it_describes();
	keys_are_found_in_tables();
	keys_are_found_in_maps_and_sets();
	a_wrong_declaration_hides_nothing();
	random_keys_are_found_as_in_ocaml_one_by_one_and_many_at_once();
	hidden_bindings_are_told_apart();
	maps_are_walked_in_order();
	ancient_file_close(file);
	test_end();
	return 0;
}
