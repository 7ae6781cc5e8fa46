/* tests/fuzz: typed values.
 *
 * Input: a schema, a 0 byte, a file.  Whatever the schema says of the file, every accessor
 * gives a value inside the mapping or an error of its manual.  A walk that ends has met as many
 * elements as the container's length.  What a lookup finds, a walk of the same container meets.
 * Comparing the other way round gives the opposite.  A range is ordered, within its bound, and the
 * same both ways.  The dump is JSON. */
#include <ancient_access.h>

#include "typed.h"

#define VALUES 2000u  /* that are visited, below a root */
#define ELEMENTS 500u /* of one container */
#define ASKED 4u      /* keys that are looked for, of one container */

struct visit {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct ancient_typed todo[VALUES];
	unsigned count, done;
};

static void meet(struct visit *v, struct ancient_typed typed)
{
	FUZZ_CHECK(ancient_schema_type(v->schema, typed.type) != NULL);
	if (v->count < VALUES)
		v->todo[v->count++] = typed;
}

/* A field and what is in it, in one step: what both steps give, errors included, of which `code`
 * and `part` are the first. */
static void use_field(const struct ancient_access *access, struct ancient_typed typed,
		      uint32_t index, enum ancient_code code, struct ancient_typed part)
{
	struct ancient_error err = {0};
	int64_t integer = 0, one_step = 0;
	double number = 0, one_step_number = 0;
	enum ancient_code as_int = code, as_float = code;

	if (code == ANCIENT_OK) {
		as_float = ancient_typed_float(access->file, access->schema, part, &number, &err);
		as_int = ancient_typed_int(access->file, access->schema, part, &integer, &err);
	}
	FUZZ_CHECK(ancient_access_field_float(access, typed, index, &one_step_number, &fuzz_err) ==
		   as_float);
	FUZZ_CHECK(memcmp(&number, &one_step_number, sizeof(number)) == 0);
	FUZZ_CHECK(ancient_access_field_int(access, typed, index, &one_step, &fuzz_err) == as_int);
	FUZZ_CHECK(as_int == code || strcmp(err.message, fuzz_err.message) == 0);
	FUZZ_CHECK(integer == one_step);
}

/* What is read inline is what the functions give, errors included. */
static void use_access(const struct visit *v, struct ancient_typed typed)
{
	struct ancient_access access;
	struct ancient_typed part = {0}, inline_part = {0};
	struct ancient_error err;
	int64_t integer = 0, inline_integer = 0;
	double number = 0, inline_number = 0;
	enum ancient_code code;

	ancient_access_init(v->file, v->schema, &access);
	for (uint32_t i = 0; i < 3; i++) {
		code = ancient_typed_field(v->file, v->schema, typed, i, &part, &err);
		FUZZ_CHECK(ancient_access_field(&access, typed, i, &inline_part, &fuzz_err) ==
			   code);
		FUZZ_CHECK(part.value.word == inline_part.value.word &&
			   part.type == inline_part.type && part.flat == inline_part.flat);
		FUZZ_CHECK(code == ANCIENT_OK || strcmp(err.message, fuzz_err.message) == 0);
		use_field(&access, typed, i, code, part);
	}
	code = ancient_typed_int(v->file, v->schema, typed, &integer, &err);
	FUZZ_CHECK(ancient_access_int(&access, typed, &inline_integer, &fuzz_err) == code);
	FUZZ_CHECK(integer == inline_integer);
	code = ancient_typed_float(v->file, v->schema, typed, &number, &err);
	FUZZ_CHECK(ancient_access_float(&access, typed, &inline_number, &fuzz_err) == code);
	FUZZ_CHECK(memcmp(&number, &inline_number, sizeof(number)) == 0);
}

