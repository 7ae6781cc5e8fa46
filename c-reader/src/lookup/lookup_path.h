/* c-reader/lookup: the way from the root of a map or set down to a key, and whether its nodes are
 * ordered as declared.  Called by lookups (lookup_tree.c) and ranges. */
#ifndef ANCIENT_READER_LOOKUP_PATH_H
#define ANCIENT_READER_LOOKUP_PATH_H

#include "base/budget.h"
#include "typed/elements.h"
#include "typed/layout.h"

#define LOOKUP_LEVELS 128u /* of a tree */

struct lookup_path {
	uint64_t word[LOOKUP_LEVELS]; /* of the node; ranges alone use it */
	uint64_t key[LOOKUP_LEVELS];
	bool right[LOOKUP_LEVELS]; /* whether the way goes on to the right */
	unsigned depth;
};

/* Opens a node of a map or set of this type. */
static inline enum ancient_code lookup_node_open(const struct ancient_file *file,
						 const struct ancient_type *type, uint64_t word,
						 struct reader_block *ret_node,
						 struct ancient_error *err)
{
	const bool map = type->kind == ANCIENT_TYPE_MAP;

	return typed_cell(file, type, word, map ? TYPED_MAP_FIELDS : TYPED_SET_FIELDS,
			  map ? "0 or a block of tag 0 and size 5"
			      : "0 or a block of tag 0 and size 4",
			  ret_node, err);
}

/* The word of its child: 1 where it has none. */
static inline uint64_t lookup_node_child(const struct ancient_file *file,
					 const struct ancient_type *type,
					 const struct reader_block *node, bool right)
{
	return reader_field(file, node,
			    !right                           ? TYPED_MAP_LEFT
			    : type->kind == ANCIENT_TYPE_MAP ? TYPED_MAP_RIGHT
							     : TYPED_SET_RIGHT);
}

/* BAD_SHAPE: a tree with too many levels. */
enum ancient_code ancient_reader_lookup_too_deep(const struct ancient_file *file,
						 const struct ancient_type *type, uint64_t word,
						 struct ancient_error *err);

/* Compares two keys of a tree that are integers or short strings: their bytes are few, so that it
 * takes nothing of a budget.  false: neither, or damaged, and ancient_reader_lookup_compare has to
 * decide. */
bool ancient_reader_lookup_order_short(const struct ancient_file *file, uint64_t left,
				       uint64_t right, int *ret_order);

/* Compares two keys of a tree. */
enum ancient_code ancient_reader_lookup_order_keys(struct reader_budget *budget, uint64_t left,
						   uint64_t right, int *ret_order,
						   struct ancient_error *err);

/* Whether the keys of the path contradict the declared order: each must lie between the bounds that
 * the nodes above give it.  Every key was compared with what was looked for, and the way went right
 * where it was less: so those where it went right must ascend, and the others descend. */
enum ancient_code ancient_reader_lookup_path_check(struct reader_budget *budget,
						   const struct lookup_path *path, bool *ret_wrong,
						   struct ancient_error *err);

#endif
