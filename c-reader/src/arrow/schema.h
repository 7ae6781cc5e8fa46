/* c-reader/arrow: nodes to struct ArrowSchema. */
#ifndef ANCIENT_READER_ARROW_SCHEMA_H
#define ANCIENT_READER_ARROW_SCHEMA_H

#include "arrow/arrow_types.h"

/* The struct of all columns; false: no memory. */
bool ancient_reader_arrow_schema(const struct arrow_plan *plan, struct ArrowSchema *ret_schema);

/* A schema without children yet, room for which it has; false: no memory. */
bool ancient_reader_arrow_schema_new(struct ArrowSchema *ret_schema, const char *format,
				     const char *name, int64_t flags, uint64_t children,
				     bool dictionary);

#endif
