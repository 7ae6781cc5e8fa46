/* c-reader/value: the tests of bigarrays (FORMAT 7.5, rule V7), for the gate and for whoever
 * wants the payload. */
#ifndef ANCIENT_READER_GATE_BIGARRAY_H
#define ANCIENT_READER_GATE_BIGARRAY_H

#include "value/gate.h"

/* Everything but word 1 (FORMAT 7.5), and the words as they were tested. */
struct reader_bigarray {
	bool tested; /* set by ancient_reader_bigarray_shape; clear it before reader_gate_array */
	unsigned dims;
	uint64_t flags;
	uint64_t address;
	uint64_t dim[ANCIENT_BIGARRAY_DIMS_MAX];
	unsigned item_bytes;
	uint64_t count; /* elements */
	uint64_t bytes; /* of the payload */
};
enum ancient_code ancient_reader_bigarray_shape(const struct ancient_file *file,
						const struct reader_block *block,
						struct reader_bigarray *ret_array,
						struct ancient_error *err);
/* Word 1: whether the payload lies inside the file.  verify holds it against the data
 * extents too. */
enum ancient_code ancient_reader_bigarray_payload(const struct ancient_file *file,
						  const struct reader_block *block,
						  const struct reader_bigarray *array,
						  uint64_t *ret_offset, struct ancient_error *err);

#endif
