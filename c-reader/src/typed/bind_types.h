/* c-reader/typed: the comparison behind ancient_bind_value, for bind.c. */
#ifndef ANCIENT_READER_BIND_TYPES_H
#define ANCIENT_READER_BIND_TYPES_H

#include <ancient_bind.h>

/* Compares table->root with the root type of `schema`, which `name` stands for in messages, and
 * fills in the indices that ancient_bind_value returns.
 * Errors: NO_FIELD, BAD_SHAPE, TOO_LARGE, MEMORY. */
enum ancient_code ancient_reader_bind_types(const struct ancient_schema *schema, const char *name,
					    const struct ancient_bind_table *table,
					    uint32_t *ret_fields, uint32_t *ret_constructors,
					    uint32_t *ret_types, struct ancient_error *err);

#endif
