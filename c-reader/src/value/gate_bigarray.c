/* c-reader/value: the tests of bigarrays (FORMAT 7.5, rule V7): the shape, in the order of that
 * section, and the payload in a data extent.  Called by the gate, ancient_bigarray_get and
 * verification. */
#include "value/gate_bigarray.h"

static const unsigned char item_bytes[ANCIENT_BIGARRAY_KINDS] = {
	[ANCIENT_BIGARRAY_FLOAT32] = 4,      [ANCIENT_BIGARRAY_FLOAT64] = 8,
	[ANCIENT_BIGARRAY_INT8_SIGNED] = 1,  [ANCIENT_BIGARRAY_INT8_UNSIGNED] = 1,
	[ANCIENT_BIGARRAY_INT16_SIGNED] = 2, [ANCIENT_BIGARRAY_INT16_UNSIGNED] = 2,
	[ANCIENT_BIGARRAY_INT32] = 4,        [ANCIENT_BIGARRAY_INT64] = 8,
	[ANCIENT_BIGARRAY_INT] = 8,          [ANCIENT_BIGARRAY_NATIVEINT] = 8,
	[ANCIENT_BIGARRAY_COMPLEX32] = 8,    [ANCIENT_BIGARRAY_COMPLEX64] = 16,
	[ANCIENT_BIGARRAY_CHAR] = 1,         [ANCIENT_BIGARRAY_FLOAT16] = 2,
};

/* The words of the block, by index. */
enum { WORD_ADDRESS = 1, WORD_DIMS = 2, WORD_FLAGS = 3, WORD_PROXY = 4 };

#define DIMENSION_MAX ((1ull << 62) - 1)

static enum ancient_code bad_word(const struct ancient_file *file, const struct reader_block *block,
				  uint64_t index, uint64_t found, const char *what,
				  struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_BIGARRAY, READER_V(7),
					   block->offset + index * ANCIENT_WORD, 0, found};
	return ancient_reader_fail(file->name, err, &fault, "expected %s, found %#llx", what,
				   (unsigned long long)found);
}

static enum ancient_code bad_size(const struct ancient_file *file, const struct reader_block *block,
				  uint64_t expected, struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_BIGARRAY, READER_V(7),
					   block->offset - ANCIENT_WORD, expected, block->wosize};
	return ancient_reader_fail(file->name, err, &fault,
				   "expected a block of %llu words, found %llu",
				   (unsigned long long)expected, (unsigned long long)block->wosize);
}

/* The dimensions, and their product: 0 where one of them is 0.  That is known only at the end, so a
 * product larger than the file is remembered until then. */
static enum ancient_code read_dims(const struct ancient_file *file,
				   const struct reader_block *block, struct reader_bigarray *array,
				   struct ancient_error *err)
{
	const uint64_t most = file->super.used / array->item_bytes;
	uint64_t count = 1;
	unsigned passed = array->dims, out = array->dims; /* first dimension at fault */
	bool empty = false;

	for (unsigned i = 0; i < array->dims; i++) {
		uint64_t dim = reader_field(file, block, ANCIENT_BIGARRAY_WORDS + i);
		array->dim[i] = dim;
		if (dim > DIMENSION_MAX && out == array->dims)
			out = i;
		empty = empty || dim == 0;
		if (passed == array->dims &&
		    (__builtin_mul_overflow(count, dim, &count) || count > most))
			passed = i;
	}
	if (empty) {
		passed = array->dims;
		count = 0;
	}
	if (out < passed)
		return bad_word(file, block, ANCIENT_BIGARRAY_WORDS + out, array->dim[out],
				"a dimension of at most 2^62 - 1", err);
	if (passed < array->dims)
		return bad_word(file, block, ANCIENT_BIGARRAY_WORDS + passed, array->dim[passed],
				"dimensions whose payload fits the file", err);
	array->count = count;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_bigarray_shape(const struct ancient_file *file,
						const struct reader_block *block,
						struct reader_bigarray *ret_array,
						struct ancient_error *err)
{
	struct reader_bigarray array = {.tested = true};
	enum ancient_code code;
	uint64_t word;

	if (block->wosize < ANCIENT_BIGARRAY_WORDS)
		return bad_size(file, block, ANCIENT_BIGARRAY_WORDS, err);
	word = reader_field(file, block, WORD_DIMS);
	if (word > ANCIENT_BIGARRAY_DIMS_MAX)
		return bad_word(file, block, WORD_DIMS, word, "0 to 16 dimensions", err);
	array.dims = (unsigned)word;
	if (block->wosize != ANCIENT_BIGARRAY_WORDS + array.dims)
		return bad_size(file, block, ANCIENT_BIGARRAY_WORDS + array.dims, err);
	array.flags = reader_field(file, block, WORD_FLAGS);
	if ((array.flags & ~ANCIENT_BIGARRAY_FLAGS_KNOWN) != 0 ||
	    (array.flags & ANCIENT_BIGARRAY_KIND_MASK) >= ANCIENT_BIGARRAY_KINDS)
		return bad_word(file, block, WORD_FLAGS, array.flags,
				"a kind of 0 to 13 and a layout", err);
	array.item_bytes = item_bytes[array.flags & ANCIENT_BIGARRAY_KIND_MASK];
	word = reader_field(file, block, WORD_PROXY);
	if (word != 0)
		return bad_word(file, block, WORD_PROXY, word, "no proxy", err);
	code = read_dims(file, block, &array, err);
	if (code != ANCIENT_OK)
		return code;
	array.bytes = array.count * array.item_bytes;
	array.address = reader_field(file, block, WORD_ADDRESS);
	*ret_array = array;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_bigarray_payload(const struct ancient_file *file,
						  const struct reader_block *block,
						  const struct reader_bigarray *array,
						  uint64_t *ret_offset, struct ancient_error *err)
{
	uint64_t offset = array->address - file->super.base;

	if (array->bytes == 0) {
		if (array->address != 0)
			return bad_word(file, block, WORD_ADDRESS, array->address,
					"0 as the address of an empty payload", err);
		*ret_offset = 0;
		return ANCIENT_OK;
	}
	if (offset % ANCIENT_EXTENT_ALIGN != 0 || !reader_inside(file, offset, array->bytes) ||
	    offset < ANCIENT_FIRST_EXTENT + sizeof(struct ancient_extent))
		return bad_word(file, block, WORD_ADDRESS, array->address,
				"the address of a payload inside the file, a multiple of 64", err);
	*ret_offset = offset;
	return ANCIENT_OK;
}
