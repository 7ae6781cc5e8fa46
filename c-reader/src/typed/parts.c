/* c-reader: blocks of typed values opened once, and their words then read without a test.
 *
 * What was tested stays so: the size that was found fits into the mapping, whatever another
 * process does to the header afterwards. */
#include "typed/typed.h"

static enum ancient_code open_parts(const struct ancient_file *file,
				    const struct ancient_schema *schema, struct ancient_typed typed,
				    struct ancient_parts *parts, struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code = typed_open(file, schema, typed, true, &shape, err);

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
		return typed_wrong_kind(file, shape.type, "with parts", err);
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
