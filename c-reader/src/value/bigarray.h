/* c-reader/value: bigarrays as a caller sees them, for whoever has opened the block by the gate. */
#ifndef ANCIENT_READER_BIGARRAY_H
#define ANCIENT_READER_BIGARRAY_H

#include "value/gate_bigarray.h"

/* Tests the payload of a bigarray whose shape is tested.  Errors: BAD_BIGARRAY. */
enum ancient_code ancient_reader_bigarray_view(const struct ancient_file *file,
					       const struct reader_block *block,
					       const struct reader_bigarray *array,
					       struct ancient_bigarray *ret_bigarray,
					       struct ancient_error *err);

#endif
