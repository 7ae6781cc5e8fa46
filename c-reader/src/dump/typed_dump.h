/* c-reader/dump: ancient_typed_dump as one part of a larger call, for arrow/. */
#ifndef ANCIENT_READER_TYPED_DUMP_H
#define ANCIENT_READER_TYPED_DUMP_H

#include <ancient_typed.h>

#include "base/budget.h"

/* The same within the budget of the call. */
enum ancient_code
ancient_reader_typed_dump(struct reader_budget *budget, const struct ancient_file *file,
			  const struct ancient_schema *schema, struct ancient_typed typed,
			  const struct ancient_dump_options *options, struct ancient_error *err);

#endif
