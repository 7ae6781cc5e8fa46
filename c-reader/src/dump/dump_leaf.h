/* c-reader/dump: values without fields as JSON (FORMAT, appendix A). */
#ifndef ANCIENT_READER_DUMP_LEAF_H
#define ANCIENT_READER_DUMP_LEAF_H

#include "dump/dump_output.h"
#include "value/gate_bigarray.h"

void ancient_reader_dump_immediate(struct reader_json *json, int64_t value);

/* A block that holds no values: string, float, float array, custom.  `array` as the gate has filled
 * it in. */
void ancient_reader_dump_leaf(struct dump_output *out, const struct reader_block *block,
			      const struct reader_bigarray *array);

/* A bigarray that was opened. */
void ancient_reader_dump_bigarray(struct dump_output *out, const struct ancient_bigarray *array);

#endif
