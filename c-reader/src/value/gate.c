/* c-reader/value: the bounds gate (FORMAT 9), its table row by row: the paths that the inline
 * functions of gate.h do not take, and every error. */
#include "value/gate_custom.h"

static bool tag_allowed(unsigned tag)
{
	return tag <= ANCIENT_TAG_LAST_PLAIN || tag == ANCIENT_TAG_FORWARD ||
	       (tag >= ANCIENT_TAG_STRING && tag <= ANCIENT_TAG_CUSTOM);
}

enum ancient_code ancient_reader_gate_header(const struct ancient_file *file, uint64_t offset,
					     uint64_t end, struct reader_block *ret_block,
					     struct ancient_error *err)
{
	uint64_t at = offset - ANCIENT_WORD;
	uint64_t header = reader_word(file, at);
	unsigned tag = reader_header_tag(header);
	uint64_t wosize = reader_header_wosize(header), most = (end - offset) / ANCIENT_WORD;

	/* The filler has tag 251, which is not allowed: a pointer behind it, which takes it for a
	 * header, is refused here.  A pointer to the filler itself is that of an empty block at the
	 * end of its extent. */
	if ((header & ANCIENT_HEADER_COLOUR_MASK) != ANCIENT_HEADER_COLOUR || !tag_allowed(tag)) {
		const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, READER_V(2), at,
						   ANCIENT_HEADER_COLOUR, header};
		return ancient_reader_fail(
			file->name, err, &fault,
			"expected a header of colour 3 and an allowed tag, found %#llx "
			"(colour %u, tag %u)",
			(unsigned long long)header, (unsigned)(header >> 8) & 3, tag);
	}
	if (wosize > most) {
		const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, READER_V(3), at, most,
						   wosize};
		return ancient_reader_fail(file->name, err, &fault,
					   "expected at most %llu words, found a block of %llu",
					   (unsigned long long)most, (unsigned long long)wosize);
	}
	*ret_block = (struct reader_block){offset, wosize, tag};
	return ANCIENT_OK;
}

static enum ancient_code bad_wosize(const struct ancient_file *file,
				    const struct reader_block *block, const char *expected,
				    struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, READER_V(4),
					   block->offset - ANCIENT_WORD, 1, block->wosize};
	return ancient_reader_fail(file->name, err, &fault, "expected %s of tag %u, found %llu",
				   expected, block->tag, (unsigned long long)block->wosize);
}

static enum ancient_code string_shape(const struct ancient_file *file,
				      const struct reader_block *block, struct ancient_error *err)
{
	uint64_t length, last;

	if (reader_string_length(file, block, &length, &last))
		return ANCIENT_OK;
	const struct reader_fault fault = {ANCIENT_E_BAD_STRING, READER_V(5),
					   block->offset + (block->wosize - 1) * ANCIENT_WORD, 0,
					   last};
	return ancient_reader_fail(
		file->name, err, &fault,
		"expected a last word that ends in n zeros and n, 0 to 7, found %#llx",
		(unsigned long long)last);
}

enum ancient_code ancient_reader_gate_shape(const struct ancient_file *file,
					    const struct reader_block *block,
					    struct reader_bigarray *ret_array,
					    struct ancient_error *err)
{
	switch (block->tag) {
	case ANCIENT_TAG_FORWARD:
	case ANCIENT_TAG_DOUBLE:
		if (block->wosize != 1)
			return bad_wosize(file, block, "one word in a block", err);
		return ANCIENT_OK;
	case ANCIENT_TAG_STRING:
		if (block->wosize == 0)
			return bad_wosize(file, block, "at least one word in a block", err);
		return string_shape(file, block, err);
	case ANCIENT_TAG_DOUBLE_ARRAY:
		if (block->wosize == 0)
			return bad_wosize(file, block, "at least one word in a block", err);
		return ANCIENT_OK;
	case ANCIENT_TAG_CUSTOM:
		return ancient_reader_custom_shape(file, block, ret_array, err);
	default:
		return ANCIENT_OK;
	}
}

enum ancient_code ancient_reader_gate_any(const struct ancient_file *file, uint64_t word,
					  struct reader_block *ret_block,
					  struct reader_bigarray *ret_array,
					  struct ancient_error *err)
{
	const uint64_t used = file->super.used;
	uint64_t offset = word - file->super.base; /* wraps below base: then it is too high */
	struct reader_block block;
	enum ancient_code code;

	if (!reader_is_pointer(word))
		return ancient_reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
					     "expected a block, found the integer %lld",
					     (long long)((int64_t)word >> 1));
	if (offset % ANCIENT_WORD != 0 || offset < READER_FIRST_FIELD ||
	    offset > used - ANCIENT_WORD) {
		const struct reader_fault fault = {ANCIENT_E_BAD_POINTER, READER_V(1),
						   ANCIENT_NO_OFFSET, file->super.base, word};
		return ancient_reader_fail(
			file->name, err, &fault,
			"expected an address of a field between %#llx and %#llx, found "
			"%#llx",
			(unsigned long long)(file->super.base + READER_FIRST_FIELD),
			(unsigned long long)(file->super.base + used - ANCIENT_WORD),
			(unsigned long long)word);
	}
	code = ancient_reader_gate_header(file, offset, used, &block, err);
	if (code == ANCIENT_OK)
		code = ancient_reader_gate_shape(file, &block, ret_array, err);
	if (code == ANCIENT_OK)
		*ret_block = block;
	return code;
}
