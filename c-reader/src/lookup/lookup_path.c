/* c-reader/lookup: the way from the root of a map or set down to a key (lookup_path.h). */
#include "lookup/lookup_path.h"

#include "value/ocaml_compare.h"

enum ancient_code ancient_reader_lookup_too_deep(const struct ancient_file *file,
						 const struct ancient_type *type, uint64_t word,
						 struct ancient_error *err)
{
	return ancient_reader_typed_bad_shape(file, type, word, err, "a tree of at most %u levels",
					      LOOKUP_LEVELS);
}

enum ancient_code ancient_reader_lookup_path_check(struct reader_budget *budget,
						   const struct lookup_path *path, bool *ret_wrong,
						   struct ancient_error *err)
{
	uint64_t low = 0, high = 0; /* 0: none */

	for (unsigned i = 0; i < path->depth; i++) {
		const uint64_t key = path->key[i];
		uint64_t *bound = path->right[i] ? &low : &high;
		enum ancient_code code = ANCIENT_OK;
		int order = path->right[i] ? 1 : -1;

		if (*bound != 0)
			code = ancient_reader_lookup_compare(budget, lookup_word(key),
							     lookup_word(*bound), &order, err);
		if (code != ANCIENT_OK)
			return code;
		if (path->right[i] ? order <= 0 : order >= 0) {
			*ret_wrong = true;
			return ANCIENT_OK;
		}
		*bound = key;
	}
	return ANCIENT_OK;
}
