/* c-reader/lookup: searching a map or set, for lookup.c. */
#ifndef ANCIENT_READER_LOOKUP_TREE_H
#define ANCIENT_READER_LOOKUP_TREE_H

#include "lookup/lookup.h"

/* The node of search->key; place->linear where the order is not known, or not the one declared. */
enum ancient_code ancient_reader_lookup_tree_find(const struct lookup_search *search,
						  struct lookup_place *ret_place);

#endif
