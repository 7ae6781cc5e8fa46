/* c-reader/value: OCaml's compare of values and keys, for lookups and dumps. */
#ifndef ANCIENT_READER_OCAML_COMPARE_H
#define ANCIENT_READER_OCAML_COMPARE_H

#include "base/budget.h"
#include "value/operand.h"

/* compare: -1, 0, 1.  The file is the budget's; NULL where both are keys without a value of a file.
 * Cost: as many steps as both have words, however they share them.
 * Errors: WRONG_KIND, TOO_LARGE, INTERRUPTED, MEMORY, those of ancient_reader_lookup_open. */
enum ancient_code ancient_reader_lookup_compare(struct reader_budget *budget,
						struct lookup_item left, struct lookup_item right,
						int *ret_order, struct ancient_error *err);

#endif
