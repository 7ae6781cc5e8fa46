/* tests/proof: custom blocks as a caller sees them (c-reader/src/value/custom.c). */
#include <stdlib.h>

#include "value/custom.c"

#include "file.h"

static struct ancient_file file;

/* The identifiers, which another call, of another thread even, may have read before. */
static void names_before(void)
{
	uint32_t count = file.super.custom_slots - ANCIENT_CUSTOM_WELL_KNOWN;
	struct reader_names *names =
		malloc(sizeof(*names) + count * sizeof(struct ancient_custom_record));

	if (nondet_bool() || names == NULL)
		return;
	ASSUME(reader_inside(&file, file.super.customs, sizeof(struct ancient_extent))); /* then */
	names->count = count;
	file.names = names;
}

/* ancient_custom_get: the payload lies in the mapping; the identifier is text that ends.
 * contract: gate_any
 * with: value/gate_custom.c value/value.c
 * flags: --malloc-may-fail --malloc-fail-null
 * mutant: value/custom.c: s/record->identifier\[0\] == '\\0' \|\| record->identifier\[ANCIENT_CUSTOM_ID_MAX\] != '\\0'/false/
 * mutant: value/custom.c: s/sizeof\(struct ancient_extent\) \+ bytes\)/bytes)/
 * mutant: value/custom.c: s/malloc\(sizeof\(\*names\) \+ bytes\)/malloc(bytes)/
 * mutant: value/gate_custom.c: s/>= file->super.custom_slots/> file->super.custom_slots/ */
void prove_custom_get(void)
{
	struct ancient_value value = {nondet_u64()};
	struct ancient_custom custom;

	proof_file(&file);
	names_before();
	if (ancient_custom_get(&file, value, &custom, proof_error()) == ANCIENT_OK) {
		CHECK(__CPROVER_r_ok(custom.payload, custom.bytes));
		CHECK(custom.identifier[0] != '\0');
		CHECK(__CPROVER_OBJECT_SIZE(custom.identifier) <
			      ANCIENT_CUSTOM_ID_MAX || /* a literal */
		      custom.identifier[ANCIENT_CUSTOM_ID_MAX] == '\0');
	}
}
