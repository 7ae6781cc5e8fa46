/* tests/c-reader/hostile: the functions for values with a type, and what is in them. */
#include "call.h"

static struct ancient_typed typeds[VALUES];
static unsigned typed_count;

void meet(struct ancient_typed typed)
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
	use_as_arrow(typed);
	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		TRY(ancient_path_get, file, schema, typed, paths[i], &out.as.typed);
	TRY(ancient_typed_dump, file, schema, typed, &dump_options);
}

void use_typeds(struct ancient_value root)
{
	typed_count = 0;
	meet(GIVES(ancient_typed_root, schema, root));
	meet(GIVES(ancient_typed_of, root, 0));
	meet(GIVES(ancient_typed_of, root, ancient_schema_type_count(schema) - 1));
	for (unsigned i = 0; i < typed_count; i++)
		use_typed(typeds[i]);
}
