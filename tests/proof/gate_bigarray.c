/* tests/proof: the shape and the payload of bigarrays (c-reader/src/value/gate_bigarray.c). */
#include "value/gate_bigarray.c"

#include "file.h"

static struct ancient_file file;

/* ancient_reader_bigarray_shape: reads inside its block, and the product of the dimensions neither
 * wraps nor is more than the file.
 * loop: value/gate_bigarray.c: read_dims: for (unsigned i = 0; i < array->dims; i++)
 * invariant: i <= array->dims && out <= array->dims && passed <= array->dims
 * invariant: passed < array->dims || count <= most || i == 0
 * decreases: array->dims - i
 * assigns: i, count, passed, out, empty, __CPROVER_object_upto(array->dim, sizeof(array->dim))
 * mutant: value/gate_bigarray.c: s/count > most/count > most + 8/
 * mutant: value/gate_bigarray.c: s/word > ANCIENT_BIGARRAY_DIMS_MAX/word > ANCIENT_BIGARRAY_DIMS_MAX + 1/ */
void prove_bigarray_shape(void)
{
	struct reader_block block;
	struct reader_bigarray array;

	proof_file(&file);
	ASSUME(proof_block_inside(&file, &block)); /* the gate's header test: gate/gate_header */
	if (ancient_reader_bigarray_shape(&file, &block, &array, proof_error()) == ANCIENT_OK) {
		CHECK(array.tested && proof_array_holds(&file, &array));
		CHECK(array.bytes == array.count * array.item_bytes);
	}
}

/* ancient_reader_bigarray_payload: the bytes that it gives lie inside the file.
 * mutant: value/gate_bigarray.c: s/offset % ANCIENT_EXTENT_ALIGN/!reader_inside(file, offset, 1) || offset % ANCIENT_EXTENT_ALIGN/; s/\|\| !reader_inside\(file, offset, array->bytes\)// */
void prove_bigarray_payload(void)
{
	struct reader_block block;
	struct reader_bigarray array;
	uint64_t offset;

	proof_file(&file);
	ASSUME(proof_array_holds(&file, &array)); /* gate_bigarray/bigarray_shape */
	ASSUME(block.offset <= file.super.used);
	if (ancient_reader_bigarray_payload(&file, &block, &array, &offset, proof_error()) ==
	    ANCIENT_OK)
		CHECK(offset <= file.super.used && array.bytes <= file.super.used - offset);
}
