/* c-reader/lookup: one search for a key in a table, map or set, from opening the container to the
 * value.  The functions are those of lookup.c; lookup_hashtbl.c and lookup_tree.c find the place,
 * and lookup_batch.c runs searches of many keys in one container. */
#ifndef ANCIENT_READER_LOOKUP_H
#define ANCIENT_READER_LOOKUP_H

#include "lookup/lookup_key.h"
#include "typed/shape.h"

struct lookup_search {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct ancient_typed typed;
	struct ancient_error *err;
	/* Set by ancient_reader_lookup_open_container; the same for all keys. */
	struct typed_shape shape;
	struct reader_block buckets; /* of a table */
	uint32_t seed;
	bool tree;
	bool known; /* order or hash are known: declared standard, or a Hashtbl */
	/* Set by the caller. */
	struct lookup_equality *equality; /* with the budget of the call; not for opening */
	struct lookup_key key;            /* for each key */
};

/* Where a key was found. */
struct lookup_place {
	uint64_t word;             /* of the cell or node; 1: not found */
	struct reader_block block; /* that cell or node */
	bool linear; /* order or hash are not known, or wrong: compare every binding */
};

/* Opens the container.  Errors: those of ancient_reader_typed_open, WRONG_KIND. */
enum ancient_code ancient_reader_lookup_open_container(struct lookup_search *search);

/* The value of the key, or NO_KEY, without a message. */
enum ancient_code ancient_reader_lookup_find(const struct lookup_search *search,
					     struct ancient_typed *ret_found);

/* NO_KEY, with the key in the message where it is a string or an integer. */
enum ancient_code ancient_reader_lookup_no_key(const struct ancient_file *file,
					       const struct ancient_key *key,
					       struct ancient_error *err);

#endif
