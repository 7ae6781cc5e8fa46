/* c-reader/schema: the encoding of a type, from which its fingerprint is computed (FORMAT 12.5);
 * for schema.c.  A stack on the heap holds the types being written; an instance is written once,
 * and by its number afterwards. */
#include "schema/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ancient/format.h>

#include "schema/schema_text.h"

struct frame {
	uint32_t type;
	uint32_t item; /* argument, field or constructor that is next */
	uint32_t part; /* field of that constructor */
};

struct encoder {
	struct schema_text *text;
	const struct schema_types *types;
	struct schema_list frames;
	uint32_t *numbers; /* of instances, from 1 */
	uint32_t count;
	char *out;
	size_t length, capacity;
};

static const char *const words[] = {
	[ANCIENT_TYPE_UNIT] = "unit",
	[ANCIENT_TYPE_BOOL] = "bool",
	[ANCIENT_TYPE_INT] = "int",
	[ANCIENT_TYPE_CHAR] = "char",
	[ANCIENT_TYPE_STRING] = "string",
	[ANCIENT_TYPE_BYTES] = "bytes",
	[ANCIENT_TYPE_FLOAT] = "float",
	[ANCIENT_TYPE_INT32] = "int32",
	[ANCIENT_TYPE_INT64] = "int64",
	[ANCIENT_TYPE_NATIVEINT] = "nativeint",
	[ANCIENT_TYPE_Z] = "z",
	[ANCIENT_TYPE_FLOATARRAY] = "floatarray",
	[ANCIENT_TYPE_TUPLE] = "(",
	[ANCIENT_TYPE_RECORD] = "{",
	[ANCIENT_TYPE_VARIANT] = "[",
	[ANCIENT_TYPE_POLYVARIANT] = "[",
	[ANCIENT_TYPE_LIST] = "list(",
	[ANCIENT_TYPE_ARRAY] = "array(",
	[ANCIENT_TYPE_OPTION] = "option(",
	[ANCIENT_TYPE_RESULT] = "result(",
	[ANCIENT_TYPE_REF] = "ref(",
	[ANCIENT_TYPE_LAZY] = "lazy(",
	[ANCIENT_TYPE_HASHTBL] = "hashtbl(",
	[ANCIENT_TYPE_HASHTABLE] = "hashtable(",
	[ANCIENT_TYPE_MAP] = "map(",
	[ANCIENT_TYPE_SET] = "set(",
	[ANCIENT_TYPE_BIGARRAY] = "bigarray(",
	[ANCIENT_TYPE_QUEUE] = "queue(",
	[ANCIENT_TYPE_STACK] = "stack(",
	[ANCIENT_TYPE_DYNARRAY] = "dynarray(",
};

static const char *const bigarray_kinds[ANCIENT_BIGARRAY_KINDS] = {
	"float32", "float64", "int8",      "uint8",     "int16",     "uint16", "int32",
	"int64",   "int",     "nativeint", "complex32", "complex64", "char",   "float16",
};

static void put(struct encoder *e, const char *bytes, size_t length)
{
	if (e->text->code != ANCIENT_OK)
		return;
	if (length > SCHEMA_ENCODING_MAX - e->length) {
		ancient_reader_schema_refuse(
			e->text, SCHEMA_ITEM(struct schema_node, e->text->nodes, e->text->root)->at,
			"expected a type whose encoding takes at most %u bytes, found more",
			SCHEMA_ENCODING_MAX);
		return;
	}
	if (length + 1 > e->capacity - e->length) {
		size_t capacity = 2 * (e->length + length) + 256;
		char *out = realloc(e->out, capacity);
		if (out == NULL) {
			ancient_reader_schema_memory(e->text);
			return;
		}
		e->out = out;
		e->capacity = capacity;
	}
	memcpy(e->out + e->length, bytes, length);
	e->length += length;
	e->out[e->length] = '\0';
}

static void put_text(struct encoder *e, const char *text)
{
	put(e, text, strlen(text));
}

static void put_name(struct encoder *e, uint32_t number)
{
	const struct schema_name *name = SCHEMA_ITEM(struct schema_name, e->text->names, number);

	put(e, e->text->bytes + name->at, name->length);
}

static void put_number(struct encoder *e, uint32_t number)
{
	char digits[12];

	snprintf(digits, sizeof(digits), "#%u", (unsigned)number);
	put_text(e, digits);
}

static const struct schema_type *type_at(const struct encoder *e, uint32_t number)
{
	return SCHEMA_ITEM(struct schema_type, e->types->types, number);
}

static bool is_instance(const struct schema_type *type)
{
	return type->decl != SCHEMA_NONE &&
	       (type->type.kind == ANCIENT_TYPE_RECORD || type->type.kind == ANCIENT_TYPE_VARIANT ||
		type->type.kind == ANCIENT_TYPE_POLYVARIANT);
}

