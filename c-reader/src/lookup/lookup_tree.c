/* c-reader/lookup: searching a map or set by OCaml's own order (FORMAT 12.4); for lookup.c. */
#include "lookup/lookup_tree.h"

#include "lookup/lookup_path.h"

enum ancient_code ancient_reader_lookup_tree_find(const struct lookup_search *s,
						  struct lookup_place *ret_place)
{
	const struct ancient_type *type = s->shape.type;
	struct lookup_place place = {.word = s->known ? s->shape.word : 1, .linear = !s->known};
	struct lookup_path path;

	path.depth = 0;
	while (place.word != 1) {
		int order = 0;
		enum ancient_code code =
			lookup_node_open(s->file, type, place.word, &place.block, s->err);
		if (code == ANCIENT_OK && path.depth == LOOKUP_LEVELS)
			code = ancient_reader_lookup_too_deep(s->file, type, place.word, s->err);
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
		place.word = lookup_node_child(s->file, type, &place.block, order < 0);
	}
	if (s->known) {
		enum ancient_code code = ancient_reader_lookup_path_check(
			&s->equality->budget, &path, &place.linear, s->err);
		if (code != ANCIENT_OK)
			return code;
	}
	*ret_place = place;
	return ANCIENT_OK;
}
