/* c-reader: the parts of typed values: fields, arguments, contents, elements. */
#include <string.h>

#include "typed/typed.h"

struct ancient_typed typed_part(const struct ancient_file *file, const struct reader_block *block,
				uint64_t index, uint32_t type)
{
	struct ancient_typed part = {
		{reader_field(file, block, index)}, type, block->tag == ANCIENT_TAG_DOUBLE_ARRAY};

	return part;
}

static enum ancient_code no_index(const struct ancient_file *file, const struct ancient_type *type,
				  uint64_t index, uint64_t count, struct ancient_error *err)
{
	return reader_refuse(file->name, err, ANCIENT_E_NO_INDEX,
			     "%.80s: expected an index below %llu, found %llu", type->name,
			     (unsigned long long)count, (unsigned long long)index);
}

/* The value of an unboxed type, as its one field or argument. */
static struct ancient_typed inside(const struct typed_shape *shape)
{
	struct ancient_typed part = {{shape->word}, typed_inside(shape->type), shape->flat};

	return part;
}

/* ---- Records and tuples ------------------------------------------------------------ */

static enum ancient_code field_at(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed typed,
				  uint32_t index, struct ancient_typed *part,
				  struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code = typed_open(file, schema, typed, true, &shape, err);

	if (code != ANCIENT_OK)
		return code;
	if (shape.type->kind != ANCIENT_TYPE_RECORD && shape.type->kind != ANCIENT_TYPE_TUPLE)
		return typed_wrong_kind(file, shape.type, "record or tuple", err);
	if (index >= shape.type->field_count)
		return no_index(file, shape.type, index, shape.type->field_count, err);
	*part = shape.type->unboxed
			? inside(&shape)
			: typed_part(file, &shape.block, index, shape.type->fields[index].type);
	return ANCIENT_OK;
}

/* The same for a block of tag 0: the type, the header, the field, and no more. */
static inline bool quick_field(const struct ancient_file *file, const struct ancient_schema *schema,
			       struct ancient_typed typed, uint32_t index,
			       struct ancient_typed *part)
{
	const struct ancient_type *type = typed_quick_type(schema, typed);
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

	if (!READER_LIKELY(quick_field(file, schema, typed, index, &part)))
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
	enum ancient_code code = typed_open(file, schema, typed, true, shape, err);

