/* c-reader/lookup: whether a caller's key can be of the type of a container's keys.  Asked by
 * lookup.c and lookup_batch.c where a key was not found, before it is reported absent. */
#include "lookup/key_type.h"

#include <stdio.h>

#include "base/error.h"
#include "typed/shape.h"
#include "value/operand.h"

/* Keys inside of keys that are being compared with their types.  A key that is nested deeper is
 * not looked into: a list's tail does not count, since the last field of a block takes its place.
 */
#define DEPTH_MAX 64u

/* The fields of a block that are left.  Their types: those of `fields`, or `type` for each. */
struct frame {
	const struct ancient_key *keys;
	const struct ancient_field *fields;
	size_t count;
	uint32_t type, last; /* without fields: of all but the last, of the last */
};

struct check {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct ancient_error *err;
	uint32_t root; /* the type of the whole key */
	struct frame frames[DEPTH_MAX];
	unsigned depth;
};

/* ---- Messages ------------------------------------------------------------------------- */

/* As OCaml writes the type; a polymorphic variant that has no name, with its tags. */
static const char *type_text(const struct ancient_type *type, char text[160])
{
	size_t at = 0;

	if (type->kind != ANCIENT_TYPE_POLYVARIANT || type->path != NULL)
		return type->name;
	for (uint32_t i = 0; i < type->constructor_count && at < 100; i++)
		at += (size_t)snprintf(text + at, 160 - at, "%s`%.30s", i == 0 ? "[ " : " | ",
				       type->constructors[i].name);
	snprintf(text + at, 160 - at, at < 100 ? " ]" : " | ... ]");
	return text;
}

static const char *found_text(const struct ancient_key *key, char text[80])
{
	switch (key->kind) {
	case ANCIENT_KEY_INT:
		snprintf(text, 80, "the int %lld", (long long)key->as.integer);
		return text;
	case ANCIENT_KEY_STRING:
		return "a string";
	case ANCIENT_KEY_FLOAT:
		return "a float";
	case ANCIENT_KEY_FLOATS:
		return "a float array or record of floats";
	case ANCIENT_KEY_INT32:
		return "an int32";
	case ANCIENT_KEY_INT64:
		return "an int64";
	case ANCIENT_KEY_NATIVEINT:
		return "a nativeint";
	case ANCIENT_KEY_BLOCK:
		if (key->count == 0)
			return "one without parts";
		snprintf(text, 80, "a %s with %zu part%s",
			 key->tag == 0 ? "tuple, record or constructor" : "constructor", key->count,
			 key->count == 1 ? "" : "s");
		return text;
	default:
		return "one of no known kind";
	}
}

static enum ancient_code differs(const struct check *check, uint32_t type,
				 const struct ancient_key *key)
{
	const struct ancient_type *types = check->schema->types;
	char found[80], expected[160], inside[160];

	if (type == check->root)
		return ancient_reader_refuse(check->file->name, check->err, ANCIENT_E_WRONG_KIND,
					     "expected a key of type %.200s, found %s",
					     type_text(&types[type], expected),
					     found_text(key, found));
	return ancient_reader_refuse(check->file->name, check->err, ANCIENT_E_WRONG_KIND,
				     "expected a key of type %.160s, and in it one of type %.100s, "
				     "found %s there",
				     type_text(&types[check->root], expected),
				     type_text(&types[type], inside), found_text(key, found));
}

/* ---- Parts ---------------------------------------------------------------------------- */

static bool is_block(const struct ancient_key *key, uint64_t tag, uint64_t count)
{
	return key->kind == ANCIENT_KEY_BLOCK && key->tag == tag && key->count == count;
}

static bool is_int(const struct ancient_key *key, int64_t least, int64_t most)
{
	return key->kind == ANCIENT_KEY_INT && key->as.integer >= least && key->as.integer <= most;
}

/* Leaves the parts of a block to be compared; where it is nested too deep, they are taken to be
 * right, and the key is absent. */
static bool enter(struct check *check, const struct ancient_key *keys, size_t count,
		  const struct ancient_field *fields, uint32_t type, uint32_t last)
{
	if (count > 0 && check->depth < DEPTH_MAX)
		check->frames[check->depth++] = (struct frame){keys, fields, count, type, last};
	return true;
}

static bool enter_all(struct check *check, const struct ancient_key *key, uint32_t type)
{
	return enter(check, key->as.fields, key->count, NULL, type, type);
}

/* ---- One key -------------------------------------------------------------------------- */

static bool fits_record(struct check *check, const struct ancient_type *type,
			const struct ancient_key *key)
{
	bool floats = type->field_count > 0;

	for (uint32_t i = 0; i < type->field_count; i++)
		floats = floats &&
			 ancient_reader_typed_is_float(check->schema, type->fields[i].type);
	if (floats && key->kind == ANCIENT_KEY_FLOATS)
		return key->count == type->field_count;
	return is_block(key, 0, type->field_count) &&
	       enter(check, key->as.fields, key->count, type->fields, 0, 0);
}

