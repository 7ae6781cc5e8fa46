/* tests/c-reader/hostile: the functions for lists, arrays, tables, maps and sets: iteration,
 * lookups, columns. */
#include "call.h"

/* The elements, or the bindings of `key`; keys and values are visited too. */
static unsigned walk(struct ancient_typed typed, const struct ancient_key *key,
		     struct ancient_typed keys[2])
{
	struct ancient_iterator it;
	unsigned count = 0;

	if (key != NULL
		    ? !TRY(ancient_iterator_init_key, file, schema, typed, key, &out.as.iterator)
		    : !TRY(ancient_iterator_init, file, schema, typed, &out.as.iterator))
		return 0;
	it = out.as.iterator;
	while (count < ELEMENTS && STEP(ancient_iterator_next, &it, &out.as.typed, &out.as.other)) {
		struct ancient_typed value = out.as.other;
		keys[count++ > 0] = out.as.typed;
		meet(out.as.typed);
		/* Untouched where there is none. */
		if (value.type < ancient_schema_type_count(schema))
			meet(value);
		TRY(ancient_iterator_hidden, &it, &out.as.is);
	}
	return count;
}

static void look_for(struct ancient_typed typed, const struct ancient_key *key)
{
	const struct ancient_key keys[3] = {*key, ancient_key_int(3), *key};
	struct ancient_typed found[3];
	struct ancient_lookup lookup;
	bool has[3];

	TRY(ancient_typed_find, file, schema, typed, key, &out.as.typed);
	TRY(ancient_typed_find_many, file, schema, typed, keys, 3, found, has, &out.as.size);
	CALL(ancient_lookup_init, file, schema, typed, &lookup);
	TRY(ancient_lookup_find, &lookup, key, &out.as.typed);
	walk(typed, key, found);
}

/* A key of each kind that a caller can make, by both ways of making one. */
static void look_for_made(struct ancient_typed typed)
{
	static const double numbers[2] = {1, 2};
	struct ancient_key parts[2], key[9];

	key[0] = GIVES(ancient_key_int, 3);
	key[1] = GIVES(ancient_key_string, "vim", 3);
	key[2] = GIVES(ancient_key_float, 1.5);
	key[3] = GIVES(ancient_key_boxed, ANCIENT_KEY_INT64, -7);
	key[4] = GIVES(ancient_key_floats, numbers, 2);
	parts[0] = key[1];
	parts[1] = key[2];
	key[5] = GIVES(ancient_key_block, 5, &parts[0], 1);
	key[6] = GIVES(ancient_key_tuple, parts, 2);
	key[7] = GIVES(ancient_key_value, typed.value);
	for (unsigned i = 0; i < 8; i++)
		look_for(typed, &key[i]);
	CALL(ancient_key_init_int, &key[0], 3);
	CALL(ancient_key_init_string, &key[1], "vim", 3);
	CALL(ancient_key_init_float, &key[2], 1.5);
	CALL(ancient_key_init_boxed, &key[3], ANCIENT_KEY_INT64, -7);
	CALL(ancient_key_init_floats, &key[4], numbers, 2);
	CALL(ancient_key_init_block, &key[5], 5, &parts[0], 1);
	CALL(ancient_key_init_tuple, &key[6], parts, 2);
	CALL(ancient_key_init_value, &key[7], typed.value);
	for (unsigned i = 0; i < 8; i++)
		TRY(ancient_typed_find, file, schema, typed, &key[i], &out.as.typed);
}

static void use_range(struct ancient_typed typed, const struct ancient_range_bounds *bounds)
{
	struct ancient_range range;
	unsigned count = 0;

	if (!TRY(ancient_range_init, file, schema, typed, bounds, &out.as.range))
		return;
	range = out.as.range;
	while (count++ < ELEMENTS && STEP(ancient_range_next, &range, &out.as.typed, &out.as.other))
		meet(out.as.typed);
}

/* Ranges with each side bounded and not, by keys of the container and by others, both ways. */
static void use_ranges(struct ancient_typed typed, const struct ancient_typed keys[2])
{
	const struct ancient_key from = ancient_key_value(keys[0].value);
	const struct ancient_key to = ancient_key_value(keys[1].value);
	const struct ancient_key made = ancient_key_block(5, &from, 1);

	for (unsigned how = 0; how < 64; how++) {
		const struct ancient_range_bounds bounds = {.from = (how & 1) == 0   ? NULL
								    : (how & 8) != 0 ? &made
										     : &from,
							    .to = (how & 2) == 0 ? NULL : &to,
							    .backwards = (how & 4) != 0,
							    .from_excluded = (how & 16) != 0,
							    .to_excluded = (how & 16) != 0,
							    .prefix =
								    (how & 32) != 0 ? "vim" : NULL,
							    .prefix_length = how & 3};
		use_range(typed, &bounds);
	}
	use_range(typed, NULL);
}

