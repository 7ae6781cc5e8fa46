/* c-reader/value: bigarrays as a caller sees them, in the mapping (FORMAT 7.5). */
#include "value/gate_bigarray.h"
#include "value/value.h"

enum ancient_code ancient_bigarray_get(const struct ancient_file *file, struct ancient_value value,
				       struct ancient_bigarray *ret_bigarray,
				       struct ancient_error *err)
{
	struct reader_block block;
	struct reader_bigarray array;
	uint64_t offset = 0;
	enum ancient_code code = reader_open(file, value, ANCIENT_KIND_BIGARRAY, &block, err);

	if (code == ANCIENT_OK)
		code = reader_bigarray_shape(file, &block, &array, err);
	if (code == ANCIENT_OK)
		code = reader_bigarray_payload(file, &block, &array, &offset, err);
	code = reader_settle(file, code, err);
	if (code != ANCIENT_OK)
		return code;
	*ret_bigarray = (struct ancient_bigarray){
		.kind = (int)(array.flags & ANCIENT_BIGARRAY_KIND_MASK),
		.fortran = (array.flags & ANCIENT_BIGARRAY_LAYOUT_FORTRAN) != 0,
		.dims = array.dims,
		.count = array.count,
		.item_bytes = array.item_bytes,
		.data = file->map + offset,
	};
	for (unsigned i = 0; i < array.dims; i++)
		ret_bigarray->dim[i] = array.dim[i];
	return ANCIENT_OK;
}
