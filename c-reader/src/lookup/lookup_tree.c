/* c-reader/lookup: searching a map or set by OCaml's own order (FORMAT 12.4); for lookup.c. */
#include "lookup/lookup_tree.h"

#include "typed/elements.h"
#include "typed/layout.h"

/* The nodes from the root down to where the search ended. */
struct path {
	uint64_t key[LOOKUP_LEVELS];
	bool right[LOOKUP_LEVELS]; /* whether the search went on to the right */
	unsigned depth;
};

/* Whether the keys of the path contradict the declared order: each must lie between the bounds that
 * the nodes above give it. */
static enum ancient_code check_order(const struct lookup_search *s, const struct path *path,
				     bool *ret_wrong)
{
	uint64_t low = 0, high = 0; /* 0: none */

	for (unsigned i = 0; i < path->depth; i++) {
		enum ancient_code code = ANCIENT_OK;
		int order = 1;
		if (low != 0)
			code = ancient_reader_lookup_compare(&s->equality->budget,
							     lookup_word(path->key[i]),
							     lookup_word(low), &order, s->err);
		if (code == ANCIENT_OK && order > 0 && high != 0)
			code = ancient_reader_lookup_compare(
				&s->equality->budget, lookup_word(high), lookup_word(path->key[i]),
				&order, s->err);
		if (code != ANCIENT_OK)
			return code;
		if (order <= 0) {
			*ret_wrong = true;
			return ANCIENT_OK;
		}
		if (path->right[i])
			low = path->key[i];
		else
			high = path->key[i];
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_lookup_tree_find(const struct lookup_search *s,
						  struct lookup_place *ret_place)
{
	const bool map = s->shape.type->kind == ANCIENT_TYPE_MAP;
	struct lookup_place place = {.word = s->known ? s->shape.word : 1, .linear = !s->known};
	struct path path;

	path.depth = 0;
	while (place.word != 1) {
		int order = 0;
		enum ancient_code code = typed_cell(s->file, s->shape.type, place.word,
						    map ? TYPED_MAP_FIELDS : TYPED_SET_FIELDS,
						    map ? "0 or a block of tag 0 and size 5"
							: "0 or a block of tag 0 and size 4",
						    &place.block, s->err);
		if (code == ANCIENT_OK && path.depth == LOOKUP_LEVELS)
			code = ancient_reader_typed_bad_shape(s->file, s->shape.type, place.word,
							      s->err, "a tree of at most %u levels",
							      LOOKUP_LEVELS);
		if (code != ANCIENT_OK)
			return code;
		path.key[path.depth] = reader_field(s->file, &place.block, TYPED_MAP_KEY);
		code = lookup_key_order(&s->equality->budget, &s->key, path.key[path.depth], &order,
					s->err);
		if (code != ANCIENT_OK)
			return code;
		if (order == 0) {
			*ret_place = place;
			return ANCIENT_OK;
		}
		path.right[path.depth++] = order < 0;
		place.word = reader_field(s->file, &place.block,
					  order > 0 ? TYPED_MAP_LEFT
					  : map     ? TYPED_MAP_RIGHT
						    : TYPED_SET_RIGHT);
	}
	if (s->known) {
		enum ancient_code code = check_order(s, &path, &place.linear);
		if (code != ANCIENT_OK)
			return code;
	}
	*ret_place = place;
	return ANCIENT_OK;
}
