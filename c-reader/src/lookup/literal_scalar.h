/* c-reader/lookup: literals of types without parts. */
#ifndef ANCIENT_READER_LITERAL_SCALAR_H
#define ANCIENT_READER_LITERAL_SCALAR_H

#include "lookup/literal.h"
#include "schema/schema_types.h"

enum ancient_code ancient_reader_literal_read_int(struct literal *l,
						  const struct ancient_type *type,
						  struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_bool(struct literal *l,
						   const struct ancient_type *type,
						   struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_char(struct literal *l,
						   const struct ancient_type *type,
						   struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_string(struct literal *l,
						     const struct ancient_type *type,
						     struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_float(struct literal *l,
						    const struct ancient_type *type,
						    struct ancient_key *ret_key);

/* An int32, int64 or nativeint of so many bits; suffix: l, L or n, which may be left out. */
enum ancient_code ancient_reader_literal_read_boxed(struct literal *l,
						    const struct ancient_type *type,
						    enum ancient_key_kind kind, int bits,
						    char suffix, struct ancient_key *ret_key);

#endif
