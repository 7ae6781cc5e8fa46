/* c-reader/value: values without types: the kind of a value, blocks field by field, strings,
 * floats and boxed integers, in the mapping.  These are the public functions of
 * ancient_reader.h; each opens its value by the gate. */
#include <string.h>

#include "base/budget.h"
#include "value/gate_custom.h"
#include "value/value.h"

/* ---- Kinds ------------------------------------------------------------------------- */

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

	if (!ancient_reader_custom_slot(file, reader_field(file, block, 0), &slot))
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

enum ancient_kind ancient_reader_block_kind(const struct ancient_file *file,
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

enum ancient_code ancient_reader_wrong_kind(const struct ancient_file *file,
					    enum ancient_kind wanted, enum ancient_kind found,
					    struct ancient_error *err)
{
	return ancient_reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND, "expected %s, found %s",
				     ancient_kind_name(wanted), ancient_kind_name(found));
}

enum ancient_code ancient_reader_open(const struct ancient_file *file, struct ancient_value value,
				      enum ancient_kind wanted, struct reader_block *ret_block,
				      struct ancient_error *err)
{
	struct reader_block block;
	enum ancient_kind kind = ANCIENT_KIND_INT;

	if (reader_is_pointer(value.word)) {
		enum ancient_code code = reader_gate(file, value.word, &block, err);
		if (code != ANCIENT_OK)
			return code;
		kind = ancient_reader_block_kind(file, &block);
	}
	if (kind != wanted)
		return ancient_reader_wrong_kind(file, wanted, kind, err);
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
			kind = ancient_reader_block_kind(file, &block);
		code = reader_settle(file, code, err);
	}
	if (code == ANCIENT_OK)
		*ret_kind = kind;
	return code;
}

static enum ancient_code force(const struct ancient_file *file, uint64_t *word,
			       struct ancient_error *err)
{
	const uint64_t first = *word, most = reader_most(file, 2);
	struct reader_chain chain = READER_CHAIN_START;
	struct reader_block block;

	while (reader_is_pointer(*word)) {
		enum ancient_code code = reader_gate(file, *word, &block, err);
		if (code != ANCIENT_OK || block.tag != ANCIENT_TAG_FORWARD)
			return code;
		if (reader_chain_closed(&chain, *word, most)) {
			const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, 0,
							   first - file->super.base, 0, first};
			return ancient_reader_fail(file->name, err, &fault,
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

/* ---- Blocks ------------------------------------------------------------------------ */

static enum ancient_code block_at(const struct ancient_file *file, struct ancient_value value,
				  struct reader_block *ret_block, struct ancient_error *err)
{
	struct reader_block block;

	if (!reader_is_pointer(value.word))
		return ancient_reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
					     "expected block, found int");
	enum ancient_code code = reader_gate(file, value.word, &block, err);
	if (code != ANCIENT_OK)
		return code;
	if (!reader_has_values(block.tag))
		return ancient_reader_refuse(
			file->name, err, ANCIENT_E_WRONG_KIND, "expected block, found %s",
			ancient_kind_name(ancient_reader_block_kind(file, &block)));
	*ret_block = block;
	return ANCIENT_OK;
}

enum ancient_code ancient_block_get(const struct ancient_file *file, struct ancient_value value,
				    struct ancient_block *ret_block, struct ancient_error *err)
{
	struct reader_block block = {0};
	enum ancient_code code = reader_settle(file, block_at(file, value, &block, err), err);

	if (code == ANCIENT_OK)
		*ret_block = (struct ancient_block){block.offset, block.wosize, block.tag};
	return code;
}

enum ancient_code ancient_block_field(const struct ancient_file *file,
				      const struct ancient_block *block, uint64_t index,
				      struct ancient_value *ret_value, struct ancient_error *err)
{
	if (index >= block->size)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_INDEX,
					     "expected an index below %llu, found %llu",
					     (unsigned long long)block->size,
					     (unsigned long long)index);
	/* The structure is the caller's memory: of another file, it could lead anywhere. */
	if (block->offset % ANCIENT_WORD != 0 || !reader_inside(file, block->offset, 0) ||
	    index >= (file->super.used - block->offset) / ANCIENT_WORD)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_ARGUMENT,
					     "expected a block of this file");
	uint64_t word = reader_word(file, block->offset + index * ANCIENT_WORD);
	enum ancient_code code = reader_settle(file, ANCIENT_OK, err);
	if (code == ANCIENT_OK)
		ret_value->word = word;
	return code;
}

