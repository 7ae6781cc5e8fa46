/* c-reader/typed: whether a value has the shape of its type (FORMAT 12.3, 12.4), and the errors
 * that name the type.  Every typed access opens its value here, except the inlined accesses to
 * the commonest shapes. */
#include "typed/shape.h"

#include <stdarg.h>
#include <stdio.h>

#include "typed/layout.h"
#include "value/gate_custom.h"
#include "value/value.h"

/* ---- Failures ---------------------------------------------------------------------- */

static void describe(const struct ancient_file *file, uint64_t word, char *out, size_t capacity)
{
	struct reader_block block;

	if (!reader_is_pointer(word)) {
		snprintf(out, capacity, "the integer %lld", (long long)((int64_t)word >> 1));
	} else if (reader_gate(file, word, &block, NULL) != ANCIENT_OK) {
		snprintf(out, capacity, "no block");
	} else {
		enum ancient_kind kind = ancient_reader_block_kind(file, &block);
		if (kind == ANCIENT_KIND_BLOCK || kind == ANCIENT_KIND_FLOAT_ARRAY)
			snprintf(out, capacity, "a %s of tag %u and size %llu",
				 ancient_kind_name(kind), block.tag,
				 (unsigned long long)block.wosize);
		else
			snprintf(out, capacity, "%s %s",
				 kind == ANCIENT_KIND_INT32 || kind == ANCIENT_KIND_INT64 ? "an"
											  : "a",
				 ancient_kind_name(kind));
	}
}

enum ancient_code ancient_reader_typed_bad_shape(const struct ancient_file *file,
						 const struct ancient_type *type, uint64_t word,
						 struct ancient_error *err, const char *format, ...)
{
	struct reader_fault fault = {.code = ANCIENT_E_BAD_SHAPE, .offset = ANCIENT_NO_OFFSET};
	char expected[96], found[80];
	va_list arguments;

	if (err == NULL)
		return ANCIENT_E_BAD_SHAPE;
	va_start(arguments, format);
	vsnprintf(expected, sizeof(expected), format, arguments);
	va_end(arguments);
	describe(file, word, found, sizeof(found));
	if (reader_is_pointer(word))
		fault.offset = word - file->super.base;
	return ancient_reader_fail(file->name, err, &fault, "%.80s: expected %s, found %s",
				   type->name, expected, found);
}

enum ancient_code ancient_reader_typed_wrong_kind(const struct ancient_file *file,
						  const struct ancient_type *type,
						  const char *expected, struct ancient_error *err)
{
	return ancient_reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
				     "expected a value of type %s, found one of %.80s", expected,
				     type->name);
}

enum ancient_code ancient_reader_typed_no_index(const struct ancient_file *file,
						const struct ancient_type *type, uint64_t index,
						uint64_t count, struct ancient_error *err)
{
	return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_INDEX,
				     "%.80s: expected an index below %llu, found %llu", type->name,
				     (unsigned long long)count, (unsigned long long)index);
}

/* ---- Types ------------------------------------------------------------------------- */

uint32_t ancient_reader_typed_inside(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_RECORD ? type->fields[0].type
						 : type->constructors[0].fields[0].type;
}

/* Unboxed types end: schema/build.c refuses one that contains only itself. */
bool ancient_reader_typed_is_float(const struct ancient_schema *schema, uint32_t type)
{
	while (schema->types[type].unboxed)
		type = ancient_reader_typed_inside(&schema->types[type]);
	return schema->types[type].kind == ANCIENT_TYPE_FLOAT;
}

enum ancient_code ancient_reader_typed_type(const struct ancient_file *file,
					    const struct ancient_schema *schema,
					    struct ancient_typed typed,
					    const struct ancient_type **ret_type,
					    struct ancient_error *err)
{
	if (typed.type >= schema->count)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_ARGUMENT,
					     "expected a type below %u, found %u",
					     (unsigned)schema->count, (unsigned)typed.type);
	if (typed.flat != 0 && !ancient_reader_typed_is_float(schema, typed.type))
		return ancient_reader_refuse(
			file->name, err, ANCIENT_E_ARGUMENT,
			"expected float for an element of a float array, found %.80s",
			schema->types[typed.type].name);
	*ret_type = &schema->types[typed.type];
	return ANCIENT_OK;
}

