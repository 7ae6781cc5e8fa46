/* c-reader/lookup: literals of lists, arrays and tuples. */
#ifndef ANCIENT_READER_LITERAL_SEQUENCE_H
#define ANCIENT_READER_LITERAL_SEQUENCE_H

#include "lookup/literal.h"
#include "schema/schema_types.h"

enum ancient_code ancient_reader_literal_read_list(struct literal *l,
						   const struct ancient_type *type,
						   struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_array(struct literal *l,
						    const struct ancient_type *type,
						    struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_floatarray(struct literal *l,
							 const struct ancient_type *type,
							 struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_tuple(struct literal *l,
						    const struct ancient_type *type,
						    struct ancient_key *ret_key);

/* Puts doubles side by side, as OCaml does in records and arrays of floats alone. */
enum ancient_code ancient_reader_literal_flatten(struct literal *l, const struct ancient_key *keys,
						 size_t count, struct ancient_key *ret_key);

/* `a, b, c)` behind the parenthesis. */
enum ancient_code ancient_reader_literal_read_parts(struct literal *l,
						    const struct ancient_field *fields,
						    uint32_t count, struct ancient_key *ret_keys);

#endif
