/* c-reader: the types of typed values (FORMAT 12.3), and the failures that name them. */
#include <stdarg.h>
#include <stdio.h>

#include "typed/typed.h"
#include "value/value.h"

/* ---- Failures ---------------------------------------------------------------------- */

static void describe(const struct ancient_file *file, uint64_t word, char *out, size_t room)
{
	struct reader_block block;

	if (!reader_is_pointer(word)) {
		snprintf(out, room, "the integer %lld", (long long)((int64_t)word >> 1));
	} else if (reader_gate(file, word, &block, NULL) != ANCIENT_OK) {
		snprintf(out, room, "no block");
	} else {
		enum ancient_kind kind = reader_block_kind(file, &block);
		if (kind == ANCIENT_KIND_BLOCK || kind == ANCIENT_KIND_FLOAT_ARRAY)
			snprintf(out, room, "a %s of tag %u and size %llu", ancient_kind_name(kind),
				 block.tag, (unsigned long long)block.wosize);
		else
			snprintf(out, room, "%s %s",
				 kind == ANCIENT_KIND_INT32 || kind == ANCIENT_KIND_INT64 ? "an"
											  : "a",
				 ancient_kind_name(kind));
	}
}

enum ancient_code typed_bad_shape(const struct ancient_file *file, const struct ancient_type *type,
				  uint64_t word, struct ancient_error *err, const char *format, ...)
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
	return reader_fail(file->name, err, &fault, "%.80s: expected %s, found %s", type->name,
			   expected, found);
}

enum ancient_code typed_wrong_kind(const struct ancient_file *file, const struct ancient_type *type,
				   const char *expected, struct ancient_error *err)
{
	return reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
			     "expected a value of type %s, found one of %.80s", expected,
			     type->name);
}

/* ---- Types ------------------------------------------------------------------------- */

uint32_t typed_inside(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_RECORD ? type->fields[0].type
						 : type->constructors[0].fields[0].type;
}

/* Unboxed types have an end: schema_build.c has seen to it. */
bool typed_is_float(const struct ancient_schema *schema, uint32_t type)
{
	while (schema->types[type].unboxed)
		type = typed_inside(&schema->types[type]);
	return schema->types[type].kind == ANCIENT_TYPE_FLOAT;
}

enum ancient_code typed_type(const struct ancient_file *file, const struct ancient_schema *schema,
			     struct ancient_typed typed, const struct ancient_type **ret_type,
			     struct ancient_error *err)
{
	if (typed.type >= schema->count)
		return reader_refuse(file->name, err, ANCIENT_E_ARGUMENT,
				     "expected a type below %u, found %u", (unsigned)schema->count,
				     (unsigned)typed.type);
	if (typed.flat != 0 && !typed_is_float(schema, typed.type))
		return reader_refuse(file->name, err, ANCIENT_E_ARGUMENT,
				     "expected float for an element of a float array, found %.80s",
				     schema->types[typed.type].name);
	*ret_type = &schema->types[typed.type];
	return ANCIENT_OK;
}

uint32_t typed_constructor_numbered(const struct ancient_schema *schema, uint32_t number,
				    bool constant, int64_t wanted)
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