static bool fits_variant(struct check *check, uint32_t number, const struct ancient_key *key)
{
	const struct ancient_type *type = &check->schema->types[number];
	bool constant = key->kind == ANCIENT_KEY_INT;
	uint32_t index;

	if (!constant && key->kind != ANCIENT_KEY_BLOCK)
		return false;
	index = ancient_reader_typed_constructor_numbered(
		check->schema, number, constant, constant ? key->as.integer : (int64_t)key->tag);
	if (constant || index == SCHEMA_NONE)
		return index != SCHEMA_NONE;
	return key->count == type->constructors[index].field_count &&
	       enter(check, key->as.fields, key->count, type->constructors[index].fields, 0, 0);
}

static bool fits_polymorphic(struct check *check, uint32_t number, const struct ancient_key *key)
{
	const struct ancient_type *type = &check->schema->types[number];
	bool constant = key->kind == ANCIENT_KEY_INT;
	const struct ancient_key *tag = constant ? key : key->as.fields;
	uint32_t index;

	if (!constant && (!is_block(key, 0, 2) || tag->kind != ANCIENT_KEY_INT))
		return false;
	index = ancient_reader_typed_constructor_numbered(check->schema, number, constant,
							  tag->as.integer);
	if (constant || index == SCHEMA_NONE)
		return index != SCHEMA_NONE;
	return enter(check, tag + 1, 1, type->constructors[index].fields, 0, 0);
}

static bool fits_sequence(struct check *check, uint32_t number, const struct ancient_key *key)
{
	const struct ancient_type *type = &check->schema->types[number];
	uint32_t element = type->arguments[0];

	if (type->kind == ANCIENT_TYPE_LIST)
		return is_int(key, 0, 0) || (is_block(key, 0, 2) && enter(check, key->as.fields, 2,
									  NULL, element, number));
	if (key->kind == ANCIENT_KEY_FLOATS)
		return ancient_reader_typed_is_float(check->schema, element);
	return key->kind == ANCIENT_KEY_BLOCK && key->tag == 0 && enter_all(check, key, element);
}

static bool fits(struct check *check, uint32_t number, const struct ancient_key *key)
{
	const struct ancient_type *type = &check->schema->types[number];

	if (key->kind == ANCIENT_KEY_VALUE)
		return true;
	switch (type->kind) {
	case ANCIENT_TYPE_UNIT:
		return is_int(key, 0, 0);
	case ANCIENT_TYPE_BOOL:
		return is_int(key, 0, 1);
	case ANCIENT_TYPE_CHAR:
		return is_int(key, 0, 255);
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_Z:
		return key->kind == ANCIENT_KEY_INT;
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		return key->kind == ANCIENT_KEY_STRING;
	case ANCIENT_TYPE_FLOAT:
		return key->kind == ANCIENT_KEY_FLOAT;
	case ANCIENT_TYPE_INT32:
		return key->kind == ANCIENT_KEY_INT32;
	case ANCIENT_TYPE_INT64:
		return key->kind == ANCIENT_KEY_INT64;
	case ANCIENT_TYPE_NATIVEINT:
		return key->kind == ANCIENT_KEY_NATIVEINT;
	case ANCIENT_TYPE_FLOATARRAY:
		return key->kind == ANCIENT_KEY_FLOATS || is_block(key, 0, 0);
	case ANCIENT_TYPE_TUPLE:
		return is_block(key, 0, type->field_count) &&
		       enter(check, key->as.fields, key->count, type->fields, 0, 0);
	case ANCIENT_TYPE_RECORD:
		return fits_record(check, type, key);
	case ANCIENT_TYPE_VARIANT:
		return fits_variant(check, number, key);
	case ANCIENT_TYPE_POLYVARIANT:
		return fits_polymorphic(check, number, key);
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
		return fits_sequence(check, number, key);
	case ANCIENT_TYPE_OPTION:
		return is_int(key, 0, 0) ||
		       (is_block(key, 0, 1) && enter_all(check, key, type->arguments[0]));
	case ANCIENT_TYPE_RESULT:
		return (is_block(key, 0, 1) || is_block(key, 1, 1)) &&
		       enter_all(check, key, type->arguments[key->tag]);
	case ANCIENT_TYPE_REF:
		return is_block(key, 0, 1) && enter_all(check, key, type->arguments[0]);
	default:
		return true; /* lazies and containers: their blocks are not described here */
	}
}

/* The next part and its type.  A frame whose last part is taken is gone before it is looked into,
 * so that a list of any length needs one. */
static const struct ancient_key *next_part(struct check *check, uint32_t *ret_type)
{
	struct frame *frame = &check->frames[check->depth - 1];
	const struct ancient_key *key = frame->keys++;

	*ret_type = frame->fields != NULL ? frame->fields++->type
		    : frame->count == 1   ? frame->last
					  : frame->type;
	if (--frame->count == 0)
		check->depth--;
	return key;
}

enum ancient_code ancient_reader_lookup_key_type(const struct ancient_file *file,
						 const struct ancient_schema *schema, uint32_t type,
						 const struct ancient_key *key,
						 struct ancient_error *err)
{
	struct check check = {.file = file, .schema = schema, .err = err, .root = type};
	uint32_t inside = type;

	for (;;) {
		/* The value of an unboxed type is that of the type in it. */
		while (schema->types[inside].unboxed)
			inside = ancient_reader_typed_inside(&schema->types[inside]);
		if (lookup_key_is_unbound(key))
			return ancient_reader_lookup_unbound(file, err);
		if (!fits(&check, inside, key))
			return differs(&check, inside, key);
		if (check.depth == 0)
			return ANCIENT_OK;
		key = next_part(&check, &inside);
	}
}
