/* tests/proof: the inline accessors of <ancient_access.h>, of which generated code consists. */
#include "typed/access.c"

#include "file.h"

static struct ancient_file file;
static struct ancient_schema schema;
static struct ancient_access access;
static struct ancient_typed typed;

/* An access to any file, by a schema of up to 4 types with up to 4 fields: all that is done with
 * their number is one comparison.  Assumed: the program's own memory is what schema/build.c has
 * made. */
static void proof_access(void)
{
	static struct ancient_type types[4];
	static struct ancient_field fields[4];
	uint32_t count = nondet_u32();

	proof_file(&file);
	ASSUME(count <= 4);
	typed.value.word = nondet_u64();
	typed.type = nondet_u32();
	typed.flat = nondet_u32();
	for (unsigned i = 0; i < 4; i++) {
		types[i].fields = fields;
		types[i].kind = nondet_unsigned();
		types[i].block_fields = nondet_u32();
		fields[i].kind = nondet_unsigned();
		ASSUME(types[i].block_fields <= 4);
	}
	schema.types = types + (4 - count);
	schema.count = count;
	ancient_access_init(&file, &schema, &access);
}

/* ancient_access_block: as reader_gate_exact; a schema has at most 2^32 fields in a block.
 * contract: guard_none
 * flags: --unwind 5
 * mutant: include/ancient_access.h: s/size > access->words - place/size > access->words/
 * mutant: include/ancient_access.h: s/place >= access->words \|\|/place > access->words ||/ */
void prove_access_block(void)
{
	const unsigned char *fields;
	uint32_t size = nondet_u32();

	proof_access();
	if (ancient_access_block(&access, nondet_u64(), size, nondet_unsigned() % 256, &fields))
		CHECK(size == 0 || __CPROVER_r_ok(fields, 8ul * size));
}

/* ancient_access_field, _int, _float.
 * contract: typed_leaf guard_none
 * flags: --unwind 5
 * mutant: include/ancient_access.h: s/index >= type->block_fields/index > type->block_fields/
 * mutant: include/ancient_access.h: s/type_and_flat >= access->type_count/type_and_flat > access->type_count/ */
void prove_access_field(void)
{
	struct ancient_typed field;
	int64_t number;
	double real;

	proof_access();
	ancient_access_field(&access, typed, nondet_u32(), &field, proof_error());
	ancient_access_int(&access, typed, &number, proof_error());
	ancient_access_float(&access, typed, &real, proof_error());
}

/* ancient_access_field_int, _field_float.
 * contract: typed_leaf guard_none
 * flags: --unwind 5
 * mutant: include/ancient_access.h: s/index >= type->block_fields/index > type->block_fields/
 * mutant: include/ancient_access.h: s/bits = ancient_access_load\(fields\)/bits = ancient_access_load(fields + 8)/ */
void prove_access_field_number(void)
{
	int64_t number;
	double real;

	proof_access();
	ancient_access_field_int(&access, typed, nondet_u32(), &number, proof_error());
	ancient_access_field_float(&access, typed, nondet_u32(), &real, proof_error());
}
