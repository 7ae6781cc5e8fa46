/* c-reader/value: the tests of custom blocks (FORMAT 6 and 9, rule V6), for the gate. */
#ifndef ANCIENT_READER_GATE_CUSTOM_H
#define ANCIENT_READER_GATE_CUSTOM_H

#include "value/gate.h"

/* The shape of a block of tag 255 (V6, V7); of a bigarray into `ret_array`, NULL allowed. */
enum ancient_code ancient_reader_custom_shape(const struct ancient_file *file,
					      const struct reader_block *block,
					      struct reader_bigarray *ret_array,
					      struct ancient_error *err);
/* The words behind the limbs of a Z.t, which only the verification walks: opening a value
 * costs the same whatever its size. */
enum ancient_code ancient_reader_custom_tail(const struct ancient_file *file,
					     const struct reader_block *block,
					     struct ancient_error *err);
/* The slot a custom block's word 0 stands for; false: none. */
bool ancient_reader_custom_slot(const struct ancient_file *file, uint64_t word, uint32_t *ret_slot);
/* The identifiers of slots 0 to 4. */
extern const char *const ancient_reader_custom_well_known[ANCIENT_CUSTOM_WELL_KNOWN];

#endif
