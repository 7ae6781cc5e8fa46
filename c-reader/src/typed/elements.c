/* c-reader/typed: elements by position and by number: lists, arrays, and the lengths of all
 * containers; and typed_cell, the test of a list's cell or a tree's node, for iteration, lookup
 * and dump. */
#include "typed/elements.h"

#include "typed/bucket.h"
#include "typed/fields.h"

enum ancient_code ancient_reader_typed_cell_any(const struct ancient_file *file,
						const struct ancient_type *type, uint64_t word,
						uint64_t size, const char *what,
						struct reader_block *ret_block,
						struct ancient_error *err)
{
	struct reader_block block;
	enum ancient_code code;

	if (!reader_is_pointer(word))
		return ancient_reader_typed_bad_shape(file, type, word, err, "%s", what);
	code = reader_gate(file, word, &block, err);
	if (code != ANCIENT_OK)
		return code;
	if (block.tag != 0 || (size != 0 && block.wosize != size))
		return ancient_reader_typed_bad_shape(file, type, word, err, "%s", what);
	*ret_block = block;
	return ANCIENT_OK;
}

uint32_t ancient_reader_typed_element(const struct ancient_schema *schema, uint32_t number)
{
	return schema->types[number].arguments[0];
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
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, false, &shape, err);

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
	case ANCIENT_TYPE_QUEUE:
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		code = ancient_typed_contents(file, schema, typed, &typed, err);
		return code != ANCIENT_OK
			       ? code
			       : ancient_typed_length(file, schema, typed, ret_length, err);
	default:
		return count_all(file, schema, typed, ret_length, err);
	}
}

static enum ancient_code list_item(const struct ancient_file *file, const struct typed_shape *shape,
				   uint64_t index, struct ancient_typed *part,
				   struct ancient_error *err)
{
	const uint64_t most = reader_most(file, 3);
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
			*part = ancient_reader_typed_part(file, &cell, 0,
							  shape->type->arguments[0]);
			return ANCIENT_OK;
		}
		word = reader_field(file, &cell, 1);
	}
	if (reader_is_pointer(word))
		return ancient_reader_refuse(file->name, err, ANCIENT_E_BAD_SHAPE,
					     "%.80s: a list that leads back to itself",
					     shape->type->name);
	return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_INDEX,
				     "%.80s: the list has no item %llu", shape->type->name,
				     (unsigned long long)index);
}

static enum ancient_code item_at(const struct ancient_file *file,
				 const struct ancient_schema *schema, struct ancient_typed typed,
				 uint64_t index, struct ancient_typed *part,
				 struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, false, &shape, err);

	if (code != ANCIENT_OK)
		return code;
	switch (shape.type->kind) {
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		if (index >= shape.block.wosize)
			return ancient_reader_typed_no_index(file, shape.type, index,
							     shape.block.wosize, err);
		*part = ancient_reader_typed_part(
			file, &shape.block, index,
			ancient_reader_typed_element(schema, shape.number));
		return ANCIENT_OK;
	case ANCIENT_TYPE_LIST:
		return list_item(file, &shape, index, part, err);
	case ANCIENT_TYPE_QUEUE:
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		code = ancient_typed_contents(file, schema, typed, &typed, err);
		return code != ANCIENT_OK ? code : item_at(file, schema, typed, index, part, err);
	default:
		return ancient_reader_typed_wrong_kind(file, shape.type, "list or array", err);
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
