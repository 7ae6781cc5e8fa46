/* c-reader: what a value is: its kind, and looking through forced lazies. */
#include "value/gate.h"

static const char *const kind_names[] = {
	[ANCIENT_KIND_INT] = "int",
	[ANCIENT_KIND_BLOCK] = "block",
	[ANCIENT_KIND_STRING] = "string",
	[ANCIENT_KIND_FLOAT] = "float",
	[ANCIENT_KIND_FLOAT_ARRAY] = "float array",
	[ANCIENT_KIND_LAZY] = "forced lazy",
	[ANCIENT_KIND_INT32] = "int32",
	[ANCIENT_KIND_INT64] = "int64",
	[ANCIENT_KIND_NATIVEINT] = "nativeint",
	[ANCIENT_KIND_BIGARRAY] = "bigarray",
	[ANCIENT_KIND_CUSTOM] = "custom block",
};

const char *ancient_kind_name(enum ancient_kind kind)
{
	if ((unsigned)kind >= sizeof(kind_names) / sizeof(kind_names[0]) ||
	    kind_names[kind] == NULL)
		return "unknown";
	return kind_names[kind];
}

static enum ancient_kind custom_kind(const struct ancient_file *file,
				     const struct reader_block *block)
{
	uint32_t slot;

	if (!reader_custom_slot(file, reader_field(file, block, 0), &slot))
		return ANCIENT_KIND_CUSTOM;
	switch (slot) {
	case ANCIENT_CUSTOM_INT64:
		return ANCIENT_KIND_INT64;
	case ANCIENT_CUSTOM_INT32:
		return ANCIENT_KIND_INT32;
	case ANCIENT_CUSTOM_NATIVEINT:
		return ANCIENT_KIND_NATIVEINT;
	case ANCIENT_CUSTOM_BIGARRAY:
		return ANCIENT_KIND_BIGARRAY;
	default:
		return ANCIENT_KIND_CUSTOM;
	}
}

enum ancient_kind reader_block_kind(const struct ancient_file *file,
				    const struct reader_block *block)
{
	switch (block->tag) {
	case ANCIENT_TAG_FORWARD:
		return ANCIENT_KIND_LAZY;
	case ANCIENT_TAG_STRING:
		return ANCIENT_KIND_STRING;
	case ANCIENT_TAG_DOUBLE:
		return ANCIENT_KIND_FLOAT;
	case ANCIENT_TAG_DOUBLE_ARRAY:
		return ANCIENT_KIND_FLOAT_ARRAY;
	case ANCIENT_TAG_CUSTOM:
		return custom_kind(file, block);
	default:
		return ANCIENT_KIND_BLOCK;
	}
}

enum ancient_code reader_open(const struct ancient_file *file, struct ancient_value value,
			      enum ancient_kind wanted, struct reader_block *ret_block,
			      struct ancient_error *err)
{
	struct reader_block block;
	enum ancient_kind kind = ANCIENT_KIND_INT;

	if (reader_is_pointer(value.word)) {
		enum ancient_code code = reader_gate(file, value.word, &block, err);
		if (code != ANCIENT_OK)
			return code;
		kind = reader_block_kind(file, &block);
	}
	if (kind != wanted)
		return reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND, "expected %s, found %s",
				     ancient_kind_name(wanted), ancient_kind_name(kind));
	*ret_block = block;
	return ANCIENT_OK;
}

enum ancient_code ancient_value_kind(const struct ancient_file *file, struct ancient_value value,
				     enum ancient_kind *ret_kind, struct ancient_error *err)
{
	enum ancient_kind kind = ANCIENT_KIND_INT;
	enum ancient_code code = ANCIENT_OK;

	if (reader_is_pointer(value.word)) {
		struct reader_block block;
		code = reader_gate(file, value.word, &block, err);
		if (code == ANCIENT_OK)
			kind = reader_block_kind(file, &block);
		code = reader_settle(file, code, err);
	}
	if (code == ANCIENT_OK)
		*ret_kind = kind;
	return code;
}

static enum ancient_code force(const struct ancient_file *file, uint64_t *word,
			       struct ancient_error *err)
{
	const uint64_t first = *word, most = file->super.used / (2 * ANCIENT_WORD);
	struct reader_chain chain = READER_CHAIN_START;
	struct reader_block block;

	while (reader_is_pointer(*word)) {
		enum ancient_code code = reader_gate(file, *word, &block, err);
		if (code != ANCIENT_OK || block.tag != ANCIENT_TAG_FORWARD)
			return code;
		if (reader_chain_closed(&chain, *word, most)) {
			const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, 0,
							   first - file->super.base, 0, first};
			return reader_fail(file->name, err, &fault,
					   "a chain of forced lazies that does not end");
		}
		*word = reader_field(file, &block, 0);
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_value_force(const struct ancient_file *file, struct ancient_value value,
				      struct ancient_value *ret_value, struct ancient_error *err)
{
	uint64_t word = value.word;
	enum ancient_code code = reader_settle(file, force(file, &word, err), err);

	if (code == ANCIENT_OK)
		ret_value->word = word;
	return code;
}
