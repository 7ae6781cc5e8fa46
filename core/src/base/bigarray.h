/* core/base: how many bytes a bigarray's elements take.  The copy asks it about source blocks,
 * verification about blocks of the file. */
#ifndef CORE_BIGARRAY_H
#define CORE_BIGARRAY_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of one element.  `kind` is less than ANCIENT_BIGARRAY_KINDS. */
uint64_t ancient_core_bigarray_item_bytes(uint64_t kind);

/* Bytes of the payload of the bigarray block at the address `word`.  Returns false if the block is
 * malformed: too few words, too many dimensions, an unknown kind, or a product that overflows. */
bool ancient_core_bigarray_bytes(uint64_t word, uint64_t *ret_bytes);

#endif
