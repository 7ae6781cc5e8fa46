/* c-reader/dump: the begin of a typed value as JSON: leaves are written whole, values with parts
 * are pushed on the stack.  For typed_dump.c. */
#ifndef ANCIENT_READER_TYPED_DUMP_VALUE_H
#define ANCIENT_READER_TYPED_DUMP_VALUE_H

#include "dump/typed_dump_stack.h"

void ancient_reader_typed_dump_value(struct typed_dump *d, struct ancient_typed typed);

#endif
