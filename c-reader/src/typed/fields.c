/* c-reader/typed: what a typed value has inside: fields, constructors and their arguments, the
 * contents of options, results, refs and lazies, and whole blocks whose words the caller reads.
 * The public functions ancient_typed_field and so on; lookup, scan and dump call
 * ancient_reader_typed_part. */
#include "typed/fields.h"

#include <stdio.h>
#include <string.h>

#include "typed/elements.h"
#include "typed/layout.h"

struct ancient_typed ancient_reader_typed_part(const struct ancient_file *file,
					       const struct reader_block *block, uint64_t index,
					       uint32_t type)
{
	struct ancient_typed part = {
		{reader_field(file, block, index)}, type, block->tag == ANCIENT_TAG_DOUBLE_ARRAY};

	return part;
}

/* An unboxed value, taken as its only field or argument. */
static struct ancient_typed inside(const struct typed_shape *shape)
{
	struct ancient_typed part = {
		{shape->word}, ancient_reader_typed_inside(shape->type), shape->flat};

	return part;
}

/* ---- Records and tuples ------------------------------------------------------------ */

static enum ancient_code field_at(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed typed,
				  uint32_t index, struct ancient_typed *part,
				  struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, true, &shape, err);

	if (code != ANCIENT_OK)
		return code;
	if (shape.type->kind != ANCIENT_TYPE_RECORD && shape.type->kind != ANCIENT_TYPE_TUPLE)
		return ancient_reader_typed_wrong_kind(file, shape.type, "record or tuple", err);
	if (index >= shape.type->field_count)
		return ancient_reader_typed_no_index(file, shape.type, index,
						     shape.type->field_count, err);
	*part = shape.type->unboxed ? inside(&shape)
				    : ancient_reader_typed_part(file, &shape.block, index,
								shape.type->fields[index].type);
	return ANCIENT_OK;
}

/* field_at for records and tuples that are blocks of tag 0; false where field_at has to decide. */
static inline bool plain_field(const struct ancient_file *file, const struct ancient_schema *schema,
			       struct ancient_typed typed, uint32_t index,
			       struct ancient_typed *part)
{
	const struct ancient_type *type = typed_word_type(schema, typed);
	uint64_t offset;

	if (type == NULL || index >= type->field_count || type->unboxed ||
	    !reader_gate_exact(file, typed.value.word, 0, type->field_count, &offset))
		return false;
	*part = ancient_typed_of(
		(struct ancient_value){reader_word(file, offset + index * ANCIENT_WORD)},
		type->fields[index].type);
	return true;
}

enum ancient_code ancient_typed_field(const struct ancient_file *file,
				      const struct ancient_schema *schema,
				      struct ancient_typed typed, uint32_t index,
				      struct ancient_typed *ret_field, struct ancient_error *err)
{
	struct ancient_typed part;
	enum ancient_code code = ANCIENT_OK;

	if (!READER_LIKELY(plain_field(file, schema, typed, index, &part)))
		code = field_at(file, schema, typed, index, &part, err);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_field = part;
	return code;
}

/* ---- Variants ---------------------------------------------------------------------- */

static bool is_variant(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_VARIANT || type->kind == ANCIENT_TYPE_POLYVARIANT;
}

static enum ancient_code open_variant(const struct ancient_file *file,
				      const struct ancient_schema *schema,
				      struct ancient_typed typed, struct typed_shape *shape,
				      struct ancient_error *err)
{
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, true, shape, err);

	if (code == ANCIENT_OK && !is_variant(shape->type))
		return ancient_reader_typed_wrong_kind(file, shape->type, "variant", err);
	return code;
}

static enum ancient_code argument_at(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed, uint32_t index,
				     struct ancient_typed *part, struct ancient_error *err)
{
	const struct ancient_constructor *constructor;
	struct typed_shape shape;
	enum ancient_code code = open_variant(file, schema, typed, &shape, err);

	if (code != ANCIENT_OK)
		return code;
	constructor = &shape.type->constructors[shape.constructor];
	if (index >= constructor->field_count)
		return ancient_reader_typed_no_index(file, shape.type, index,
						     constructor->field_count, err);
	if (shape.type->unboxed)
		*part = inside(&shape);
	else
		*part = ancient_reader_typed_part(
			file, &shape.block,
			shape.type->kind == ANCIENT_TYPE_POLYVARIANT ? 1 : index,
			constructor->fields[index].type);
	return ANCIENT_OK;
}

