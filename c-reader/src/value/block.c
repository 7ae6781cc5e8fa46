/* c-reader: blocks of values, field by field. */
#include "value/gate.h"

static enum ancient_code block_at(const struct ancient_file *file, struct ancient_value value,
				  struct reader_block *ret_block, struct ancient_error *err)
{
	struct reader_block block;

	if (!reader_is_pointer(value.word))
		return reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
				     "expected block, found int");
	enum ancient_code code = reader_gate(file, value.word, &block, err);
	if (code != ANCIENT_OK)
		return code;
	if (!reader_has_values(block.tag))
		return reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
				     "expected block, found %s",
				     ancient_kind_name(reader_block_kind(file, &block)));
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
		return reader_refuse(file->name, err, ANCIENT_E_NO_INDEX,
				     "expected an index below %llu, found %llu",
				     (unsigned long long)block->size, (unsigned long long)index);
	/* The structure is the caller's memory: of another file, it could lead anywhere. */
	if (block->offset % ANCIENT_WORD != 0 || !reader_inside(file, block->offset, 0) ||
	    index >= (file->super.used - block->offset) / ANCIENT_WORD)
		return reader_refuse(file->name, err, ANCIENT_E_ARGUMENT,
				     "expected a block of this file");
	uint64_t word = reader_word(file, block->offset + index * ANCIENT_WORD);
	enum ancient_code code = reader_settle(file, ANCIENT_OK, err);
	if (code == ANCIENT_OK)
		ret_value->word = word;
	return code;
}