/* ---- Strings (FORMAT 7.3) ---------------------------------------------------------- */

static enum ancient_code string_at(const struct ancient_file *file, struct ancient_value value,
				   uint64_t *ret_offset, uint64_t *ret_length,
				   struct ancient_error *err)
{
	struct reader_block block;
	uint64_t last;
	enum ancient_code code;

	if (READER_LIKELY(reader_gate_string(file, value.word, ret_offset, ret_length)))
		return ANCIENT_OK;
	code = ancient_reader_open(file, value, ANCIENT_KIND_STRING, &block, err);
	if (code != ANCIENT_OK)
		return code;
	/* The gate has tested the last word; it is fetched again here, so tested again. */
	if (!reader_string_length(file, &block, ret_length, &last)) {
		const struct reader_fault fault = {ANCIENT_E_BAD_STRING, READER_V(5), block.offset,
						   0, last};
		return ancient_reader_fail(file->name, err, &fault,
					   "the string changed while it was read");
	}
	*ret_offset = block.offset;
	return ANCIENT_OK;
}

enum ancient_code ancient_string_get(const struct ancient_file *file, struct ancient_value value,
				     const char **ret_bytes, size_t *ret_length,
				     struct ancient_error *err)
{
	uint64_t offset = 0, length = 0;
	enum ancient_code code =
		reader_settle(file, string_at(file, value, &offset, &length, err), err);

	if (code == ANCIENT_OK) {
		*ret_bytes = (const char *)(file->map + offset);
		*ret_length = length;
	}
	return code;
}

/* ---- Floats and boxed integers ----------------------------------------------------- */

enum ancient_code ancient_float_get(const struct ancient_file *file, struct ancient_value value,
				    double *ret_float, struct ancient_error *err)
{
	struct reader_block block = {0}; /* for compilers, which cannot see that it is set */
	uint64_t word = 0;
	enum ancient_code code = ancient_reader_open(file, value, ANCIENT_KIND_FLOAT, &block, err);

	if (code == ANCIENT_OK)
		word = reader_field(file, &block, 0);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		memcpy(ret_float, &word, sizeof(word));
	return code;
}

enum ancient_code ancient_float_array_get(const struct ancient_file *file,
					  struct ancient_value value, const double **ret_floats,
					  size_t *ret_count, struct ancient_error *err)
{
	struct reader_block block = {0}; /* for compilers, which cannot see that it is set */
	enum ancient_code code =
		ancient_reader_open(file, value, ANCIENT_KIND_FLOAT_ARRAY, &block, err);

	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK) {
		*ret_floats = (const double *)(const void *)(file->map + block.offset);
		*ret_count = block.wosize;
	}
	return code;
}

static enum ancient_code boxed_at(const struct ancient_file *file, struct ancient_value value,
				  uint64_t *ret_word, struct ancient_error *err)
{
	struct reader_block block;
	enum ancient_kind kind = ANCIENT_KIND_INT;

	if (reader_is_pointer(value.word)) {
		enum ancient_code code = reader_gate(file, value.word, &block, err);
		if (code != ANCIENT_OK)
			return code;
		kind = ancient_reader_block_kind(file, &block);
	}
	if (kind != ANCIENT_KIND_INT32 && kind != ANCIENT_KIND_INT64 &&
	    kind != ANCIENT_KIND_NATIVEINT)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
					     "expected int32, int64 or nativeint, found %s",
					     ancient_kind_name(kind));
	/* word 1 exists: the gate's shape of slots 0 to 2, unless word 0 changed since. */
	if (block.wosize < 2)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_BAD_CUSTOM,
					     "the block changed while it was read");
	*ret_word = reader_field(file, &block, 1);
	return ANCIENT_OK;
}

enum ancient_code ancient_boxed_int_get(const struct ancient_file *file, struct ancient_value value,
					int64_t *ret_int, struct ancient_error *err)
{
	uint64_t word = 0;
	enum ancient_code code = reader_settle(file, boxed_at(file, value, &word, err), err);

	if (code == ANCIENT_OK)
		*ret_int = (int64_t)word;
	return code;
}
