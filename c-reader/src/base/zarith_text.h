/* c-reader/base: large integers in decimal, for JSON and for typed values. */
#ifndef ANCIENT_READER_ZARITH_TEXT_H
#define ANCIENT_READER_ZARITH_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* The integer of `count` limbs, the least significant first, in decimal; for
 * free(), NULL where there is no memory.  Overwrites the limbs. */
char *ancient_reader_limbs_text(uint64_t *limbs, uint64_t count, bool negative);

#endif
