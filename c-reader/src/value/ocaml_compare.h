/* c-reader/value: OCaml's compare of values and keys, for lookups and dumps. */
#ifndef ANCIENT_READER_OCAML_COMPARE_H
#define ANCIENT_READER_OCAML_COMPARE_H

#include "value/operand.h"

/* compare: -1, 0, 1. */
enum ancient_code lookup_compare(const struct ancient_file *file, struct lookup_item left,
				 struct lookup_item right, int *ret_order,
				 struct ancient_error *err);
enum ancient_code lookup_equal(const struct ancient_file *file, struct ancient_value value,
			       const struct ancient_key *key, bool *ret_equal,
			       struct ancient_error *err);

#endif
