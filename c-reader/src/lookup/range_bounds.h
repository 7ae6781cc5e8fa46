/* c-reader/lookup: on which side of the bounds of a range a key lies, and how two keys of a tree
 * compare; for range.c. */
#ifndef ANCIENT_READER_RANGE_BOUNDS_H
#define ANCIENT_READER_RANGE_BOUNDS_H

#include <ancient_range.h>

#include "lookup/lookup_key.h"
#include "typed/shape.h"

struct range_bounds {
	const struct ancient_schema *schema;
	const struct ancient_range_bounds *given;
	uint32_t key_type;
	bool low, high; /* there is one on this side */
	struct lookup_key from, to;
};

/* Errors: WRONG_KIND where keys of the container cannot be compared with such a bound. */
enum ancient_code ancient_reader_range_bounds_init(struct range_bounds *ret_bounds,
						   const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   const struct ancient_type *container,
						   const struct ancient_range_bounds *given,
						   struct ancient_error *err);

/* Whether a key lies before the low bound, or behind the high one (`high`). */
enum ancient_code ancient_reader_range_is_outside(struct reader_budget *budget,
						  const struct range_bounds *bounds, bool high,
						  uint64_t key, bool *ret_outside,
						  struct ancient_error *err);

#endif
