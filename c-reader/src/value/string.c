/* c-reader: strings, in the mapping (FORMAT 7.3). */
#include "value/gate.h"

static enum ancient_code string_at(const struct ancient_file *file, struct ancient_value value,
				   uint64_t *ret_offset, uint64_t *ret_length,
				   struct ancient_error *err)
{
	struct reader_block block;
	uint64_t last;
	enum ancient_code code;

	if (READER_LIKELY(reader_gate_string(file, value.word, ret_offset, ret_length)))
		return ANCIENT_OK;
	code = reader_open(file, value, ANCIENT_KIND_STRING, &block, err);
	if (code != ANCIENT_OK)
		return code;
	/* The gate has tested the last word; it is fetched again here, so tested again. */
	if (!reader_string_length(file, &block, ret_length, &last)) {
		const struct reader_fault fault = {ANCIENT_E_BAD_STRING, READER_V(5), block.offset,
						   0, last};
		return reader_fail(file->name, err, &fault, "the string changed while it was read");
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