static void put_bigarray(struct encoder *e, const struct ancient_type *type)
{
	char dims[2] = {type->bigarray_dims < 0 ? 'n' : (char)('0' + type->bigarray_dims), '\0'};

	put_text(e, bigarray_kinds[type->bigarray_kind]);
	put_text(e, type->bigarray_fortran ? ",fortran," : ",c,");
	put_text(e, dims);
	put_text(e, ")");
}

/* Writes the beginning of a type, which is all of it where it has no parts. */
static void enter(struct encoder *e, uint32_t number)
{
	const struct schema_type *type = type_at(e, number);
	struct frame *frame;

	if (is_instance(type)) {
		if (e->numbers[number] != 0) {
			put_number(e, e->numbers[number] - 1);
			return;
		}
		e->numbers[number] = ++e->count;
	}
	if (type->type.unboxed)
		put_text(e, "unboxed");
	if (type->type.standard)
		put_text(e, "standard-");
	put_text(e, words[type->type.kind]);
	if (type->type.kind == ANCIENT_TYPE_BIGARRAY) {
		put_bigarray(e, &type->type);
		return;
	}
	if (type->type.kind <= ANCIENT_TYPE_FLOATARRAY)
		return;
	frame = ancient_reader_schema_list_add(&e->frames, sizeof(*frame));
	if (frame == NULL)
		ancient_reader_schema_memory(e->text);
	else
		*frame = (struct frame){number, 0, 0};
}

static void leave(struct encoder *e, const char *closing)
{
	put_text(e, closing);
	e->frames.count--;
}

static void step_argument(struct encoder *e, struct frame *frame, const struct schema_type *type)
{
	uint32_t item = frame->item++;

	if (item == type->type.argument_count) {
		leave(e, ")");
		return;
	}
	if (item > 0)
		put_text(e, ",");
	enter(e, *SCHEMA_ITEM(uint32_t, e->types->arguments, type->argument + item));
}

static void put_field(struct encoder *e, const struct schema_field *field)
{
	if (field->name != SCHEMA_NONE) {
		put_name(e, field->name);
		put_text(e, ":");
	}
	enter(e, field->type);
}

static void step_field(struct encoder *e, struct frame *frame, const struct schema_type *type)
{
	uint32_t item = frame->item++;
	bool record = type->type.kind == ANCIENT_TYPE_RECORD;

	if (item == type->type.field_count) {
		leave(e, record ? "}" : ")");
		return;
	}
	if (item > 0)
		put_text(e, record ? ";" : "*");
	put_field(e, SCHEMA_ITEM(struct schema_field, e->types->fields, type->field + item));
}

static void step_case(struct encoder *e, struct frame *frame, const struct schema_type *type)
{
	const struct schema_case *made;
	uint32_t part = frame->part;

	if (frame->item == type->type.constructor_count) {
		leave(e, "]");
		return;
	}
	made = SCHEMA_ITEM(struct schema_case, e->types->cases, type->constructor + frame->item);
	if (part == 0) {
		if (frame->item > 0)
			put_text(e, "|");
		if (type->type.kind == ANCIENT_TYPE_POLYVARIANT)
			put_text(e, "`");
		put_name(e, made->name);
	}
	if (part == made->count) {
		if (made->count > 0)
			put_text(e, made->inline_record ? "}" : ")");
		frame->item++;
		frame->part = 0;
		return;
	}
	put_text(e,
		 part > 0 ? (made->inline_record ? ";" : ",") : (made->inline_record ? "{" : "("));
	frame->part++;
	put_field(e, SCHEMA_ITEM(struct schema_field, e->types->fields, made->field + part));
}

static void step(struct encoder *e)
{
	struct frame *frame = SCHEMA_ITEM(struct frame, e->frames, e->frames.count - 1);
	const struct schema_type *type = type_at(e, frame->type);

	switch (type->type.kind) {
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
		step_field(e, frame, type);
		break;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		step_case(e, frame, type);
		break;
	default:
		step_argument(e, frame, type);
	}
}

void ancient_reader_schema_encode(struct schema_text *text, const struct schema_types *types,
				  char **ret_text, size_t *ret_length)
{
	struct encoder e = {.text = text, .types = types};

	e.numbers = calloc(types->types.count + 1u, sizeof(*e.numbers));
	if (e.numbers == NULL)
		ancient_reader_schema_memory(text);
	else
		enter(&e, types->root);
	while (e.frames.count > 0 && text->code == ANCIENT_OK)
		step(&e);
	free(e.frames.items);
	free(e.numbers);
	if (text->code != ANCIENT_OK) {
		free(e.out);
		return;
	}
	*ret_text = e.out;
	*ret_length = e.length;
}
