/* tests/proof: what is looked for in a directory: any key, or any name in the caller's memory. */
#ifndef PROOF_DIRECTORY_H
#define PROOF_DIRECTORY_H

#include "file.h"
#include "file/directory_node.h"

/* A name of another length is refused before it is looked for: directory/find_name. */
static inline void proof_bits(struct reader_bits *bits)
{
	uint64_t length;

	ASSUME(length >= 1 && length <= ANCIENT_NAME_MAX);
	bits->key = nondet_u64();
	bits->name = NULL;
	bits->length = 0;
	if (nondet_bool()) {
		bits->name = __CPROVER_allocate(length, 0);
		bits->length = length;
	}
}

#endif
