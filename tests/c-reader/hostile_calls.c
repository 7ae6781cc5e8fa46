/* tests/c-reader: calls every public function of the reader's headers on hostile files, and holds
 * each call against what the headers say of all: its error, its results, its steps.
 *
 *     hostile_calls SCHEMA FILE...
 *
 * SCHEMA is the name of a file with a text.  test_hostile.py runs it on the files that
 * support/hostilefile.py makes.  Prints the functions that were called, one a line, and how many
 * calls were made.  What takes longer than a minute of processor time, or does not hold, ends it
 * with the name of the function and of the file.
 *
 *   - where a call fails, the code is in the error, which has a line of text, and every ret_
 *     variable is as it was;
 *   - steps (ancient_file_work): no more than are in proportion to what is present of the file,
 *     and to the text of what prints; the same for memory. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <ancient/format.h>
#include <ancient_access.h>
#include <ancient_bind.h>
#include <ancient_schema.h>

#define SECONDS 60      /* of processor time, for one file */
#define VALUES 40u      /* visited, of each kind */
#define ELEMENTS 100u   /* of one container */
#define TEXT (1u << 16) /* of one dump */

/* The bounds of a call: so many for each word and byte that is present, and so many besides. */
#define STEPS_A_WORD 16u
#define STEPS ((1u << 20) + 65536)
#define BYTES_A_BYTE 16u
#define BYTES (1u << 24)

/* ---- One call ----------------------------------------------------------------------- */

/* The ret_ variables of all functions; a call that fails changes none of them. */
static union outs {
	unsigned char bytes[4096];
	struct {
		uint64_t before[8];
		struct ancient_file *file;
		struct ancient_schema *schema;
		struct ancient_literal *literal;
		struct ancient_value value;
		struct ancient_typed typed, other;
		struct ancient_block block;
		struct ancient_bigarray bigarray;
		struct ancient_custom custom;
		struct ancient_z z;
		struct ancient_parts parts;
		struct ancient_iterator iterator;
		struct ancient_range range;
		struct ancient_scan scan;
		struct ancient_column column;
		struct ancient_entry entry;
		struct ancient_commit_info commit;
		struct ancient_verify_result verified;
		struct ancient_bind bind;
		enum ancient_kind kind;
		const char *text;
		char *decimal;
		const double *floats;
		double number;
		int64_t integer;
		uint64_t count;
		size_t size, rows;
		uint32_t index, fields[4], constructors[4], types[4];
		int32_t small;
		int order;
		bool is;
		unsigned char letter;
		uint64_t after[8];
	} as;
} out, before;

static struct ancient_error err;
static const struct ancient_file *file; /* whose steps are counted; NULL: none */
static const char *path, *function = "main";
static const char *called[200];
static unsigned called_count;
static unsigned long calls;
static uint64_t steps, words, printed;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\nthe last error: %s\n", path, function, what, err.message);
	exit(1);
}

static void too_long(int signal)
{
	(void)signal;
	if (write(STDERR_FILENO, function, strlen(function)) < 0 ||
	    write(STDERR_FILENO, ": takes too long\n", 17) < 0)
		_exit(2);
	_exit(1);
}

static uint64_t steps_of(void)
{
	uint64_t taken = 0, bytes = 0;

	if (file == NULL)
		return 0;
	ancient_file_work(file, &taken, &bytes);
	if (bytes > BYTES_A_BYTE * 8 * words + BYTES)
		fail("more memory than its bound");
	return taken;
}

static void note(const char *name)
{
	for (unsigned i = 0; i < called_count; i++)
		if (called[i] == name || strcmp(called[i], name) == 0)
			return;
	if (called_count == sizeof(called) / sizeof(called[0]))
		fail("more functions than there is room for");
	called[called_count++] = name;
}

static void begin(const char *name)
{
	note(name);
	function = name;
	calls++;
	memset(&out, 0xA5, sizeof(out));
	memset(&before, 0xA5, sizeof(before));
	memset(&err, 0xA5, sizeof(err));
	printed = 0;
	steps = steps_of();
}

static void check_steps(void)
{
	if (steps_of() - steps > STEPS_A_WORD * words + STEPS + printed)
		fail("more steps than its bound");
}

static bool end(enum ancient_code code)
{
	check_steps();
	if (code == ANCIENT_OK)
		return true;
	if (err.code != code)
		fail("its error has another code than it returned");
	if (memchr(err.message, 0, sizeof(err.message)) == NULL || err.message[0] == '\0' ||
	    strchr(err.message, '\n') != NULL)
		fail("its error has no line of text");
	if (memcmp(&out, &before, sizeof(out)) != 0)
		fail("it failed and changed a result");
	return false;
}

