/* c-reader/typed: the blocks that containers are made of, and the type of their elements. */
#ifndef ANCIENT_READER_TYPED_ELEMENTS_H
#define ANCIENT_READER_TYPED_ELEMENTS_H

#include "typed/shape.h"

/* The type of the elements of a container, or its keys.  A floatarray's is float: schema/build.c
 * adds it as an argument. */
uint32_t ancient_reader_typed_element(const struct ancient_schema *schema, uint32_t number);

/* typed_cell, any size and every error. */
enum ancient_code ancient_reader_typed_cell_any(const struct ancient_file *file,
						const struct ancient_type *type, uint64_t word,
						uint64_t size, const char *what,
						struct reader_block *ret_block,
						struct ancient_error *err);

/* Opens a block of tag 0 inside a container: a cell, a node, an array of buckets.
 *
 * size   its fields; 0: any number
 * what   what is expected, for the message
 * Errors: BAD_SHAPE, those of reader_gate. */
static inline enum ancient_code typed_cell(const struct ancient_file *file,
					   const struct ancient_type *type, uint64_t word,
					   uint64_t size, const char *what,
					   struct reader_block *ret_block,
					   struct ancient_error *err)
{
	uint64_t offset;

	if (size != 0 && READER_LIKELY(reader_gate_exact(file, word, 0, size, &offset))) {
		*ret_block = (struct reader_block){offset, size, 0};
		return ANCIENT_OK;
	}
	return ancient_reader_typed_cell_any(file, type, word, size, what, ret_block, err);
}

#endif