uint32_t ancient_reader_typed_constructor_numbered(const struct ancient_schema *schema,
						   uint32_t number, bool constant, int64_t wanted)
{
	const struct ancient_type *type = &schema->types[number];
	const uint32_t *order = schema->order + (type->constructors - schema->constructors);
	uint32_t low = constant ? 0 : schema->constants[number];
	uint32_t high = constant ? schema->constants[number] : type->constructor_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int64_t found = type->constructors[order[middle]].number;
		if (found == wanted)
			return order[middle];
		if (found < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return SCHEMA_NONE;
}

/* ---- Immediates -------------------------------------------------------------------- */

static enum ancient_code check_range(const struct ancient_file *file, struct typed_shape *shape,
				     int64_t low, int64_t high, struct ancient_error *err)
{
	int64_t integer = (int64_t)shape->word >> 1;

	if (reader_is_pointer(shape->word) || integer < low || integer > high)
		return ancient_reader_typed_bad_shape(
			file, shape->type, shape->word, err,
			low == INT64_MIN ? "an integer" : "an integer from %lld to %lld",
			(long long)low, (long long)high);
	return ANCIENT_OK;
}

static enum ancient_code check_zero(const struct ancient_file *file, struct typed_shape *shape,
				    const char *blocks, struct ancient_error *err)
{
	if (shape->word == 1)
		return ANCIENT_OK;
	return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err,
					      "the integer 0 or %s", blocks);
}

static enum ancient_code check_immediate(const struct ancient_file *file,
					 const struct ancient_schema *schema,
					 struct typed_shape *shape, struct ancient_error *err)
{
	switch (shape->type->kind) {
	case ANCIENT_TYPE_UNIT:
		return check_range(file, shape, 0, 0, err);
	case ANCIENT_TYPE_BOOL:
		return check_range(file, shape, 0, 1, err);
	case ANCIENT_TYPE_CHAR:
		return check_range(file, shape, 0, 255, err);
	case ANCIENT_TYPE_INT:
		return check_range(file, shape, INT64_MIN, INT64_MAX, err);
	case ANCIENT_TYPE_LIST:
		return check_zero(file, shape, "a block of tag 0 and size 2", err);
	case ANCIENT_TYPE_OPTION:
		return check_zero(file, shape, "a block of tag 0 and size 1", err);
	case ANCIENT_TYPE_MAP:
		return check_zero(file, shape, "a block of tag 0 and size 5", err);
	case ANCIENT_TYPE_SET:
		return check_zero(file, shape, "a block of tag 0 and size 4", err);
	case ANCIENT_TYPE_Z:
	case ANCIENT_TYPE_LAZY:
		return ANCIENT_OK;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		shape->constructor = ancient_reader_typed_constructor_numbered(
			schema, shape->number, true, (int64_t)shape->word >> 1);
		if (shape->constructor == SCHEMA_NONE)
			return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err,
							      "one of its constructors");
		return ANCIENT_OK;
	default:
		return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err,
						      "a block");
	}
}

/* ---- Blocks ------------------------------------------------------------------------ */

static enum ancient_code check_block(const struct ancient_file *file, struct typed_shape *shape,
				     unsigned tags, uint64_t size, struct ancient_error *err)
{
	if (shape->block.tag < tags && shape->block.wosize == size)
		return ANCIENT_OK;
	return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err,
					      tags == 1 ? "a block of tag 0 and size %llu"
							: "a block of tag 0 or 1 and size %llu",
					      (unsigned long long)size);
}

static enum ancient_code check_tag(const struct ancient_file *file, struct typed_shape *shape,
				   unsigned tag, const char *what, struct ancient_error *err)
{
	if (shape->block.tag == tag)
		return ANCIENT_OK;
	return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err, "%s", what);
}

static enum ancient_code check_record(const struct ancient_file *file,
				      const struct ancient_schema *schema,
				      struct typed_shape *shape, struct ancient_error *err)
{
	const struct ancient_type *type = shape->type;