/* Functions that return a code, their last argument being `err`; and all others. */
#define TRY(name, ...) (begin(#name), end(name(__VA_ARGS__, &err)))
#define CALL(name, ...)                                                                            \
	do {                                                                                       \
		begin(#name);                                                                      \
		name(__VA_ARGS__);                                                                 \
		check_steps();                                                                     \
	} while (0)
#define GIVES(name, ...) (begin(#name), name(__VA_ARGS__))

/* Reads every byte. */
static void touch(const void *bytes, size_t length)
{
	const volatile unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		(void)at[i];
}

static bool print(void *context, const char *text, size_t length)
{
	(void)context;
	touch(text, length);
	printed += length;
	return true;
}

static bool go_on(void *context, uint64_t done, uint64_t total)
{
	(void)context;
	return done > total && total == UINT64_MAX;
}

static const struct ancient_dump_options dump_options = {
	.write = print, .progress = go_on, .limit = TEXT};

/* ---- Values ------------------------------------------------------------------------- */

static struct ancient_value values[VALUES];
static unsigned value_count;

static void meet_value(struct ancient_value value)
{
	if (value_count < VALUES)
		values[value_count++] = value;
}

static void use_fields(struct ancient_value value)
{
	struct ancient_block block;

	if (!TRY(ancient_block_get, file, value, &out.as.block))
		return;
	block = out.as.block;
	for (uint64_t i = 0; i < block.size && i < 40; i++) {
		if (!TRY(ancient_block_field, file, &block, i, &out.as.value))
			continue;
		struct ancient_value field = out.as.value;
		if (!ancient_value_is_int(field))
			meet_value(field);
	}
	TRY(ancient_block_field, file, &block, block.size, &out.as.value);
}

static void use_value(struct ancient_value value, struct ancient_value other)
{
	const struct ancient_key key = ancient_key_value(other);

	if (TRY(ancient_value_kind, file, value, &out.as.kind)) {
		enum ancient_kind kind = out.as.kind;
		touch(GIVES(ancient_kind_name, kind), 1);
	}
	if (GIVES(ancient_value_is_int, value))
		GIVES(ancient_value_to_int, value);
	TRY(ancient_value_force, file, value, &out.as.value);
	use_fields(value);
	if (TRY(ancient_string_get, file, value, &out.as.text, &out.as.size))
		touch(out.as.text, out.as.size + 1);
	TRY(ancient_float_get, file, value, &out.as.number);
	if (TRY(ancient_float_array_get, file, value, &out.as.floats, &out.as.size))
		touch(out.as.floats, 8 * out.as.size);
	TRY(ancient_boxed_int_get, file, value, &out.as.integer);
	if (TRY(ancient_bigarray_get, file, value, &out.as.bigarray))
		touch(out.as.bigarray.data, out.as.bigarray.count * out.as.bigarray.item_bytes);
	if (TRY(ancient_custom_get, file, value, &out.as.custom))
		touch(out.as.custom.payload, out.as.custom.bytes);
	TRY(ancient_hashtbl_find_string, file, value, "vim", 3, &out.as.value);
	TRY(ancient_value_hash, file, value, 7, &out.as.index);
	TRY(ancient_value_compare, file, value, other, &out.as.order);
	TRY(ancient_key_hash, file, &key, 7, &out.as.index);
	TRY(ancient_key_compare, file, value, &key, &out.as.order);
	TRY(ancient_value_dump, file, value, &dump_options);
}

static void use_values(struct ancient_value root, struct ancient_value other)
{
	const struct ancient_value seven = {15};

	value_count = 0;
	meet_value(root);
	meet_value(other);
	meet_value(seven);
	for (unsigned i = 0; i < value_count; i++)
		use_value(values[i], values[(i * 7 + 1) % value_count]);
}

/* ---- Typed values ------------------------------------------------------------------- */

static struct ancient_schema *schema;
static struct ancient_typed typeds[VALUES];
static unsigned typed_count;

static void meet(struct ancient_typed typed)
{
	if (typed_count == VALUES) {
		/* Later ones take the place of some, so that every kind is met. */
		typeds[(typed.value.word / 8 + typed.type) % VALUES] = typed;
		return;
	}
	typeds[typed_count++] = typed;
}

static void use_leaves(struct ancient_typed typed)
{
	TRY(ancient_typed_check, file, schema, typed);
	TRY(ancient_typed_int, file, schema, typed, &out.as.integer);
	TRY(ancient_typed_float, file, schema, typed, &out.as.number);
	if (TRY(ancient_typed_string, file, schema, typed, &out.as.text, &out.as.size))
		touch(out.as.text, out.as.size + 1);
	if (TRY(ancient_typed_z, file, schema, typed, &out.as.z))
		touch(out.as.z.magnitude, out.as.z.bytes);
	if (TRY(ancient_typed_z_text, file, schema, typed, &out.as.decimal))
		free(out.as.decimal);
	if (TRY(ancient_typed_floats, file, schema, typed, &out.as.floats, &out.as.size))
		touch(out.as.floats, 8 * out.as.size);
	if (TRY(ancient_typed_bigarray, file, schema, typed, &out.as.bigarray))
		touch(out.as.bigarray.data, out.as.bigarray.count * out.as.bigarray.item_bytes);
}

static void use_parts(struct ancient_typed typed)
{
	const struct ancient_type *type = GIVES(ancient_schema_type, schema, typed.type);
	struct ancient_parts parts;

	for (uint32_t i = 0; TRY(ancient_typed_field, file, schema, typed, i, &out.as.typed); i++)
		meet(out.as.typed);
	TRY(ancient_typed_field_named, file, schema, typed,
	    type->field_count > 0 && type->fields[0].name != NULL ? type->fields[0].name : "c",
	    &out.as.typed);
	if (TRY(ancient_typed_constructor, file, schema, typed, &out.as.index) &&
	    out.as.index >= type->constructor_count)
		fail("no constructor of its type");
	for (uint32_t i = 0; TRY(ancient_typed_argument, file, schema, typed, i, &out.as.typed);
	     i++)
		meet(out.as.typed);
	if (TRY(ancient_typed_option, file, schema, typed, &out.as.is, &out.as.typed) && out.as.is)
		meet(out.as.typed);
	if (TRY(ancient_typed_result, file, schema, typed, &out.as.is, &out.as.typed))
		meet(out.as.typed);
	if (TRY(ancient_typed_contents, file, schema, typed, &out.as.typed))
		meet(out.as.typed);
	if (!TRY(ancient_typed_parts, file, schema, typed, &out.as.parts))
		return;
	parts = out.as.parts;
	for (uint64_t i = 0; parts.words != NULL && i < parts.count && i < ELEMENTS; i++)
		GIVES(ancient_parts_get, &parts, i, typed.type);
}

static void use_access(struct ancient_typed typed)
{
	struct ancient_access access;
	const struct ancient_type *type;
	const struct ancient_field *field;
	const unsigned char *fields;
	uint64_t word;

	CALL(ancient_access_init, file, schema, &access);
	TRY(ancient_access_field, &access, typed, 1, &out.as.typed);
	TRY(ancient_access_int, &access, typed, &out.as.integer);
	TRY(ancient_access_float, &access, typed, &out.as.number);
	TRY(ancient_access_any_int, &access, typed, 16, &out.as.integer);
	TRY(ancient_access_any_float, &access, typed, 0, &out.as.number);
	TRY(ancient_access_field_int, &access, typed, 16, &out.as.integer);
	TRY(ancient_access_field_float, &access, typed, 0, &out.as.number);
	if (GIVES(ancient_access_type, &access, typed, &type))
		touch(type, sizeof(*type));
	if (GIVES(ancient_access_word, &access, typed, 0, &field, &word))
		touch(field, sizeof(*field));
	GIVES(ancient_access_double, &access, typed.value.word, &out.as.number);
	GIVES(ancient_access_place, access.first, typed.value.word);
	if (GIVES(ancient_access_block, &access, typed.value.word, 2, 0, &fields))
		GIVES(ancient_access_load, fields);
	if (!GIVES(ancient_access_stands, &access))
		fail("nobody tore the file");
}

static void use_bind(struct ancient_typed typed)
{
	const uint32_t indices[2] = {0, 1};
	struct ancient_bind bind = {.file = file, .schema = schema, .root = typed};
	struct ancient_key parts[3] = {ancient_key_int(1), ancient_key_int(2), ancient_key_int(3)};
	struct ancient_key key;
	double numbers[2];

	TRY(ancient_bind_kind, &bind, typed, indices, 2, &out.as.index);
	TRY(ancient_bind_argument, &bind, typed, 1, 0, &out.as.typed);
	TRY(ancient_bind_bool, &bind, typed, &out.as.is);
	TRY(ancient_bind_char, &bind, typed, &out.as.letter);
	TRY(ancient_bind_int32, &bind, typed, &out.as.small);
	CALL(ancient_bind_key_record, &bind, typed.type, parts, 2, numbers, &key);
	key = GIVES(ancient_bind_key_of, key, parts, numbers);
	CALL(ancient_bind_key_constructor, &bind, typed.type, 0, parts, 2, &key);
	CALL(ancient_bind_key_part, parts, 2, typed.type, key);
}

/* ---- Containers --------------------------------------------------------------------- */

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
	while (count < ELEMENTS && TRY(ancient_iterator_next, &it, &out.as.typed, &out.as.other)) {
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
	while (count++ < ELEMENTS && TRY(ancient_range_next, &range, &out.as.typed, &out.as.other))
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

static void take_column(struct ancient_typed typed, bool all, bool of_key, const char *column_path)
{
	static char data[ELEMENTS * sizeof(struct ancient_bytes)];
	static uint8_t present[ELEMENTS];
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
	if (all)
		CALL(ancient_scan_share, &scan, 1, 2);
	for (unsigned i = 0; more && i < 20; i++)
		more = TRY(ancient_scan_next, &scan, &column, 1, ELEMENTS, &out.as.rows) &&
		       out.as.rows == ELEMENTS;
	scan.done = false;
	TRY(ancient_scan_next, &scan, &column, 0, 1, &out.as.rows);
}

static void use_elements(struct ancient_typed typed)
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
					    "a.q.length"};
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

static void use_typed(struct ancient_typed typed)
{
	static const char *const paths[] = {"a.a.a.s",     "l[3].h",   ".!.a.!.q[1]",
					    "p[0].v.V2.c", "h[3]",     "e[E]",
					    "m",           "[0].x.Ok", "k[({}, E)]"};

	use_leaves(typed);
	use_parts(typed);
	use_access(typed);
	use_bind(typed);
	use_elements(typed);
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		TRY(ancient_path_get, file, schema, typed, paths[i], &out.as.typed);
	TRY(ancient_typed_dump, file, schema, typed, &dump_options);
}

static void use_typeds(struct ancient_value root)
{
	typed_count = 0;
	meet(GIVES(ancient_typed_root, schema, root));
	meet(GIVES(ancient_typed_of, root, 0));
	meet(GIVES(ancient_typed_of, root, ancient_schema_type_count(schema) - 1));
	for (unsigned i = 0; i < typed_count; i++)
		use_typed(typeds[i]);
}

/* ---- Files -------------------------------------------------------------------------- */

static void use_entries(void)
{
	struct ancient_cursor cursor;
	unsigned count = 0;

	CALL(ancient_cursor_init, file, 0, &cursor);
	while (TRY(ancient_cursor_next, &cursor, &out.as.entry))
		if (count++ > 1000)
			fail("more entries than the file has");
	if (err.code != ANCIENT_E_NO_KEY && err.code != ANCIENT_E_BAD_DIRECTORY)
		fail("neither the end nor damage");
	TRY(ancient_file_entry, file, 2, &out.as.entry);
	TRY(ancient_file_entry, file, UINT64_MAX, &out.as.entry);
	TRY(ancient_file_entry_named, file, "three", 5, &out.as.entry);
	TRY(ancient_file_entry_named, file, "", 0, &out.as.entry);
}

static void use_log(void)
{
	struct ancient_log log;

	CALL(ancient_log_init, file, &log);
	while (TRY(ancient_log_next, &log, &out.as.commit))
		continue;
}

/* Verification is bounded by the file, holes included. */
static void use_whole(const struct ancient_info *info)
{
	struct ancient_verify_options options = {.progress = go_on, .threads = 2};
	uint64_t present = words;

	words = info->used / 8;
	TRY(ancient_file_verify, file, &options, &out.as.verified);
	TRY(ancient_file_verify, file, NULL, NULL);
	TRY(ancient_file_prefetch, file);
	TRY(ancient_file_live_bytes, file, &options, &out.as.count);
	words = present;
	TRY(ancient_file_stands, file);
	TRY(ancient_file_check, file, &out.as.is);
}

static void use_tables(void)
{
	static const struct ancient_bind_type types[1] = {
		{.kind = ANCIENT_TYPE_INT, .name = "int"}};
	static const struct ancient_bind_table table = {types, NULL, NULL, 1, 0};
	const struct ancient_value one = {1};
	struct ancient_bind bind;

	TRY(ancient_bind_value, file, schema, one, "it", &table, &out.as.bind, out.as.fields,
	    out.as.constructors, out.as.types);
	if (TRY(ancient_bind_key, file, 4, &table, &out.as.bind, out.as.fields, out.as.constructors,
		out.as.types)) {
		bind = out.as.bind;
		CALL(ancient_bind_close, &bind);
	}
	TRY(ancient_bind_key, file, 2, &table, &out.as.bind, out.as.fields, out.as.constructors,
	    out.as.types);
	if (TRY(ancient_bind_named, file, "three", 5, &table, &out.as.bind, out.as.fields,
		out.as.constructors, out.as.types)) {
		bind = out.as.bind;
		CALL(ancient_bind_close, &bind);
	}
}

static void use_types(const char *text, size_t length)
{
	struct ancient_schema *again;
	uint8_t fingerprint[16];

	if (!TRY(ancient_schema_parse, text, length, "it", &out.as.schema))
		fail("the schema is none");
	schema = out.as.schema;
	TRY(ancient_schema_parse, text, length / 2, NULL, &out.as.schema);
	again = GIVES(ancient_schema_ref, schema);
	CALL(ancient_schema_close, again);
	touch(GIVES(ancient_schema_text, schema, &out.as.size), length);
	GIVES(ancient_schema_encoding, schema, NULL);
	CALL(ancient_schema_fingerprint, schema, fingerprint);
	GIVES(ancient_schema_root, schema);
	for (uint32_t i = 0; i <= GIVES(ancient_schema_type_count, schema); i++) {
		const struct ancient_type *type = GIVES(ancient_schema_type, schema, i);
		if (type != NULL)
			GIVES(ancient_type_kind_name, type->kind);
		GIVES(ancient_type_field_index, schema, i, "s", 1);
		GIVES(ancient_type_constructor_index, schema, i, "V2", 2);
	}
}

static void use_names(void)
{
	begin("ancient_version");
	touch(ancient_version(), 1);
	for (int i = -1; i < 100; i++) {
		touch(GIVES(ancient_code_text, (enum ancient_code)i), 1);
		touch(GIVES(ancient_code_name, (enum ancient_code)i), 1);
		touch(GIVES(ancient_rule_name, (unsigned)i * 7), 1);
	}
}

/* Opens in every way, and leaves the last open; NULL where it cannot be opened. */
static struct ancient_file *open_file(void)
{
	const struct ancient_options options = {.guard = true}, first = {.generation = 1};
	struct ancient_file *opened, *again;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail("there is no such file");
	if (TRY(ancient_file_open_fd, fd, NULL, NULL, &out.as.file)) {
		opened = out.as.file;
		CALL(ancient_file_close, opened);
	}
	close(fd);
	TRY(ancient_file_open, "/nowhere/at/all", NULL, &out.as.file);
	TRY(ancient_file_open, path, &first, &out.as.file);
	if (!TRY(ancient_file_open, path, &options, &out.as.file))
		return NULL;
	opened = out.as.file;
	if (TRY(ancient_file_reopen, opened, &out.as.file)) {
		again = out.as.file;
		CALL(ancient_file_close, again);
	}
	again = GIVES(ancient_file_ref, opened);
	CALL(ancient_file_close, again);
	return opened;
}

static void use_file(void)
{
	struct ancient_value roots[2] = {{1}, {1}};
	struct ancient_file *opened;
	struct ancient_info info;

	words = 0;
	opened = open_file();
	if (opened == NULL)
		return;
	CALL(ancient_file_info, opened, &info);
	CALL(ancient_file_work, opened, &out.as.count, &out.as.before[0]);
	file = opened;
	words = info.present / 8;
	use_entries();
	use_log();
	use_whole(&info);
	use_tables();
	for (unsigned i = 0; i < 2; i++)
		if (TRY(ancient_file_get, file, 2 + i, &out.as.value))
			roots[i] = out.as.value;
	TRY(ancient_file_get, file, 77, &out.as.value);
	use_values(roots[0], roots[1]);
	for (unsigned i = 0; i < 2; i++)
		use_typeds(roots[i]);
	file = NULL;
	CALL(ancient_file_close, opened);
}

int main(int argc, char **argv)
{
	const struct itimerval limit = {.it_value = {.tv_sec = SECONDS}};
	static char text[65536];
	size_t length;
	FILE *in;

	path = argc > 1 ? argv[1] : "";
	in = fopen(path, "r");
	if (in == NULL)
		fail("no schema");
	length = fread(text, 1, sizeof(text), in);
	fclose(in);
	signal(SIGPROF, too_long);
	use_names();
	use_types(text, length);
	for (int i = 2; i < argc; i++) {
		path = argv[i];
		setitimer(ITIMER_PROF, &limit, NULL);
		use_file();
	}
	ancient_schema_close(schema);
	for (unsigned i = 0; i < called_count; i++)
		puts(called[i]);
	printf("%lu\n", calls);
	return 0;
}