static void use_leaves(const struct visit *v, struct ancient_typed typed)
{
	struct ancient_bigarray array;
	struct ancient_z z;
	const double *floats;
	const char *bytes;
	char *text;
	size_t count;
	int64_t integer;
	double number;

	fuzz_typed_ok(ancient_typed_int(v->file, v->schema, typed, &integer, &fuzz_err));
	fuzz_typed_ok(ancient_typed_float(v->file, v->schema, typed, &number, &fuzz_err));
	if (fuzz_typed_ok(
		    ancient_typed_string(v->file, v->schema, typed, &bytes, &count, &fuzz_err))) {
		fuzz_touch(bytes, count + 1);
		FUZZ_CHECK(bytes[count] == '\0');
	}
	if (fuzz_typed_ok(ancient_typed_z(v->file, v->schema, typed, &z, &fuzz_err))) {
		FUZZ_CHECK(z.bytes % 8 == 0);
		fuzz_touch(z.magnitude, z.bytes);
	}
	if (fuzz_typed_ok(ancient_typed_z_text(v->file, v->schema, typed, &text, &fuzz_err))) {
		FUZZ_CHECK(strspn(text + (text[0] == '-'), "0123456789") ==
			   strlen(text) - (text[0] == '-'));
		free(text);
	}
	if (fuzz_typed_ok(
		    ancient_typed_floats(v->file, v->schema, typed, &floats, &count, &fuzz_err)))
		fuzz_touch(floats, count * sizeof(*floats));
	if (fuzz_typed_ok(ancient_typed_bigarray(v->file, v->schema, typed, &array, &fuzz_err)))
		fuzz_touch(array.data, array.count * array.item_bytes);
}

static void use_parts(struct visit *v, struct ancient_typed typed)
{
	const struct ancient_type *type = ancient_schema_type(v->schema, typed.type);
	struct ancient_typed part;
	uint32_t index, i;
	bool is = false;

	for (i = 0; i < 300 && fuzz_typed_ok(ancient_typed_field(v->file, v->schema, typed, i,
								 &part, &fuzz_err));
	     i++)
		meet(v, part);
	FUZZ_CHECK(i == 300 || i <= type->field_count);
	if (type->kind == ANCIENT_TYPE_RECORD && type->field_count > 0)
		fuzz_typed_ok(ancient_typed_field_named(v->file, v->schema, typed,
							type->fields[0].name, &part, &fuzz_err));
	if (fuzz_typed_ok(ancient_typed_constructor(v->file, v->schema, typed, &index, &fuzz_err)))
		FUZZ_CHECK(index < type->constructor_count);
	for (i = 0; i < 300 && fuzz_typed_ok(ancient_typed_argument(v->file, v->schema, typed, i,
								    &part, &fuzz_err));
	     i++)
		meet(v, part);
	if (fuzz_typed_ok(ancient_typed_option(v->file, v->schema, typed, &is, &part, &fuzz_err)) &&
	    is)
		meet(v, part);
	if (fuzz_typed_ok(ancient_typed_result(v->file, v->schema, typed, &is, &part, &fuzz_err)))
		meet(v, part);
	if (fuzz_typed_ok(ancient_typed_contents(v->file, v->schema, typed, &part, &fuzz_err)))
		meet(v, part);
}

/* Whether a walk of the container, as far as it goes, meets what a lookup has found. */
static bool is_met(const struct visit *v, struct ancient_typed typed, struct ancient_typed found)
{
	struct ancient_iterator it;
	struct ancient_typed key, value;
	enum ancient_code code = ancient_iterator_init(v->file, v->schema, typed, &it, NULL);

	for (uint64_t n = 0; n < ELEMENTS && code == ANCIENT_OK; n++) {
		code = ancient_iterator_next(&it, &key, &value, NULL);
		if (code == ANCIENT_OK &&
		    (value.value.word == found.value.word || key.value.word == found.value.word))
			return true;
	}
	return code != ANCIENT_E_NO_INDEX; /* not walked to the end */
}

