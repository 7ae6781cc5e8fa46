/* c-reader/value: bigarrays as a caller sees them, in the mapping (FORMAT 7.5): for
 * ancient_bigarray_get and the dumps.  The shape is computed once for an access, by the gate. */
#include "value/bigarray.h"
#include "value/value.h"

enum ancient_code ancient_reader_bigarray_view(const struct ancient_file *file,
					       const struct reader_block *block,
					       const struct reader_bigarray *array,
					       struct ancient_bigarray *ret_bigarray,
					       struct ancient_error *err)
{
	uint64_t offset = 0;
	enum ancient_code code = ancient_reader_bigarray_payload(file, block, array, &offset, err);

	if (code != ANCIENT_OK)
		return code;
	*ret_bigarray = (struct ancient_bigarray){
		.kind = (int)(array->flags & ANCIENT_BIGARRAY_KIND_MASK),
		.fortran = (array->flags & ANCIENT_BIGARRAY_LAYOUT_FORTRAN) != 0,
		.dims = array->dims,
		.count = array->count,
		.item_bytes = array->item_bytes,
		.data = file->map + offset,
	};
	for (unsigned i = 0; i < array->dims; i++)
		ret_bigarray->dim[i] = array->dim[i];
	return ANCIENT_OK;
}

static enum ancient_code bigarray_at(const struct ancient_file *file, struct ancient_value value,
				     struct ancient_bigarray *bigarray, struct ancient_error *err)
{
	struct reader_block block;
	struct reader_bigarray array;
	enum ancient_kind kind = ANCIENT_KIND_INT;

	array.tested = false;
	if (reader_is_pointer(value.word)) {
		enum ancient_code code = reader_gate_array(file, value.word, &block, &array, err);
		if (code != ANCIENT_OK)
			return code;
		if (array.tested)
			return ancient_reader_bigarray_view(file, &block, &array, bigarray, err);
		kind = ancient_reader_block_kind(file, &block);
	}
	return ancient_reader_wrong_kind(file, ANCIENT_KIND_BIGARRAY, kind, err);
}

enum ancient_code ancient_bigarray_get(const struct ancient_file *file, struct ancient_value value,
				       struct ancient_bigarray *ret_bigarray,
				       struct ancient_error *err)
{
	struct ancient_bigarray bigarray;
	enum ancient_code code = reader_settle(file, bigarray_at(file, value, &bigarray, err), err);

	if (code == ANCIENT_OK)
		*ret_bigarray = bigarray;
	return code;
}