enum ancient_code ancient_typed_constructor(const struct ancient_file *file,
					    const struct ancient_schema *schema,
					    struct ancient_typed typed, uint32_t *ret_index,
					    struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code =
		reader_settle(file, open_variant(file, schema, typed, &shape, err), err);

	if (code == ANCIENT_OK)
		*ret_index = shape.constructor;
	return code;
}

enum ancient_code ancient_typed_argument(const struct ancient_file *file,
					 const struct ancient_schema *schema,
					 struct ancient_typed typed, uint32_t index,
					 struct ancient_typed *ret_argument,
					 struct ancient_error *err)
{
	struct ancient_typed part;
	enum ancient_code code =
		reader_settle(file, argument_at(file, schema, typed, index, &part, err), err);

	if (code == ANCIENT_OK)
		*ret_argument = part;
	return code;
}

/* " (fields: name, size, ...)"; nothing where there are none. */
static void list_fields(const struct ancient_field *fields, uint32_t count, char text[320])
{
	enum { SHOWN = 8 };
	size_t at = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < count && i < SHOWN && fields[i].name != NULL; i++)
		at += (size_t)snprintf(text + at, 320 - at, "%s%.32s", i == 0 ? " (fields: " : ", ",
				       fields[i].name);
	if (at > 0)
		snprintf(text + at, 320 - at, "%s)", count > SHOWN ? ", ..." : "");
}

enum ancient_code ancient_typed_field_named(const struct ancient_file *file,
					    const struct ancient_schema *schema,
					    struct ancient_typed typed, const char *name,
					    struct ancient_typed *ret_field,
					    struct ancient_error *err)
{
	const struct ancient_field *fields;
	const struct ancient_type *type;
	uint32_t count, constructor = 0;
	char listed[320];
	enum ancient_code code = ancient_reader_typed_type(file, schema, typed, &type, err);

	if (code == ANCIENT_OK && is_variant(type))
		code = ancient_typed_constructor(file, schema, typed, &constructor, err);
	else if (code == ANCIENT_OK && type->kind != ANCIENT_TYPE_RECORD)
		code = ancient_reader_typed_wrong_kind(file, type, "record", err);
	if (code != ANCIENT_OK)
		return code;
	fields = is_variant(type) ? type->constructors[constructor].fields : type->fields;
	count = is_variant(type) ? type->constructors[constructor].field_count : type->field_count;
	for (uint32_t i = 0; i < count; i++) {
		if (fields[i].name == NULL || strcmp(fields[i].name, name) != 0)
			continue;
		return is_variant(type)
			       ? ancient_typed_argument(file, schema, typed, i, ret_field, err)
			       : ancient_typed_field(file, schema, typed, i, ret_field, err);
	}
	if (err == NULL)
		return ANCIENT_E_NO_FIELD;
	list_fields(fields, count, listed);
	return ancient_reader_refuse(
		file->name, err, ANCIENT_E_NO_FIELD, "%.80s%s%.40s has no %.60s%s", type->name,
		is_variant(type) ? "." : "",
		is_variant(type) ? type->constructors[constructor].name : "", name, listed);
}

/* ---- Options, results, references, lazies ------------------------------------------ */

enum ancient_code ancient_typed_option(const struct ancient_file *file,
				       const struct ancient_schema *schema,
				       struct ancient_typed typed, bool *ret_some,
				       struct ancient_typed *ret_value, struct ancient_error *err)
{
	struct ancient_typed part = {0};
	struct typed_shape shape;
	bool some = false;
	enum ancient_code code = ancient_reader_typed_open_kind(file, schema, typed,
								ANCIENT_TYPE_OPTION, &shape, err);

	if (code == ANCIENT_OK) {
		some = reader_is_pointer(shape.word);
		if (some)
			part = ancient_reader_typed_part(file, &shape.block, 0,
							 shape.type->arguments[0]);
	}
	code = reader_settle(file, code, err);
	if (code != ANCIENT_OK)
		return code;
	*ret_some = some;
	if (some && ret_value != NULL)
		*ret_value = part;
	return ANCIENT_OK;
}

enum ancient_code ancient_typed_result(const struct ancient_file *file,
				       const struct ancient_schema *schema,
				       struct ancient_typed typed, bool *ret_ok,
				       struct ancient_typed *ret_value, struct ancient_error *err)
{
	struct ancient_typed part = {0};
	struct typed_shape shape;
	enum ancient_code code = ancient_reader_typed_open_kind(file, schema, typed,
								ANCIENT_TYPE_RESULT, &shape, err);

