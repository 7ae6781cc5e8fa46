/* tests/c-reader: ranges of maps and sets hold what OCaml finds between the same keys.
 *
 *     test_ranges_ocaml PROGRAM-OF-ranges.ml */
#include "build_file.h"

#include <ancient_schema.h>

static struct ancient_file *file;
static struct ancient_error err;

static struct ancient_value root(uint64_t key)
{
	struct ancient_value value;
	CHECK(ancient_file_get(file, key, &value, &err) == ANCIENT_OK);
	return value;
}

static struct ancient_value item(struct ancient_value array, uint64_t index)
{
	struct ancient_value value;
	struct ancient_block block;
	CHECK(ancient_block_get(file, array, &block, &err) == ANCIENT_OK);
	CHECK(ancient_block_field(file, &block, index, &value, &err) == ANCIENT_OK);
	return value;
}

static uint64_t size_of(struct ancient_value array)
{
	struct ancient_block block;
	CHECK(ancient_block_get(file, array, &block, &err) == ANCIENT_OK);
	return block.size;
}

/* One container, opened. */
struct group {
	struct ancient_schema *schema;
	struct ancient_typed typed;
	uint64_t size;
	bool map;
};

/* Whether a binding is what the answer says: its value, or the place of an element in the set. */
static bool is_binding(const struct group *g, struct ancient_typed key, struct ancient_typed value,
		       int64_t number, const struct ancient_value *elements)
{
	return g->map ? ancient_value_to_int(value.value) == number
		      : key.value.word == elements[number].word;
}

/* The range is the answer, forwards and backwards. */
static void hold(const struct group *g, struct ancient_range_bounds bounds,
		 struct ancient_value answer, const struct ancient_value *elements)
{
	const uint64_t size = size_of(answer);
	for (int backwards = 0; backwards < 2; backwards++) {
		struct ancient_range range;
		struct ancient_typed key, value = {0};
		uint64_t seen = 0;
		int64_t number;
		enum ancient_code code;
		bounds.backwards = backwards == 1;
		code = ancient_range_init(file, g->schema, g->typed, &bounds, &range, &err);
		if (code != ANCIENT_OK)
			fprintf(stderr, "%s\n", err.message);
		CHECK(code == ANCIENT_OK);
		while ((code = ancient_range_next(&range, &key, &value, &err)) == ANCIENT_OK) {
			CHECK(seen < size);
			number = ancient_value_to_int(
				item(answer, backwards ? size - 1 - seen : seen));
			CHECK(is_binding(g, key, value, number, elements));
			seen++;
		}
		CHECK(code == ANCIENT_E_NO_INDEX);
		CHECK(seen == size);
		CHECK(ancient_range_next(&range, &key, &value, &err) == ANCIENT_E_NO_INDEX);
	}
}

/* The same bound as a key of the caller's, where there is one. */
static bool own_key(struct ancient_value value, struct ancient_key *ret_key)
{
	struct ancient_string {
		const char *bytes;
		size_t length;
	} s;
	double number;
	if (ancient_value_is_int(value))
		*ret_key = ancient_key_int(ancient_value_to_int(value));
	else if (ancient_string_get(file, value, &s.bytes, &s.length, NULL) == ANCIENT_OK)
		*ret_key = ancient_key_string(s.bytes, s.length);
	else if (ancient_float_get(file, value, &number, NULL) == ANCIENT_OK)
		*ret_key = ancient_key_float(number);
	else
		return false;
	return true;
}

/* ---- What OCaml found ------------------------------------------------------------------ */

static void first_and_last(const struct group *g, const struct ancient_value *elements)
{
	for (int backwards = 0; backwards < 2; backwards++) {
		const struct ancient_range_bounds bounds = {.backwards = backwards == 1};
		struct ancient_range range;
		struct ancient_typed key;
		enum ancient_code code;
		CHECK(ancient_range_init(file, g->schema, g->typed, &bounds, &range, &err) ==
		      ANCIENT_OK);
		code = ancient_range_next(&range, &key, NULL, &err);
		CHECK(code == (g->size == 0 ? ANCIENT_E_NO_INDEX : ANCIENT_OK));
		if (g->size > 0)
			CHECK(key.value.word == elements[backwards ? g->size - 1 : 0].word);
	}
}