	if (shape->block.tag != ANCIENT_TAG_DOUBLE_ARRAY ||
	    shape->block.wosize != type->field_count)
		return check_block(file, shape, 1, type->field_count, err);
	for (uint32_t i = 0; i < type->field_count; i++)
		if (!ancient_reader_typed_is_float(schema, type->fields[i].type))
			return check_block(file, shape, 1, type->field_count, err);
	return ANCIENT_OK;
}

static enum ancient_code check_array(const struct ancient_file *file,
				     const struct ancient_schema *schema, struct typed_shape *shape,
				     struct ancient_error *err)
{
	bool floats = shape->type->kind == ANCIENT_TYPE_FLOATARRAY;
	bool flat = floats || ancient_reader_typed_is_float(schema, shape->type->arguments[0]);

	if (flat && shape->block.tag == ANCIENT_TAG_DOUBLE_ARRAY)
		return ANCIENT_OK;
	if (shape->block.tag == 0 && (!floats || shape->block.wosize == 0))
		return ANCIENT_OK;
	return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err,
					      floats ? "a float array"
					      : flat ? "a float array, or a block of tag 0"
						     : "a block of tag 0");
}

static enum ancient_code check_variant(const struct ancient_file *file,
				       const struct ancient_schema *schema,
				       struct typed_shape *shape, struct ancient_error *err)
{
	bool poly = shape->type->kind == ANCIENT_TYPE_POLYVARIANT;
	int64_t number = shape->block.tag;
	uint64_t size;

	if (poly) {
		enum ancient_code code = check_block(file, shape, 1, 2, err);
		if (code != ANCIENT_OK)
			return code;
		uint64_t word = reader_field(file, &shape->block, 0);
		if (reader_is_pointer(word))
			return ancient_reader_typed_bad_shape(file, shape->type, word, err,
							      "the hash of a constructor");
		number = (int64_t)word >> 1;
	}
	if (shape->block.tag > ANCIENT_TAG_LAST_PLAIN)
		return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err,
						      "one of its constructors");
	shape->constructor =
		ancient_reader_typed_constructor_numbered(schema, shape->number, false, number);
	if (shape->constructor == SCHEMA_NONE)
		return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err,
						      "one of its constructors");
	size = poly ? 2 : shape->type->constructors[shape->constructor].field_count;
	if (shape->block.wosize != size)
		return ancient_reader_typed_bad_shape(
			file, shape->type, shape->word, err, "size %llu for the constructor %.40s",
			(unsigned long long)size,
			shape->type->constructors[shape->constructor].name);
	return ANCIENT_OK;
}

static enum ancient_code check_custom(const struct ancient_file *file, struct typed_shape *shape,
				      struct ancient_error *err)
{
	static const struct {
		enum ancient_type_kind kind;
		uint32_t slot;
	} slots[] = {
		{ANCIENT_TYPE_INT32, ANCIENT_CUSTOM_INT32},
		{ANCIENT_TYPE_INT64, ANCIENT_CUSTOM_INT64},
		{ANCIENT_TYPE_NATIVEINT, ANCIENT_CUSTOM_NATIVEINT},
		{ANCIENT_TYPE_Z, ANCIENT_CUSTOM_ZARITH},
		{ANCIENT_TYPE_BIGARRAY, ANCIENT_CUSTOM_BIGARRAY},
	};
	uint32_t slot;

	if (shape->block.tag == ANCIENT_TAG_CUSTOM && shape->block.wosize >= 2 &&
	    ancient_reader_custom_slot(file, reader_field(file, &shape->block, 0), &slot))
		for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
			if (slots[i].kind == shape->type->kind && slots[i].slot == slot)
				return ANCIENT_OK;
	return ancient_reader_typed_bad_shape(file, shape->type, shape->word, err, "%s",
					      ancient_type_kind_name(shape->type->kind));
}

