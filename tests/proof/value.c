/* tests/proof: values without types (c-reader/src/value/value.c), the public functions. */
#include "value/value.c"

#include "file.h"

static struct ancient_file file;

/* ancient_value_kind
 * contract: gate_any
 * with: value/gate_custom.c
 * mutant: value/value.c: s/case ANCIENT_TAG_CUSTOM:$/case ANCIENT_TAG_LAST_PLAIN:/ */
void prove_value_kind(void)
{
	struct ancient_value value = {nondet_u64()};
	enum ancient_kind kind;

	proof_file(&file);
	if (ancient_value_kind(&file, value, &kind, proof_error()) == ANCIENT_OK)
		CHECK(ancient_kind_name(kind)[0] != '\0');
}

/* ancient_kind_name: of any number.
 * mutant: value/value.c: s/kind >= sizeof/kind > sizeof/ */
void prove_kind_name(void)
{
	CHECK(ancient_kind_name((enum ancient_kind)nondet_int()) != NULL);
}

/* ancient_value_force: a chain of forced lazies ends, also where it is a ring, or longer than the
 * file can hold.
 * contract: gate_any
 * with: value/gate_custom.c
 * loop: value/value.c: force: while (reader_is_pointer(*word))
 * assigns: *word, block, chain, __CPROVER_object_whole(err)
 * invariant: chain.steps <= chain.until && chain.until <= 2 * most + 1
 * decreases: chain.until > most ? 0 : most + 1 - chain.until, chain.until - chain.steps
 * mutant: value/gate.h: s/\|\| chain->until > most// */
void prove_value_force(void)
{
	struct ancient_value value = {nondet_u64()}, forced;
	static struct ancient_error err;

	proof_file(&file);
	ancient_value_force(&file, value, &forced, &err);
}

/* ancient_block_get: a block of values inside the file.
 * contract: gate_any
 * with: value/gate_custom.c
 * mutant: value/value.c: s/if \(!reader_has_values\(block.tag\)\)/if (false)/ */
void prove_block_get(void)
{
	struct ancient_value value = {nondet_u64()};
	struct ancient_block block;

	proof_file(&file);
	if (ancient_block_get(&file, value, &block, proof_error()) == ANCIENT_OK) {
		struct reader_block got = {block.offset, block.size, block.tag};
		CHECK(proof_block_inside(&file, &got));
		CHECK(reader_has_values(block.tag));
	}
}

/* ancient_block_field: whatever the caller's struct says.
 * mutant: value/value.c: s/index >= \(file->super.used/index > (file->super.used/
 * mutant: value/value.c: s/block->offset % ANCIENT_WORD != 0 \|\|//
 * mutant: value/value.c: s/\|\| !reader_inside\(file, block->offset, 0\)// */
void prove_block_field(void)
{
	struct ancient_block block;
	struct ancient_value value;

	proof_file(&file);
	ancient_block_field(&file, &block, nondet_u64(), &value, proof_error());
}

/* ancient_string_get: the bytes, and one behind them, lie in the mapping.
 * contract: gate_any
 * with: value/gate_custom.c
 * mutant: value/gate.h: s/wosize - 1 >= file->words - place/wosize - 1 > file->words - place/
 * mutant: value/gate.h: s/\*ret_length = wosize \* ANCIENT_WORD - 1 - padding/*ret_length = wosize * ANCIENT_WORD - padding/ */
void prove_string_get(void)
{
	struct ancient_value value = {nondet_u64()};
	const char *bytes;
	size_t length;

	proof_file(&file);
	if (ancient_string_get(&file, value, &bytes, &length, proof_error()) == ANCIENT_OK)
		CHECK(__CPROVER_r_ok(bytes, length + 1));
}

/* ancient_float_get
 * contract: gate_any
 * with: value/gate_custom.c
 * mutant: value/value.c: s/kind != wanted/false/ */
void prove_float_get(void)
{
	struct ancient_value value = {nondet_u64()};
	double number;

	proof_file(&file);
	ancient_float_get(&file, value, &number, proof_error());
}

/* ancient_float_array_get: all floats lie in the mapping.
 * contract: gate_any
 * with: value/gate_custom.c
 * mutant: value/value.c: s/ret_count = block.wosize/ret_count = block.wosize + 1/ */
void prove_float_array_get(void)
{
	struct ancient_value value = {nondet_u64()};
	const double *floats;
	size_t count;

	proof_file(&file);
	if (ancient_float_array_get(&file, value, &floats, &count, proof_error()) == ANCIENT_OK)
		CHECK(__CPROVER_r_ok(floats, count * sizeof(*floats)));
}

/* ancient_boxed_int_get: also where word 0 changes between the gate and the kind.
 * contract: gate_any
 * with: value/gate_custom.c
 * mutant: value/value.c: s/block.wosize < 2/false/ */
void prove_boxed_int_get(void)
{
	struct ancient_value value = {nondet_u64()};
	int64_t number;

	proof_file(&file);
	ancient_boxed_int_get(&file, value, &number, proof_error());
}
