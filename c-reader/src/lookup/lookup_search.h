/* c-reader: one search in a table, map or set: what lookup.c and its parts, lookup_table.c,
 * lookup_tree.c and lookup_many.c, share. */
#ifndef ANCIENT_READER_LOOKUP_SEARCH_H
#define ANCIENT_READER_LOOKUP_SEARCH_H

#include "lookup/lookup_key.h"
#include "typed/typed.h"

#define LOOKUP_LEVELS 128u /* of a tree */

struct lookup_search {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct ancient_typed typed;
	struct ancient_error *err;
	/* Made by lookup_search_open, the same for all keys. */
	struct typed_shape shape;
	struct reader_block buckets; /* of a table */
	uint32_t seed;
	bool tree;
	bool known; /* order or hash: by declaration, or Hashtbl's own */
	/* The key. */
	struct lookup_probe probe;
};

/* Where a key was found. */
struct lookup_spot {
	uint64_t word;             /* 1: nowhere */
	struct reader_block block; /* a bucket's cell, or a node */
	bool linear;               /* nothing is said: look at every binding */
};

/* Opens the container.  Errors: those of typed_open, WRONG_KIND. */
enum ancient_code lookup_search_open(struct lookup_search *search);

/* The binding of the key, with LINEAR where order or hash are not known or are refuted. */
enum ancient_code lookup_search_table(const struct lookup_search *search,
				      struct lookup_spot *ret_spot);
enum ancient_code lookup_search_tree(const struct lookup_search *search,
				     struct lookup_spot *ret_spot);

/* The value of the key, or NO_KEY, without a message. */
enum ancient_code lookup_search_find(const struct lookup_search *search,
				     struct ancient_typed *ret_found);

/* What a container has in a cell or node. */
struct ancient_typed lookup_search_value(const struct lookup_search *search,
					 const struct reader_block *block);

/* The bucket of a hash, below buckets.wosize, a power of two. */
static inline uint64_t lookup_search_bucket(const struct lookup_search *search, uint32_t hash)
{
	return hash & (search->buckets.wosize - 1);
}

#endif
