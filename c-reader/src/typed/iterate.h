/* c-reader/typed: one step of an iterator, for scan/walk.c. */
#ifndef ANCIENT_READER_TYPED_ITERATE_H
#define ANCIENT_READER_TYPED_ITERATE_H

#include <ancient_schema.h>

/* The next element in `key`, or the next binding in `key` and `value`; NO_INDEX at the end.
 * ancient_iterator_next without two steps: it does not compare keys with iterator->only, and
 * does not ask whether the file was torn away. */
enum ancient_code ancient_reader_typed_iterate(struct ancient_iterator *iterator,
					       struct ancient_typed *key,
					       struct ancient_typed *value,
					       struct ancient_error *err);

#endif
