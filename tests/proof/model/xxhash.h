/* tests/proof: XXH3 by contract: it reads these bytes, and gives any number. */
#ifndef PROOF_XXHASH_H
#define PROOF_XXHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t XXH3_64bits(const void *bytes, size_t length);

#endif
