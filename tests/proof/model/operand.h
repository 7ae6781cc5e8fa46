/* tests/proof: operands of hash and compare: any that ancient_reader_lookup_open can give. */
#ifndef PROOF_OPERAND_H
#define PROOF_OPERAND_H

#include "file.h"
#include "value/operand.h"

/* Of a value of the file, or of a key: the caller's memory has as many parts as the key says. */
static inline void proof_view(const struct ancient_file *file, struct lookup_view *view)
{
	struct lookup_view any;

	if (any.in_file && file != NULL) {
		ASSUME(any.offset <= file->super.used);
		any.bytes = (const char *)file->map + any.offset;
	} else {
		ASSUME(any.size < 1ull << 40);
		any.in_file = false;
		any.bytes = __CPROVER_allocate(any.size, 0);
		any.floats = __CPROVER_allocate(any.size * sizeof(*any.floats), 0);
		any.fields = __CPROVER_allocate(any.size * sizeof(*any.fields), 0);
	}
	ASSUME(PROOF_VIEW(file, &any));
	*view = any;
}

#endif
