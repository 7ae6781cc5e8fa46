/* c-reader: finding a key in a map or set by OCaml's own order (FORMAT 12.4). */
#include "lookup/lookup_search.h"

struct way {
	uint64_t key[LOOKUP_LEVELS]; /* the keys on the way down */
	bool right[LOOKUP_LEVELS];   /* where it went from there */
	unsigned depth;
};

/* Whether each key on the way lies between those that it was to lie between. */
static enum ancient_code probe_way(const struct lookup_search *s, const struct way *way,
				   bool *ret_refuted)
{
	uint64_t low = 0, high = 0; /* 0: none */

	for (unsigned i = 0; i < way->depth; i++) {
		enum ancient_code code = ANCIENT_OK;
		int order = 1;
		if (low != 0)
			code = lookup_compare(s->file, lookup_word(way->key[i]), lookup_word(low),
					      &order, s->err);
		if (code == ANCIENT_OK && order > 0 && high != 0)
			code = lookup_compare(s->file, lookup_word(high), lookup_word(way->key[i]),
					      &order, s->err);
		if (code != ANCIENT_OK)
			return code;
		if (order <= 0) {
			*ret_refuted = true;
			return ANCIENT_OK;
		}
		if (way->right[i])
			low = way->key[i];
		else
			high = way->key[i];
	}
	return ANCIENT_OK;
}

enum ancient_code lookup_search_tree(const struct lookup_search *s, struct lookup_spot *ret_spot)
{
	const bool map = s->shape.type->kind == ANCIENT_TYPE_MAP;
	struct lookup_spot spot = {.word = s->known ? s->shape.word : 1, .linear = !s->known};
	struct way way;

	way.depth = 0;
	while (spot.word != 1) {
		int order = 0;
		enum ancient_code code = typed_cell(s->file, s->shape.type, spot.word,
						    map ? TYPED_MAP_FIELDS : TYPED_SET_FIELDS,
						    map ? "0 or a block of tag 0 and size 5"
							: "0 or a block of tag 0 and size 4",
						    &spot.block, s->err);
		if (code == ANCIENT_OK && way.depth == LOOKUP_LEVELS)
			code = typed_bad_shape(s->file, s->shape.type, spot.word, s->err,
					       "a tree of at most %u levels", LOOKUP_LEVELS);
		if (code != ANCIENT_OK)
			return code;
		way.key[way.depth] = reader_field(s->file, &spot.block, TYPED_MAP_KEY);
		code = lookup_probe_order(s->file, &s->probe, way.key[way.depth], &order, s->err);
		if (code != ANCIENT_OK)
			return code;
		if (order == 0) {
			*ret_spot = spot;
			return ANCIENT_OK;
		}
		way.right[way.depth++] = order < 0;
		spot.word = reader_field(s->file, &spot.block,
					 order > 0 ? TYPED_MAP_LEFT
					 : map     ? TYPED_MAP_RIGHT
						   : TYPED_SET_RIGHT);
	}
	if (s->known) {
		enum ancient_code code = probe_way(s, &way, &spot.linear);
		if (code != ANCIENT_OK)
			return code;
	}
	*ret_spot = spot;
	return ANCIENT_OK;
}
