/* tests/proof: the tests of custom blocks (c-reader/src/value/gate_custom.c). */
#include "value/gate_custom.c"

#include "file.h"

static struct ancient_file file;

/* ancient_reader_custom_shape: reads inside the block, whatever it claims.
 * contract: bigarray_shape
 * mutant: value/gate_custom.c: s/block->wosize == 0/false/
 * mutant: value/gate_custom.c: s/block->wosize != 2/false/
 * mutant: value/gate_custom.c: s/block->wosize < 2\)$/block->wosize < 1)/ */
void prove_custom_shape(void)
{
	struct reader_block block;
	struct reader_bigarray array;
	bool wanted = nondet_bool();

	array.tested = false;
	proof_file(&file);
	ASSUME(proof_block_inside(&file, &block)); /* gate/gate_header */
	if (ancient_reader_custom_shape(&file, &block, wanted ? &array : NULL, proof_error()) ==
	    ANCIENT_OK) {
		CHECK(block.wosize >= 1);
		CHECK(!wanted || !array.tested || proof_array_holds(&file, &array));
	}
}

/* ancient_reader_custom_tail: each word behind the limbs is one of the block, and they end.
 * loop: value/gate_custom.c: ancient_reader_custom_tail: for (uint64_t i = limbs; i < block->wosize - 2; i++)
 * invariant: true
 * decreases: i < block->wosize - 2 ? block->wosize - 2 - i : 0
 * mutant: value/gate_custom.c: s/i < block->wosize - 2/i < block->wosize/ */
void prove_custom_tail(void)
{
	struct reader_block block;

	proof_file(&file);
	ASSUME(proof_block_inside(&file, &block)); /* gate/gate_header */
	ancient_reader_custom_tail(&file, &block, proof_error());
}

/* ancient_reader_custom_slot: a slot that there is.
 * mutant: value/gate_custom.c: s/>= file->super.custom_slots/> file->super.custom_slots/ */
void prove_custom_slot(void)
{
	uint32_t slot;

	proof_file(&file);
	if (ancient_reader_custom_slot(&file, nondet_u64(), &slot))
		CHECK(slot < file.super.custom_slots);
}