static void one_sided(const struct group *g, const struct ancient_key *low,
		      const struct ancient_value *elements)
{
	for (int side = 0; side < 4; side++) {
		const struct ancient_range_bounds bounds = {.from = side < 2 ? low : NULL,
							    .to = side < 2 ? NULL : low,
							    .from_excluded = side == 1,
							    .to_excluded = side == 3};
		struct ancient_range range;
		struct ancient_typed key;
		uint64_t first = 0, count = 0;
		int order;
		for (uint64_t i = 0; i < g->size; i++) {
			CHECK(ancient_key_compare(file, elements[i], low, &order, &err) ==
			      ANCIENT_OK);
			if (side == 0 ? order < 0 : side == 1 ? order <= 0 : false)
				first++;
			else if (side == 2 ? order <= 0 : side == 3 ? order < 0 : true)
				count++;
		}
		CHECK(ancient_range_init(file, g->schema, g->typed, &bounds, &range, &err) ==
		      ANCIENT_OK);
		for (uint64_t i = 0; i < count; i++) {
			CHECK(ancient_range_next(&range, &key, NULL, &err) == ANCIENT_OK);
			CHECK(key.value.word == elements[first + i].word);
		}
		CHECK(ancient_range_next(&range, &key, NULL, &err) == ANCIENT_E_NO_INDEX);
	}
}

/* Bounds as values of the file, and as keys. */
static uint64_t bounded(const struct group *g, uint64_t at, const struct ancient_value *elements)
{
	const struct ancient_value asked = root(at + 1), answers = root(at + 2);
	const uint64_t count = size_of(answers);
	for (uint64_t i = 0; i < count; i++) {
		struct ancient_value low = item(item(asked, 2 * i), 0),
				     high = item(item(asked, 2 * i + 1), 0);
		struct ancient_key from = ancient_key_value(low), to = ancient_key_value(high);
		bool again = true;
		if (i < 20)
			one_sided(g, &from, elements);
		for (int own = 0; own < 2 && again; own++) {
			for (unsigned excluded = 0; excluded < 4; excluded++) {
				const struct ancient_range_bounds bounds = {
					.from = &from,
					.to = &to,
					.from_excluded = (excluded & 1) != 0,
					.to_excluded = (excluded & 2) != 0};
				hold(g, bounds, item(item(answers, i), excluded), elements);
			}
			again = own_key(low, &from) && own_key(high, &to);
		}
	}
	return count;
}

static void prefixes(const struct group *g)
{
	const struct ancient_value asked = root(13), answers = root(14);
	for (uint64_t i = 0; i < size_of(asked); i++) {
		struct ancient_range_bounds bounds = {0};
		CHECK(ancient_string_get(file, item(asked, i), &bounds.prefix,
					 &bounds.prefix_length, &err) == ANCIENT_OK);
		hold(g, bounds, item(answers, i), NULL);
	}
}

static uint64_t group(uint64_t number, const char *text, size_t length)
{
	struct group g;
	const uint64_t at = 10 * (number + 1);
	struct ancient_value *elements;
	struct ancient_iterator it;
	struct ancient_typed key;
	uint64_t count;
	CHECK(ancient_schema_parse(text, length, NULL, &g.schema, &err) == ANCIENT_OK);
	g.typed = ancient_typed_root(g.schema, root(at));
	g.map = ancient_schema_type(g.schema, g.typed.type)->kind == ANCIENT_TYPE_MAP;
	CHECK(ancient_typed_length(file, g.schema, g.typed, &g.size, &err) == ANCIENT_OK);
	elements = calloc(g.size + 1, sizeof(*elements));
	CHECK(elements != NULL);
	CHECK(ancient_iterator_init(file, g.schema, g.typed, &it, &err) == ANCIENT_OK);
	for (uint64_t i = 0; ancient_iterator_next(&it, &key, NULL, &err) == ANCIENT_OK; i++)
		elements[i] = key.value;
	first_and_last(&g, elements);
	count = bounded(&g, at, elements);
	if (number == 0)
		prefixes(&g);
	free(elements);
	ancient_schema_close(g.schema);
	return count;
}

int main(int argc, char **argv)
{
	char path[64], command[4096];
	struct ancient_value texts;
	uint64_t count = 0;
	CHECK(argc == 2);
	test_begin();
	test_path(path, "ranges");
	snprintf(command, sizeof(command), "'%s' '%s'", argv[1], path);
	CHECK(system(command) == 0);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	texts = root(0);
	for (uint64_t i = 0; i < size_of(texts); i++) {
		const char *text;
		size_t length;
		CHECK(ancient_string_get(file, item(texts, i), &text, &length, &err) == ANCIENT_OK);
		count += group(i, text, length);
	}
	CHECK(count == 15 * 120);
	ancient_file_close(file);
	test_end();
	return 0;
}