static void use_texts(struct ancient_typed typed)
{
	static const char *const texts[] = {"3", "\"vim\"", "P (E, F 1.5)", "U (L [E; I 3L])"};
	const struct ancient_type *type = ancient_schema_type(schema, typed.type);
	uint32_t of = type->argument_count > 0 ? type->arguments[0] : typed.type;

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t length = strlen(texts[i]);
		TRY(ancient_typed_at, file, schema, typed, texts[i], length, &out.as.typed);
		if (!TRY(ancient_literal_parse, schema, of, texts[i], length, &out.as.literal))
			continue;
		struct ancient_literal *literal = out.as.literal;
		look_for(typed, GIVES(ancient_literal_key, literal));
		CALL(ancient_literal_free, literal);
	}
}

/* Room for no more values than that. */
static bool grow(struct ancient_column_values *values, size_t wanted)
{
	static char data[4 * ELEMENTS * sizeof(struct ancient_bytes)];
	static uint8_t present[4 * ELEMENTS];

	values->data = data;
	values->present = present;
	values->capacity = 4 * ELEMENTS;
	return wanted <= values->capacity;
}

static void take_column(struct ancient_typed typed, bool all, bool of_key, const char *column_path)
{
	static char data[ELEMENTS * sizeof(struct ancient_bytes)];
	static uint8_t present[ELEMENTS];
	static int64_t offsets[ELEMENTS + 1];
	struct ancient_column_values values = {.offsets = offsets, .grow = grow};
	struct ancient_column column;
	struct ancient_scan scan;
	bool more = true;

	if (!TRY(ancient_scan_init, file, schema, typed, all, &out.as.scan))
		return;
	scan = out.as.scan;
	if (!TRY(ancient_column_init, &scan, of_key, column_path, &out.as.column))
		return;
	column = out.as.column;
	column.data = data;
	column.present = present;
	column.values = &values;
	if (all)
		CALL(ancient_scan_share, &scan, 1, 2);
	for (unsigned i = 0; more && i < 20; i++) {
		keep(&values, sizeof(values));
		more = STEP(ancient_scan_next, &scan, &column, 1, ELEMENTS, &out.as.rows) &&
		       out.as.rows == ELEMENTS;
		values.count = 0;
	}
	scan.done = false;
	STEP(ancient_scan_next, &scan, &column, 0, 1, &out.as.rows);
}

void use_elements(struct ancient_typed typed)
{
	static const char *const paths[] = {"",
					    "s",
					    "a.s",
					    "n",
					    "f",
					    "v",
					    "po",
					    "x.Error",
					    "[0]",
					    "z",
					    "i",
					    "o",
					    "a.a.a.q[1].xy.vx",
					    ".length",
					    "s.length",
					    "a.l.length",
					    "a.l[2].s",
					    "a.h.length",
					    "a.p[1].length",
					    "a.q.length",
					    "[*]",
					    "a.l[*].s",
					    "a.q[*].f",
					    "a.p[1][*]"};
	struct ancient_typed keys[2];
	unsigned count;

	TRY(ancient_typed_length, file, schema, typed, &out.as.count);
	for (uint64_t i = 0; i < 4; i++)
		if (TRY(ancient_typed_item, file, schema, typed, i * i * i, &out.as.typed))
			meet(out.as.typed);
	TRY(ancient_typed_item, file, schema, typed, UINT64_MAX, &out.as.typed);
	count = walk(typed, NULL, keys);
	for (unsigned i = 0; i < count && i < 2; i++) {
		const struct ancient_key key = ancient_key_value(keys[i].value);
		if (keys[i].flat == 0)
			look_for(typed, &key);
	}
	if (count > 0 && keys[0].flat == 0 && keys[count > 1].flat == 0) {
		const struct ancient_typed bounds[2] = {keys[0], keys[count > 1]};
		use_ranges(typed, bounds);
	}
	look_for_made(typed);
	use_texts(typed);
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		for (unsigned how = 0; how < 4; how++)
			take_column(typed, how & 1, how & 2, paths[i]);
}