	if (code == ANCIENT_OK)
		part = ancient_reader_typed_part(
			file, &shape.block, 0, shape.type->arguments[shape.block.tag == 0 ? 0 : 1]);
	code = reader_settle(file, code, err);
	if (code != ANCIENT_OK)
		return code;
	*ret_ok = shape.block.tag == 0;
	*ret_value = part;
	return ANCIENT_OK;
}

/* The list or array in a Queue, Stack or Dynarray.  An array that is longer than its Dynarray has
 * spare room at its end, which is no elements. */
static enum ancient_code open_holder(const struct ancient_file *file,
				     const struct typed_shape *shape, struct ancient_typed *part,
				     struct ancient_error *err)
{
	bool array = shape->type->kind == ANCIENT_TYPE_DYNARRAY;
	uint64_t index = array                                     ? TYPED_DYNARRAY_ARRAY
			 : shape->type->kind == ANCIENT_TYPE_STACK ? TYPED_STACK_LIST
								   : TYPED_QUEUE_LIST;
	struct reader_block elements;
	enum ancient_code code;

	*part = ancient_reader_typed_part(file, &shape->block, index, shape->type->arguments[0]);
	if (!array)
		return ANCIENT_OK;
	code = typed_cell(file, shape->type, part->value.word, 0, "an array of elements", &elements,
			  err);
	if (code == ANCIENT_OK &&
	    reader_field(file, &shape->block, TYPED_DYNARRAY_LENGTH) != (elements.wosize << 1 | 1))
		code = ancient_reader_typed_bad_shape(file, shape->type, shape->word, err,
						      "an array without spare room");
	return code;
}

enum ancient_code ancient_typed_contents(const struct ancient_file *file,
					 const struct ancient_schema *schema,
					 struct ancient_typed typed,
					 struct ancient_typed *ret_value, struct ancient_error *err)
{
	struct ancient_typed part = {0};
	struct typed_shape shape;
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, false, &shape, err);

	if (code == ANCIENT_OK && shape.type->kind == ANCIENT_TYPE_REF) {
		part = ancient_reader_typed_part(file, &shape.block, 0, shape.type->arguments[0]);
	} else if (code == ANCIENT_OK && shape.type->kind == ANCIENT_TYPE_LAZY) {
		part = ancient_typed_of((struct ancient_value){shape.word},
					shape.type->arguments[0]);
		code = ancient_value_force(file, part.value, &part.value, err);
	} else if (code == ANCIENT_OK && typed_is_holder(shape.type->kind)) {
		code = open_holder(file, &shape, &part, err);
	} else if (code == ANCIENT_OK) {
		code = ancient_reader_typed_wrong_kind(file, shape.type,
						       "ref, lazy, Queue, Stack or Dynarray", err);
	}
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_value = part;
	return code;
}

/* ---- Parts of an opened block ------------------------------------------------------ */

/* The size that was found fits into the mapping, whatever another process does to the header
 * afterwards, so the caller reads the words without testing again. */
static enum ancient_code open_parts(const struct ancient_file *file,
				    const struct ancient_schema *schema, struct ancient_typed typed,
				    struct ancient_parts *parts, struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, true, &shape, err);

	if (code != ANCIENT_OK)
		return code;
	switch (shape.type->kind) {
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_RESULT:
	case ANCIENT_TYPE_REF:
		break;
	default:
		return ancient_reader_typed_wrong_kind(file, shape.type, "with parts", err);
	}
	*parts = (struct ancient_parts){.constructor = shape.constructor};
	if (shape.flat || shape.type->unboxed || !reader_is_pointer(shape.word))
		return ANCIENT_OK;
	parts->words = (const uint64_t *)(const void *)(file->map + shape.block.offset);
	parts->count = shape.block.wosize;
	parts->flat = shape.block.tag == ANCIENT_TAG_DOUBLE_ARRAY;
	return ANCIENT_OK;
}

enum ancient_code ancient_typed_parts(const struct ancient_file *file,
				      const struct ancient_schema *schema,
				      struct ancient_typed typed, struct ancient_parts *ret_parts,
				      struct ancient_error *err)
{
	struct ancient_parts parts;
	enum ancient_code code =
		reader_settle(file, open_parts(file, schema, typed, &parts, err), err);

	if (code == ANCIENT_OK)
		*ret_parts = parts;
	return code;
}
