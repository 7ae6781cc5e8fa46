/* c-reader: floats, float arrays, and boxed integers. */
#include <string.h>

#include "value/gate.h"

enum ancient_code ancient_float_get(const struct ancient_file *file, struct ancient_value value,
				    double *ret_float, struct ancient_error *err)
{
	struct reader_block block;
	uint64_t word = 0;
	enum ancient_code code = reader_open(file, value, ANCIENT_KIND_FLOAT, &block, err);

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
	struct reader_block block;
	enum ancient_code code = reader_open(file, value, ANCIENT_KIND_FLOAT_ARRAY, &block, err);

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
		kind = reader_block_kind(file, &block);
	}
	if (kind != ANCIENT_KIND_INT32 && kind != ANCIENT_KIND_INT64 &&
	    kind != ANCIENT_KIND_NATIVEINT)
		return reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
				     "expected int32, int64 or nativeint, found %s",
				     ancient_kind_name(kind));
	/* word 1 exists: the gate's shape of slots 0 to 2, unless word 0 changed since. */
	if (block.wosize < 2)
		return reader_refuse(file->name, err, ANCIENT_E_BAD_CUSTOM,
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
