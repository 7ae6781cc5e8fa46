/* libancient-reader, typed: the keys of maps and sets in order: first, last, between two bounds, by
 * a prefix, forwards and backwards.  Part of <ancient_schema.h>, where trust, errors and an example
 * of schemas are described.
 *
 *     struct ancient_key from = ancient_key_string("vim", 3);
 *     const struct ancient_range_bounds bounds = {.from = &from};
 *     struct ancient_range range;
 *
 *     code = ancient_range_init(file, schema, map, &bounds, &range, &err);
 *     while (code == ANCIENT_OK &&
 *            (code = ancient_range_next(&range, &key, &value, &err)) == ANCIENT_OK) ...
 *     // ANCIENT_E_NO_INDEX: the end; anything else: an error
 *
 * With a generated header, prefix `idx`, a bound is a key that was made by it and bound to its
 * parts, and keys and values that come are the `typed` of its structs:
 *
 *     struct idx_string_and_int_key lo = idx_string_and_int_key_of(&b, "Miles Davis", 11, 1960);
 *     struct ancient_key from = idx_string_and_int_key_bound(&lo);
 *     const struct ancient_range_bounds bounds = {.from = &from};
 *
 *     code = ancient_range_init(b.bind.file, b.bind.schema, map.typed, &bounds, &range, &err);
 *     while (code == ANCIENT_OK &&
 *            (code = ancient_range_next(&range, &key, &value, &err)) == ANCIENT_OK) {
 *             struct idx_album album = {value};
 *             ... idx_album_title(&b, album, &title, &length, &err)
 *     }
 *
 * First and last: the first that ancient_range_next gives without bounds, and with `backwards`. */
#ifndef ANCIENT_RANGE_H
#define ANCIENT_RANGE_H

#include <ancient_lookup.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is wanted of a map or set; all zeros: everything, in ascending order.  Several bounds hold
 * together; where no key can lie between them, which is so where `from` is greater than `to`, the
 * range is empty. */
struct ancient_range_bounds {
	/* The least and the greatest key, of the type of the keys as in a lookup; NULL: none. */
	const struct ancient_key *from, *to;
	/* Keys, string or bytes, that begin with these bytes; NULL: any. */
	const char *prefix;
	size_t prefix_length;
	bool from_excluded, to_excluded; /* the bound itself is not in the range */
	bool backwards;                  /* the greatest first */
	uint64_t reserved[4];            /* zeros */
};

/* A walk through a range.  It borrows file and schema, owns nothing, and need not be closed; a copy
 * goes on by itself. */
struct ancient_range { /* all private */
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	uint32_t type, key_type, value_type, flags, depth, reserved_flags;
	uint64_t last, limit, before, left, steps;
	uint64_t stack[128];
	uint64_t reserved[8];
};

/* Finds both ends of a range: O(log n) comparisons with each bound.  The keys need not live longer
 * than the call.
 *
 * Order.  Bounds and prefixes mean OCaml's `compare`, so that the schema must say that the map or
 * set is ordered so ([@@ancient.order standard], FORMAT 12.2); otherwise they are WRONG_KIND.
 * Without bounds nothing is compared: the keys of every map come as its own order has them, up or
 * down.  nan is less than every other float, and a string less than those that it begins; bytes
 * compare unsigned.
 *
 * A declaration is not trusted: the nodes on the way to a bound must lie between those above
 * them, and each key that is given must be greater (`backwards`: less) than the one before it, and
 * within the bounds. Where that is not so the result is BAD_SHAPE, and never a key outside of the
 * bounds.
 *
 * bounds   NULL: everything
 * Errors: ARGUMENT for a bound that is not bound to its parts (ancient_bind.h); WRONG_KIND also for
 * what is no map or set (a hash table has no order), for a prefix where
 * keys are no strings, and for a bound that no key of the type can be; BAD_SHAPE also for a tree
 * of more than 128 levels (OCaml's own never have); those of ancient_value_compare. */
ANCIENT_API enum ancient_code
ancient_range_init(const struct ancient_file *file, const struct ancient_schema *schema,
		   struct ancient_typed typed, const struct ancient_range_bounds *bounds,
		   struct ancient_range *ret_range, struct ancient_error *err);

/* The next one: one step of the tree and, where there are bounds, two comparisons.  All steps of a
 * range together cost no more than one walk of the whole file may (TOO_LARGE).
 *
 * ret_key     the key, or the element of a set
 * ret_value   the value of a map; NULL where it is not wanted; untouched for a set
 * Errors: NO_INDEX at the end; those of ancient_range_init.  After an error the range has ended. */
ANCIENT_API enum ancient_code ancient_range_next(struct ancient_range *range,
						 struct ancient_typed *ret_key,
						 struct ancient_typed *ret_value,
						 struct ancient_error *err);

#ifdef __cplusplus
}
#endif

#endif
