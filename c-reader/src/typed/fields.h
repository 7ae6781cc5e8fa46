/* c-reader/typed: a field of an opened block as a typed value. */
#ifndef ANCIENT_READER_TYPED_FIELDS_H
#define ANCIENT_READER_TYPED_FIELDS_H

#include <ancient_schema.h>

#include "value/gate.h"

/* Field `index` of an opened block, as a value of `type`; flat where the block is. */
struct ancient_typed ancient_reader_typed_part(const struct ancient_file *file,
					       const struct reader_block *block, uint64_t index,
					       uint32_t type);

#endif
