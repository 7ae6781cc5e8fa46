/* tests/proof: the bounds gate (c-reader/src/value/gate.c, gate.h), which every access goes
 * through. */
#include "value/gate.c"

#include "file.h"

static struct ancient_file file;

/* ancient_reader_gate_any: a block that it gives lies inside the file and has the fields of its
 * tag.
 * contract: custom_shape
 * mutant: value/gate.c: s/wosize > most/wosize > most + 1/
 * mutant: value/gate.c: s/\|\| offset < READER_FIRST_FIELD//
 * mutant: value/gate.c: s/block->wosize == 0/false/ */
void prove_gate_any(void)
{
	struct reader_block block;
	struct reader_bigarray array;
	bool wanted = nondet_bool();

	array.tested = false;
	proof_file(&file);
	if (ancient_reader_gate_any(&file, nondet_u64(), &block, wanted ? &array : NULL,
				    proof_error()) == ANCIENT_OK) {
		CHECK(proof_block_inside(&file, &block));
		CHECK(proof_shape_holds(&block));
		CHECK(!wanted || !array.tested || proof_array_holds(&file, &array));
	}
}

/* ancient_reader_gate_header: for verification, of an offset and an end inside the file.
 * mutant: value/gate.c: s/wosize > most/wosize > most + 1/ */
void prove_gate_header(void)
{
	struct reader_block block;
	uint64_t offset = nondet_u64(), end = nondet_u64();

	proof_file(&file);
	ASSUME(end <= file.super.used);
	ASSUME(offset >= READER_FIRST_FIELD && offset % ANCIENT_WORD == 0 && offset <= end);
	if (ancient_reader_gate_header(&file, offset, end, &block, proof_error()) == ANCIENT_OK)
		CHECK(proof_block_inside(&file, &block));
}

/* reader_gate: the inline path.
 * contract: custom_shape
 * mutant: value/gate.h: s/wosize <= file->words - place/wosize <= file->words/
 * mutant: value/gate.h: s/READER_LIKELY\(place < file->words\)/place <= file->words/ */
void prove_gate(void)
{
	struct reader_block block;

	proof_file(&file);
	if (reader_gate(&file, nondet_u64(), &block, proof_error()) == ANCIENT_OK) {
		CHECK(proof_block_inside(&file, &block));
		CHECK(proof_shape_holds(&block));
	}
}

/* reader_gate_exact: the fields that were asked for lie inside the file.
 * mutant: value/gate.h: s/size > file->words - place/size > file->words/
 * mutant: value/gate.h: s/place >= file->words \|\| size/place > file->words || size/ */
void prove_gate_exact(void)
{
	uint64_t offset, size = nondet_u64();
	unsigned tag = nondet_unsigned();

	proof_file(&file);
	ASSUME(size < 1ull << 54 && tag < 256); /* callers pass constants, and sizes of types */
	if (reader_gate_exact(&file, nondet_u64(), tag, size, &offset)) {
		struct reader_block block = {offset, size, tag};
		CHECK(proof_block_inside(&file, &block));
	}
}

/* reader_gate_string: the string lies inside the file, with one byte behind it.
 * mutant: value/gate.h: s/wosize - 1 >= file->words - place/wosize - 1 > file->words - place/
 * mutant: value/gate.h: s/padding > 7 \|\|/false ||/ */
void prove_gate_string(void)
{
	uint64_t offset, length;

	proof_file(&file);
	if (reader_gate_string(&file, nondet_u64(), &offset, &length)) {
		CHECK(offset >= READER_FIRST_FIELD && offset <= file.super.used);
		CHECK(length < file.super.used - offset);
	}
}

/* reader_chain_closed: a chain is told to be closed after a number of steps, whatever its words
 * are: either the next step comes nearer to a new mark, or the distance between marks has grown, up
 * to `most`.
 * mutant: value/gate.h: s/chain->until = 2 \* chain->until \+ 1/chain->until = chain->until/ */
void prove_chain(void)
{
	struct reader_chain chain;
	uint64_t most = nondet_u64(), until = chain.until, steps = chain.steps;

	ASSUME(most < 1ull << 47); /* reader_most: words of a file */
	ASSUME(chain.steps <= chain.until && chain.until <= 2 * most + 1);
	if (!reader_chain_closed(&chain, nondet_u64(), most)) {
		CHECK(chain.steps <= chain.until && chain.until <= 2 * most + 1);
		CHECK(chain.until > until || (chain.until == until && chain.steps > steps));
	}
}
