/* c-reader/lookup: errors of literals. */
#ifndef ANCIENT_READER_LITERAL_ERROR_H
#define ANCIENT_READER_LITERAL_ERROR_H

#include "lookup/literal.h"
#include "schema/schema_types.h"

/* The type of this number in the schema. */
const struct ancient_type *ancient_reader_literal_type(const struct literal *l, uint32_t type);

/* Bytes of the key that a message shows, from its start on. */
int ancient_reader_literal_shown(const struct literal *l);

/* "key ...: expected EXPECTED, written as HOW at position 3, found a string"; how: NULL allowed. */
enum ancient_code ancient_reader_literal_fail(const struct literal *l, enum ancient_code code,
					      const char *expected, const char *how);

/* WRONG_KIND: what is there is no value of the type; ARGUMENT at the end of the text. */
enum ancient_code ancient_reader_literal_mismatch(const struct literal *l,
						  const struct ancient_type *type);

/* Takes the word; ARGUMENT where something else is there. */
enum ancient_code ancient_reader_literal_expect(struct literal *l, const char *word);

#endif
