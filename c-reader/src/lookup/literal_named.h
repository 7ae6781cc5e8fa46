/* c-reader/lookup: literals of records, variants, options, results and refs. */
#ifndef ANCIENT_READER_LITERAL_NAMED_H
#define ANCIENT_READER_LITERAL_NAMED_H

#include "lookup/literal.h"
#include "schema/schema_types.h"

enum ancient_code ancient_reader_literal_read_record(struct literal *l,
						     const struct ancient_type *type,
						     struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_variant(struct literal *l,
						      const struct ancient_type *type,
						      struct ancient_key *ret_key);
enum ancient_code ancient_reader_literal_read_standard(struct literal *l,
						       const struct ancient_type *type,
						       struct ancient_key *ret_key);

#endif
