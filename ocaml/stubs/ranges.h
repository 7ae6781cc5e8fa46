/* ocaml/stubs: the table of the address ranges that hold ancient values. */
#ifndef ANCIENT_OCAML_RANGES_H
#define ANCIENT_OCAML_RANGES_H

#include "stubs.h"

/* Registers [start, end), or counts it once more where a range begins at `start` already;
 * false where memory fails, and then nothing is registered. */
bool ancient_ml_range_add(uint64_t start, uint64_t end);

/* The same for memory, not a file: it may hold deleted values, whose headers are the filler. */
bool ancient_ml_range_add_memory(uint64_t start, uint64_t end);

/* The range that begins at `start` now ends at `end`; false where memory fails. */
bool ancient_ml_range_extend(uint64_t start, uint64_t end);

/* One count less; the last one takes the range off. */
void ancient_ml_range_drop(uint64_t start);

/* Whether a value that was not deleted is at `address`, which is one where a value is or was. */
bool ancient_ml_range_holds(uint64_t address);

#endif