/* The same key among others in one call: it fares as alone, and so do they. */
static void look_for_many(const struct visit *v, struct ancient_typed typed,
			  const struct ancient_key *key)
{
	const struct ancient_key keys[4] = {ancient_key_string("", 0), *key, *key,
					    ancient_key_int(1)};
	struct ancient_typed values[4], alone[4];
	bool found[4];
	size_t count = 9, present = 0;
	enum ancient_code codes[4], many, bad = ANCIENT_OK;

	for (size_t i = 0; i < 4; i++) {
		codes[i] = ancient_typed_find(v->file, v->schema, typed, &keys[i], &alone[i], NULL);
		present += codes[i] == ANCIENT_OK;
		if (codes[i] != ANCIENT_OK && codes[i] != ANCIENT_E_NO_KEY)
			bad = codes[i];
	}
	many = ancient_typed_find_many(v->file, v->schema, typed, keys, 4, values, found, &count,
				       &fuzz_err);
	if (!fuzz_typed_ok(many)) {
		FUZZ_CHECK(bad != ANCIENT_OK && count == 9);
		FUZZ_CHECK(many == codes[0] || many == codes[1] || many == codes[3]);
		return;
	}
	FUZZ_CHECK(bad == ANCIENT_OK && count == present);
	for (size_t i = 0; i < 4; i++) {
		FUZZ_CHECK(found[i] == (codes[i] == ANCIENT_OK));
		FUZZ_CHECK(!found[i] || (values[i].value.word == alone[i].value.word &&
					 values[i].type == alone[i].type));
	}
}

/* A container that is kept open gives what one opened for the lookup gives. */
static void look_for_kept(const struct visit *v, struct ancient_typed typed,
			  const struct ancient_key *key)
{
	struct ancient_typed alone = {0}, value = {0};
	struct ancient_lookup lookup;
	struct ancient_error err;
	enum ancient_code code = ancient_typed_find(v->file, v->schema, typed, key, &alone, &err);

	ancient_lookup_init(v->file, v->schema, typed, &lookup);
	FUZZ_CHECK(ancient_lookup_find(&lookup, key, &value, NULL) == code);
	FUZZ_CHECK(ancient_lookup_find(&lookup, key, &value, &fuzz_err) == code);
	FUZZ_CHECK(value.value.word == alone.value.word && value.type == alone.type &&
		   value.flat == alone.flat);
	FUZZ_CHECK(code == ANCIENT_OK || strcmp(err.message, fuzz_err.message) == 0);
}

static void look_for(struct visit *v, struct ancient_typed typed, const struct ancient_key *key)
{
	struct ancient_typed found, again;
	struct ancient_iterator it;
	enum ancient_code code =
		ancient_typed_find(v->file, v->schema, typed, key, &found, &fuzz_err);

	if (fuzz_typed_ok(code)) {
		FUZZ_CHECK(is_met(v, typed, found));
		FUZZ_CHECK(ancient_typed_find(v->file, v->schema, typed, key, &again, NULL) ==
				   ANCIENT_OK &&
			   again.value.word == found.value.word && again.type == found.type);
	}
	look_for_many(v, typed, key);
	look_for_kept(v, typed, key);
	if (!fuzz_typed_ok(
		    ancient_iterator_init_key(v->file, v->schema, typed, key, &it, &fuzz_err)))
		return;
	for (unsigned n = 0;
	     n < ELEMENTS && fuzz_typed_ok(ancient_iterator_next(&it, &found, &again, &fuzz_err));
	     n++)
		meet(v, found);
}

static void use_order(const struct visit *v, struct ancient_value left, struct ancient_value right)
{
	uint32_t hash, again;
	int order, reverse;

	if (fuzz_typed_ok(ancient_value_hash(v->file, left, 7, &hash, &fuzz_err)))
		FUZZ_CHECK(ancient_value_hash(v->file, left, 7, &again, NULL) == ANCIENT_OK &&
			   again == hash);
	if (!fuzz_typed_ok(ancient_value_compare(v->file, left, right, &order, &fuzz_err)))
		return;
	FUZZ_CHECK(order >= -1 && order <= 1);
	if (ancient_value_compare(v->file, right, left, &reverse, NULL) == ANCIENT_OK)
		FUZZ_CHECK(reverse == -order);
}

/* A range holds keys within its bound alone, in order, and the same ones both ways; the key of a
 * container that it begins at is in it. */