	if (code == ANCIENT_OK && !is_variant(shape->type))
		return typed_wrong_kind(file, shape->type, "variant", err);
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
		return no_index(file, shape.type, index, constructor->field_count, err);
	if (shape.type->unboxed)
		*part = inside(&shape);
	else
		*part = typed_part(file, &shape.block,
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

enum ancient_code ancient_typed_field_named(const struct ancient_file *file,
					    const struct ancient_schema *schema,
					    struct ancient_typed typed, const char *name,
					    struct ancient_typed *ret_field,
					    struct ancient_error *err)
{
	const struct ancient_field *fields;
	const struct ancient_type *type;
	uint32_t count, constructor = 0;
	enum ancient_code code = typed_type(file, schema, typed, &type, err);

	if (code == ANCIENT_OK && is_variant(type))
		code = ancient_typed_constructor(file, schema, typed, &constructor, err);
	else if (code == ANCIENT_OK && type->kind != ANCIENT_TYPE_RECORD)
		code = typed_wrong_kind(file, type, "record", err);
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
	return reader_refuse(file->name, err, ANCIENT_E_NO_FIELD, "%.80s%s%.40s has no %.60s",
			     type->name, is_variant(type) ? "." : "",
			     is_variant(type) ? type->constructors[constructor].name : "", name);
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
	enum ancient_code code =
		typed_open_kind(file, schema, typed, ANCIENT_TYPE_OPTION, &shape, err);

	if (code == ANCIENT_OK) {
		some = reader_is_pointer(shape.word);
		if (some)
			part = typed_part(file, &shape.block, 0, shape.type->arguments[0]);
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
	enum ancient_code code =
		typed_open_kind(file, schema, typed, ANCIENT_TYPE_RESULT, &shape, err);

	if (code == ANCIENT_OK)
		part = typed_part(file, &shape.block, 0,
				  shape.type->arguments[shape.block.tag == 0 ? 0 : 1]);
	code = reader_settle(file, code, err);
	if (code != ANCIENT_OK)
		return code;
	*ret_ok = shape.block.tag == 0;
	*ret_value = part;
	return ANCIENT_OK;
}

enum ancient_code ancient_typed_contents(const struct ancient_file *file,
					 const struct ancient_schema *schema,
					 struct ancient_typed typed,
					 struct ancient_typed *ret_value, struct ancient_error *err)
{
	struct ancient_typed part = {0};
	struct typed_shape shape;
	enum ancient_code code = typed_open(file, schema, typed, false, &shape, err);

	if (code == ANCIENT_OK && shape.type->kind == ANCIENT_TYPE_REF) {
		part = typed_part(file, &shape.block, 0, shape.type->arguments[0]);
	} else if (code == ANCIENT_OK && shape.type->kind == ANCIENT_TYPE_LAZY) {
		part = ancient_typed_of((struct ancient_value){shape.word},
					shape.type->arguments[0]);
		code = ancient_value_force(file, part.value, &part.value, err);
	} else if (code == ANCIENT_OK) {
		code = typed_wrong_kind(file, shape.type, "ref or lazy", err);
	}
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_value = part;
	return code;
}

/* ---- Elements ---------------------------------------------------------------------- */

static enum ancient_code count_all(const struct ancient_file *file,
				   const struct ancient_schema *schema, struct ancient_typed typed,
				   uint64_t *ret_count, struct ancient_error *err)
{
	struct ancient_iterator iterator;
	struct ancient_typed key;
	uint64_t count = 0;
	enum ancient_code code = ancient_iterator_init(file, schema, typed, &iterator, err);

	if (code != ANCIENT_OK)
		return code;
	while ((code = ancient_iterator_next(&iterator, &key, NULL, err)) == ANCIENT_OK)
		count++;
	if (code != ANCIENT_E_NO_INDEX)
		return code;
	*ret_count = count;
	return ANCIENT_OK;
}

enum ancient_code ancient_typed_length(const struct ancient_file *file,
				       const struct ancient_schema *schema,
				       struct ancient_typed typed, uint64_t *ret_length,
				       struct ancient_error *err)
{
	struct ancient_bigarray array;
	struct typed_shape shape;
	enum ancient_code code = typed_open(file, schema, typed, false, &shape, err);

	code = reader_settle(file, code, err);
	if (code != ANCIENT_OK)
		return code;
	switch (shape.type->kind) {
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		*ret_length = shape.block.wosize;
		return ANCIENT_OK;
	case ANCIENT_TYPE_BIGARRAY:
		code = ancient_typed_bigarray(file, schema, typed, &array, err);
		if (code == ANCIENT_OK)
			*ret_length = array.count;
		return code;
	default:
		return count_all(file, schema, typed, ret_length, err);
	}
}

static enum ancient_code list_item(const struct ancient_file *file, const struct typed_shape *shape,
				   uint64_t index, struct ancient_typed *part,
				   struct ancient_error *err)
{
	const uint64_t most = file->super.used / (3 * ANCIENT_WORD);
	struct reader_chain chain = READER_CHAIN_START;
	struct reader_block cell = shape->block;
	uint64_t word = shape->word;

	for (uint64_t at = 0; reader_is_pointer(word); at++) {
		enum ancient_code code;
		if (at > 0 && reader_chain_closed(&chain, word, most))
			break;
		code = typed_cell(file, shape->type, word, 2, "a block of tag 0 and size 2", &cell,
				  err);
		if (code != ANCIENT_OK)
			return code;
		if (at == index) {
			*part = typed_part(file, &cell, 0, shape->type->arguments[0]);
			return ANCIENT_OK;
		}
		word = reader_field(file, &cell, 1);
	}
	if (reader_is_pointer(word))
		return reader_refuse(file->name, err, ANCIENT_E_BAD_SHAPE,
				     "%.80s: a list that leads back to itself", shape->type->name);
	return reader_refuse(file->name, err, ANCIENT_E_NO_INDEX,
			     "%.80s: the list has no item %llu", shape->type->name,
			     (unsigned long long)index);
}

static enum ancient_code item_at(const struct ancient_file *file,
				 const struct ancient_schema *schema, struct ancient_typed typed,
				 uint64_t index, struct ancient_typed *part,
				 struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code = typed_open(file, schema, typed, false, &shape, err);

	if (code != ANCIENT_OK)
		return code;
	switch (shape.type->kind) {
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		if (index >= shape.block.wosize)
			return no_index(file, shape.type, index, shape.block.wosize, err);
		*part = typed_part(file, &shape.block, index, typed_element(schema, shape.number));
		return ANCIENT_OK;
	case ANCIENT_TYPE_LIST:
		return list_item(file, &shape, index, part, err);
	default:
		return typed_wrong_kind(file, shape.type, "list or array", err);
	}
}

enum ancient_code ancient_typed_item(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed, uint64_t index,
				     struct ancient_typed *ret_item, struct ancient_error *err)
{
	struct ancient_typed part;
	enum ancient_code code =
		reader_settle(file, item_at(file, schema, typed, index, &part, err), err);

	if (code == ANCIENT_OK)
		*ret_item = part;
	return code;
}
