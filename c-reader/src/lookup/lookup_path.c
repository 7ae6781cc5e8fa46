/* c-reader/lookup: the way from the root of a map or set down to a key (lookup_path.h). */
#include "lookup/lookup_path.h"

#include "value/ocaml_compare.h"

#define SHORT 8u /* words of a string that is compared without a budget */

enum ancient_code ancient_reader_lookup_too_deep(const struct ancient_file *file,
						 const struct ancient_type *type, uint64_t word,
						 struct ancient_error *err)
{
	return ancient_reader_typed_bad_shape(file, type, word, err, "a tree of at most %u levels",
					      LOOKUP_LEVELS);
}

bool ancient_reader_lookup_order_short(const struct ancient_file *file, uint64_t left,
				       uint64_t right, int *ret_order)
{
	uint64_t a, b, left_length, right_length, shorter, i;

	if (!reader_is_pointer(left) && !reader_is_pointer(right)) {
		*ret_order = ((int64_t)left > (int64_t)right) - ((int64_t)left < (int64_t)right);
		return true;
	}
	if (!reader_gate_string(file, left, &a, &left_length) ||
	    !reader_gate_string(file, right, &b, &right_length))
		return false;
	shorter = left_length < right_length ? left_length : right_length;
	if (shorter / ANCIENT_WORD > SHORT)
		return false;
	/* As in lookup_key_order_string. */
	for (i = 0; i <= shorter / ANCIENT_WORD; i++) {
		const uint64_t mask = i < shorter / ANCIENT_WORD ? UINT64_MAX : UINT64_MAX >> 8;
		const uint64_t l = reader_word(file, a + i * ANCIENT_WORD) & mask;
		const uint64_t r = reader_word(file, b + i * ANCIENT_WORD) & mask;

		if (l != r) {
			*ret_order = __builtin_bswap64(l) < __builtin_bswap64(r) ? -1 : 1;
			return true;
		}
	}
	*ret_order = (left_length > right_length) - (left_length < right_length);
	return true;
}

enum ancient_code ancient_reader_lookup_order_keys(struct reader_budget *budget, uint64_t left,
						   uint64_t right, int *ret_order,
						   struct ancient_error *err)
{
	if (READER_LIKELY(ancient_reader_lookup_order_short(budget->file, left, right, ret_order)))
		return ANCIENT_OK;
	return ancient_reader_lookup_compare(budget, lookup_word(left), lookup_word(right),
					     ret_order, err);
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
			code = ancient_reader_lookup_order_keys(budget, key, *bound, &order, err);
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
