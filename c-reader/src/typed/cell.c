/* c-reader: the blocks inside of containers: cells, nodes, the array of a table (FORMAT 12.4). */
#include "typed/typed.h"

enum ancient_code typed_cell_any(const struct ancient_file *file, const struct ancient_type *type,
				 uint64_t word, uint64_t size, const char *what,
				 struct reader_block *ret_block, struct ancient_error *err)
{
	struct reader_block block;
	enum ancient_code code;

	if (!reader_is_pointer(word))
		return typed_bad_shape(file, type, word, err, "%s", what);
	code = reader_gate(file, word, &block, err);
	if (code != ANCIENT_OK)
		return code;
	if (block.tag != 0 || (size != 0 && block.wosize != size))
		return typed_bad_shape(file, type, word, err, "%s", what);
	*ret_block = block;
	return ANCIENT_OK;
}

enum ancient_code typed_buckets(const struct ancient_file *file, const struct ancient_type *type,
				const struct reader_block *table, struct reader_block *ret_buckets,
				uint32_t *ret_seed, struct ancient_error *err)
{
	uint64_t words[TYPED_TABLE_FIELDS];
	struct reader_block buckets = {0};
	enum ancient_code code;

	for (unsigned i = 0; i < TYPED_TABLE_FIELDS; i++) {
		words[i] = reader_field(file, table, i);
		if (i != TYPED_TABLE_DATA && reader_is_pointer(words[i]))
			return typed_bad_shape(file, type, words[i], err,
					       "an integer for a table's size, seed and size");
	}
	code = typed_cell(file, type, words[TYPED_TABLE_DATA], 0, "an array of buckets", &buckets,
			  err);
	if (code != ANCIENT_OK)
		return code;
	if (buckets.wosize == 0 || (buckets.wosize & (buckets.wosize - 1)) != 0)
		return typed_bad_shape(file, type, words[TYPED_TABLE_DATA], err,
				       "a power of two of buckets");
	*ret_buckets = buckets;
	*ret_seed = (uint32_t)(words[TYPED_TABLE_SEED] >> 1);
	return ANCIENT_OK;
}
