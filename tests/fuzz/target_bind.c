/* tests/fuzz: binding generated tables to types (ancient_bind.h).
 *
 * Input: a schema, a 0 byte, another schema.  The table that a header generated from the first
 * would hold binds to the first itself, each member where it is; to the second it binds, with
 * members that are there, or the error says what is missing. */
#include "fuzz.h"

#include <ancient_bind.h>

#define TYPES 2000u
#define MEMBERS 20000u

static struct ancient_bind_type types[TYPES];
static struct ancient_bind_constructor constructors[MEMBERS];
static struct ancient_bind_field fields[MEMBERS];
static uint32_t field_count, constructor_count;

static bool add_fields(const struct ancient_field *from, uint32_t count)
{
	if (count > MEMBERS - field_count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		fields[field_count++] = (struct ancient_bind_field){from[i].name, from[i].type};
	return true;
}

static bool add_constructors(const struct ancient_type *type)
{
	if (type->constructor_count > MEMBERS - constructor_count)
		return false;
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		const struct ancient_constructor *from = &type->constructors[i];
		constructors[constructor_count++] = (struct ancient_bind_constructor){
			from->name, from->constant, field_count, from->field_count};
		if (!add_fields(from->fields, from->field_count))
			return false;
	}
	return true;
}

static bool add_arguments(const struct ancient_type *type)
{
	for (uint32_t i = 0; i < type->argument_count; i++) {
		const struct ancient_field argument = {.type = type->arguments[i]};
		if (!add_fields(&argument, 1))
			return false;
	}
	return true;
}

static bool add_type(const struct ancient_schema *schema, uint32_t number)
{
	const struct ancient_type *type = ancient_schema_type(schema, number);
	struct ancient_bind_type *to = &types[number];

	*to = (struct ancient_bind_type){
		.kind = type->kind, .name = type->name, .first = field_count};
	switch (type->kind) {
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		to->first = constructor_count;
		to->count = type->constructor_count;
		return add_constructors(type);
	case ANCIENT_TYPE_RECORD:
	case ANCIENT_TYPE_TUPLE:
		to->count = type->field_count;
		return add_fields(type->fields, type->field_count);
	case ANCIENT_TYPE_BIGARRAY:
		to->detail = (uint32_t)type->bigarray_kind | (type->bigarray_fortran ? 256u : 0) |
			     (uint32_t)(type->bigarray_dims + 1) << 9;
		return true;
	default:
		to->count = type->argument_count;
		return add_arguments(type);
	}
}

/* As `ancientctl codegen` does; false where there is too much. */
static bool make_table(const struct ancient_schema *schema, struct ancient_bind_table *ret)
{
	uint32_t count = ancient_schema_type_count(schema);

	field_count = constructor_count = 0;
	if (count > TYPES)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!add_type(schema, i))
			return false;
	*ret = (struct ancient_bind_table){types, constructors, fields, count,
					   ancient_schema_root(schema)};
	return true;
}

static uint32_t found_fields[MEMBERS], found_constructors[MEMBERS], found_types[TYPES];

static bool bind(struct ancient_schema *schema, const struct ancient_bind_table *table)
{
	const struct ancient_value root = {1};
	struct ancient_bind bound;

	memset(found_fields, 0xFF, sizeof(found_fields));
	memset(found_constructors, 0xFF, sizeof(found_constructors));
	if (!fuzz_ok(ancient_bind_value(NULL, schema, root, "fuzz", table, &bound, found_fields,
					found_constructors, found_types, &fuzz_err))) {
		FUZZ_CHECK(fuzz_err.code == ANCIENT_E_NO_FIELD ||
			   fuzz_err.code == ANCIENT_E_BAD_SHAPE ||
			   fuzz_err.code == ANCIENT_E_TOO_LARGE ||
			   fuzz_err.code == ANCIENT_E_MEMORY);
		return false;
	}
	FUZZ_CHECK(bound.schema == schema && bound.root.value.word == root.word &&
		   bound.root.type == ancient_schema_root(schema));
	ancient_bind_close(&bound);
	return true;
}

/* Each member of a type that was met lies where it was declared. */
static void check_identity(const struct ancient_bind_table *table)
{
	for (uint32_t i = 0; i < table->type_count; i++) {
		const struct ancient_bind_type *type = &types[i];
		bool variant = type->kind == ANCIENT_TYPE_VARIANT ||
			       type->kind == ANCIENT_TYPE_POLYVARIANT;
		const uint32_t *found = variant ? found_constructors : found_fields;
		for (uint32_t n = 0; n < type->count; n++)
			FUZZ_CHECK(found[type->first + n] == n ||
				   found[type->first + n] == UINT32_MAX);
	}
}

static struct ancient_schema *parse(const uint8_t *text, size_t size)
{
	struct ancient_schema *schema = NULL;

	fuzz_ok(ancient_schema_parse((const char *)text, size, "fuzz", &schema, &fuzz_err));
	return schema;
}

static void run(const uint8_t *data, size_t size)
{
	size_t second = fuzz_file_start(data, size, 1);
	struct ancient_schema *one, *other;
	struct ancient_bind_table table;

	if (second == 0 || second == size)
		return;
	one = parse(data, second - 1);
	other = parse(data + second, size - second);
	if (one != NULL && make_table(one, &table)) {
		if (bind(one, &table))
			check_identity(&table);
		else
			FUZZ_CHECK(fuzz_err.code == ANCIENT_E_TOO_LARGE ||
				   fuzz_err.code == ANCIENT_E_MEMORY);
		if (other != NULL)
			bind(other, &table);
	}
	ancient_schema_close(other);
	ancient_schema_close(one);
}

const struct fuzz_target fuzz_bind = {"bind", run, 1, true};
