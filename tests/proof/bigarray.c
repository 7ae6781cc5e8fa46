/* tests/proof: bigarrays as a caller sees them (c-reader/src/value/bigarray.c). */
#include "value/bigarray.c"

#include "file.h"

static struct ancient_file file;

/* ancient_reader_bigarray_view: the payload lies in the mapping, and the dimensions in the caller's
 * struct.
 * with: value/gate_custom.c value/gate_bigarray.c value/value.c
 * loop: value/bigarray.c: ancient_reader_bigarray_view: for (unsigned i = 0; i < array->dims; i++)
 * assigns: i, __CPROVER_object_upto(ret_bigarray->dim, sizeof(ret_bigarray->dim))
 * invariant: i <= array->dims
 * decreases: array->dims - i
 * mutant: value/gate_bigarray.c: s/!reader_inside\(file, offset, array->bytes\)/!reader_inside(file, offset, 1)/
 * mutant: value/bigarray.c: s/i < array->dims/i <= array->dims/ */
void prove_bigarray_view(void)
{
	struct reader_block block;
	struct reader_bigarray array;
	struct ancient_bigarray got;

	proof_file(&file);
	ASSUME(proof_array_holds(&file, &array)); /* gate_bigarray/bigarray_shape */
	ASSUME(block.offset <= file.super.used);
	if (ancient_reader_bigarray_view(&file, &block, &array, &got, proof_error()) ==
	    ANCIENT_OK) {
		CHECK(got.count == array.count && got.item_bytes == array.item_bytes);
		CHECK(array.bytes == 0 || __CPROVER_r_ok(got.data, array.bytes));
	}
}

/* ancient_bigarray_get: of any word, with the struct that the gate has filled in, or not.
 * contract: gate_any
 * with: value/gate_custom.c value/gate_bigarray.c value/value.c
 * loop: value/bigarray.c: ancient_reader_bigarray_view: for (unsigned i = 0; i < array->dims; i++)
 * assigns: i, __CPROVER_object_upto(ret_bigarray->dim, sizeof(ret_bigarray->dim))
 * invariant: i <= array->dims
 * decreases: array->dims - i
 * mutant: value/bigarray.c: s/if \(array.tested\)/if (true)/ */
void prove_bigarray_get(void)
{
	struct ancient_value value = {nondet_u64()};
	struct ancient_bigarray array;

	proof_file(&file);
	ancient_bigarray_get(&file, value, &array, proof_error());
}
