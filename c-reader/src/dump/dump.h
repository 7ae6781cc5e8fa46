/* c-reader: what the two files of the dump share. */
#ifndef ANCIENT_READER_DUMP_H
#define ANCIENT_READER_DUMP_H

#include "dump/marks.h"
#include "dump/text.h"

void reader_dump_immediate(struct reader_text *text, int64_t value);

/* A block that holds no values: string, float, float array, custom. */
void reader_dump_leaf(struct reader_text *text, const struct reader_block *block);

#endif