static enum ancient_code check_pointer(const struct ancient_file *file,
				       const struct ancient_schema *schema,
				       struct typed_shape *shape, struct ancient_error *err)
{
	switch (shape->type->kind) {
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		return check_tag(file, shape, ANCIENT_TAG_STRING, "a string", err);
	case ANCIENT_TYPE_FLOAT:
		return check_tag(file, shape, ANCIENT_TAG_DOUBLE, "a float", err);
	case ANCIENT_TYPE_INT32:
	case ANCIENT_TYPE_INT64:
	case ANCIENT_TYPE_NATIVEINT:
	case ANCIENT_TYPE_Z:
	case ANCIENT_TYPE_BIGARRAY:
		return check_custom(file, shape, err);
	case ANCIENT_TYPE_FLOATARRAY:
	case ANCIENT_TYPE_ARRAY:
		return check_array(file, schema, shape, err);
	case ANCIENT_TYPE_TUPLE:
		return check_block(file, shape, 1, shape->type->field_count, err);
	case ANCIENT_TYPE_RECORD:
		return check_record(file, schema, shape, err);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return check_variant(file, schema, shape, err);
	case ANCIENT_TYPE_LIST:
		return check_block(file, shape, 1, 2, err);
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_REF:
		return check_block(file, shape, 1, 1, err);
	case ANCIENT_TYPE_RESULT:
		return check_block(file, shape, 2, 1, err);
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		return check_block(file, shape, 1, TYPED_TABLE_FIELDS, err);
	case ANCIENT_TYPE_MAP:
		return check_block(file, shape, 1, TYPED_MAP_FIELDS, err);
	case ANCIENT_TYPE_SET:
		return check_block(file, shape, 1, TYPED_SET_FIELDS, err);
	case ANCIENT_TYPE_QUEUE:
		return check_block(file, shape, 1, TYPED_QUEUE_FIELDS, err);
	case ANCIENT_TYPE_STACK:
		return check_block(file, shape, 1, TYPED_STACK_FIELDS, err);
	case ANCIENT_TYPE_DYNARRAY:
		return check_block(file, shape, 1, TYPED_DYNARRAY_FIELDS, err);
	case ANCIENT_TYPE_LAZY:
		return ANCIENT_OK;
	default:
		return check_immediate(file, schema, shape, err);
	}
}

/* ---- Opening ----------------------------------------------------------------------- */

enum ancient_code ancient_reader_typed_open(const struct ancient_file *file,
					    const struct ancient_schema *schema,
					    struct ancient_typed typed, bool unboxed,
					    struct typed_shape *ret_shape,
					    struct ancient_error *err)
{
	struct typed_shape shape = {.number = typed.type,
				    .word = typed.value.word,
				    .flat = typed.flat != 0,
				    .constructor = 0};
	enum ancient_code code = ancient_reader_typed_type(file, schema, typed, &shape.type, err);

	if (code != ANCIENT_OK)
		return code;
	while (shape.type->unboxed && !unboxed) {
		shape.number = ancient_reader_typed_inside(shape.type);
		shape.type = &schema->types[shape.number];
	}
	/* An unboxed value is what is inside, and is tested when that is opened. */
	if (!shape.flat && !shape.type->unboxed) {
		if (!reader_is_pointer(shape.word)) {
			code = check_immediate(file, schema, &shape, err);
		} else {
			code = reader_gate(file, shape.word, &shape.block, err);
			if (code == ANCIENT_OK)
				code = check_pointer(file, schema, &shape, err);
		}
	}
	if (code == ANCIENT_OK)
		*ret_shape = shape;
	return code;
}

enum ancient_code
ancient_reader_typed_open_kind(const struct ancient_file *file, const struct ancient_schema *schema,
			       struct ancient_typed typed, enum ancient_type_kind kind,
			       struct typed_shape *ret_shape, struct ancient_error *err)
{
	const struct ancient_type *type;
	enum ancient_code code = ancient_reader_typed_type(file, schema, typed, &type, err);

	if (code != ANCIENT_OK)
		return code;
	while (type->unboxed)
		type = &schema->types[ancient_reader_typed_inside(type)];
	if (type->kind != kind)
		return ancient_reader_typed_wrong_kind(file, type, ancient_type_kind_name(kind),
						       err);
	return ancient_reader_typed_open(file, schema, typed, false, ret_shape, err);
}

enum ancient_code ancient_typed_check(const struct ancient_file *file,
				      const struct ancient_schema *schema,
				      struct ancient_typed typed, struct ancient_error *err)
{
	struct typed_shape shape;

	return reader_settle(
		file, ancient_reader_typed_open(file, schema, typed, false, &shape, err), err);
}