static void use_range(struct visit *v, struct ancient_typed typed, const struct ancient_key *from)
{
	struct ancient_typed key, before;
	struct ancient_range range;
	uint64_t count[2] = {0, 0};
	enum ancient_code code = ANCIENT_E_NO_INDEX;
	int order;

	for (int backwards = 0; backwards < 2 && code == ANCIENT_E_NO_INDEX; backwards++) {
		const struct ancient_range_bounds bounds = {.from = from,
							    .backwards = backwards == 1};
		if (!fuzz_typed_ok(ancient_range_init(v->file, v->schema, typed, &bounds, &range,
						      &fuzz_err)))
			return;
		while (count[backwards] < ELEMENTS &&
		       (code = ancient_range_next(&range, &key, NULL, &fuzz_err)) == ANCIENT_OK) {
			meet(v, key);
			if (from != NULL && ancient_key_compare(v->file, key.value, from, &order,
								NULL) == ANCIENT_OK)
				FUZZ_CHECK(order >= 0);
			if (from != NULL && count[backwards]++ > 0 &&
			    ancient_value_compare(v->file, before.value, key.value, &order, NULL) ==
				    ANCIENT_OK)
				FUZZ_CHECK(backwards ? order > 0 : order < 0);
			before = key;
			if (from == NULL)
				count[backwards]++;
		}
		fuzz_typed_ok(code == ANCIENT_E_NO_INDEX ? ANCIENT_OK : code);
	}
	if (code == ANCIENT_E_NO_INDEX)
		FUZZ_CHECK(count[0] == count[1]);
}

static void use_elements(struct visit *v, struct ancient_typed typed)
{
	struct ancient_typed key, value, item;
	struct ancient_iterator it;
	uint64_t length, n = 0;
	bool counted, hidden;
	enum ancient_code code;

	counted =
		fuzz_typed_ok(ancient_typed_length(v->file, v->schema, typed, &length, &fuzz_err));
	if (fuzz_typed_ok(ancient_typed_item(v->file, v->schema, typed, 0, &item, &fuzz_err)))
		meet(v, item);
	fuzz_typed_ok(ancient_typed_item(v->file, v->schema, typed, UINT64_MAX, &item, &fuzz_err));
	use_range(v, typed, NULL);
	code = ancient_iterator_init(v->file, v->schema, typed, &it, &fuzz_err);
	if (!fuzz_typed_ok(code))
		return;
	while (n < ELEMENTS &&
	       (code = ancient_iterator_next(&it, &key, &value, &fuzz_err)) == ANCIENT_OK) {
		fuzz_typed_ok(ancient_iterator_hidden(&it, &hidden, &fuzz_err));
		meet(v, key);
		if (n++ >= ASKED || key.flat != 0)
			continue;
		const struct ancient_key asked = ancient_key_value(key.value);
		look_for(v, typed, &asked);
		use_range(v, typed, &asked);
		use_order(v, key.value, typed.value);
	}
	if (code == ANCIENT_E_NO_INDEX)
		FUZZ_CHECK(counted && length == n);
	else
		fuzz_typed_ok(code);
}

static void visit(const struct ancient_file *file, const struct ancient_schema *schema,
		  struct ancient_typed root, void *context)
{
	static struct visit v;
	const struct ancient_key asked[] = {ancient_key_int(7), ancient_key_string("key7", 4),
					    ancient_key_float(1.5)};

	(void)context;
	v.file = file;
	v.schema = schema;
	v.count = v.done = 0;
	meet(&v, root);
	while (v.done < v.count) {
		struct ancient_typed typed = v.todo[v.done++];
		fuzz_typed_ok(ancient_typed_check(file, schema, typed, &fuzz_err));
		use_leaves(&v, typed);
		use_access(&v, typed);
		use_parts(&v, typed);
		use_elements(&v, typed);
		for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]) && v.done < 16; i++)
			look_for(&v, typed, &asked[i]);
	}
	fuzz_typed_dump(file, schema, root);
}

static void run(const uint8_t *data, size_t size)
{
	fuzz_each_root(data, size, 1, visit, NULL);
}

const struct fuzz_target fuzz_typed = {"typed", run, 1, false};
