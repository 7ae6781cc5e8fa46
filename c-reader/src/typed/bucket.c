/* c-reader/typed: the cursor over a bucket of a hash table: its errors, and bindings that newer
 * ones hide.  Called by iteration, lookup, scan and dump. */
#include "typed/bucket.h"

#include <string.h>

#include "typed/elements.h"
#include "value/ocaml_compare.h"

enum ancient_code typed_buckets(const struct ancient_file *file, const struct ancient_type *type,
				const struct reader_block *table, struct reader_block *ret_buckets,
				uint32_t *ret_seed, struct ancient_error *err)
{
	uint64_t words[TYPED_TABLE_FIELDS];
	struct reader_block buckets = {0};
	enum ancient_code code;

	for (unsigned i = 0; i < TYPED_TABLE_FIELDS; i++) {
		words[i] = reader_field(file, table, i);
		if (i != TYPED_TABLE_DATA && reader_is_pointer(words[i]))
			return typed_bad_shape(file, type, words[i], err,
					       "an integer for a table's size, seed and size");
	}
	code = typed_cell(file, type, words[TYPED_TABLE_DATA], 0, "an array of buckets", &buckets,
			  err);
	if (code != ANCIENT_OK)
		return code;
	if (buckets.wosize == 0 || (buckets.wosize & (buckets.wosize - 1)) != 0)
		return typed_bad_shape(file, type, words[TYPED_TABLE_DATA], err,
				       "a power of two of buckets");
	*ret_buckets = buckets;
	*ret_seed = (uint32_t)(words[TYPED_TABLE_SEED] >> 1);
	return ANCIENT_OK;
}

enum ancient_code typed_bucket_fail(const struct ancient_file *file,
				    const struct ancient_type *type,
				    const struct typed_bucket *bucket, enum typed_bucket_step step,
				    const char *ring, struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_SHAPE, 0, bucket->word - file->super.base,
					   0, bucket->word};
	static const char expected[] = "0 or a bucket of tag 0 and size 3";
	struct reader_block block;
	enum ancient_code code;

	if (step == TYPED_BUCKET_RING)
		return reader_fail(file->name, err, &fault, "%.80s: %s", type->name, ring);
	code = typed_cell(file, type, bucket->word, TYPED_CONS_FIELDS, expected, &block, err);
	/* Now a cell, where another process is writing to it. */
	return code != ANCIENT_OK ? code
				  : typed_bad_shape(file, type, bucket->word, err, "%s", expected);
}

/* ---- Hidden bindings ---------------------------------------------------------------- */

/* Whether two keys are different integers, or strings of different bytes; false: compare them. */
static bool surely_differ(const struct ancient_file *file, uint64_t left, uint64_t right)
{
	uint64_t left_offset, left_length, right_offset, right_length;

	if (!reader_is_pointer(left) && !reader_is_pointer(right))
		return left != right;
	if (!reader_gate_string(file, left, &left_offset, &left_length) ||
	    !reader_gate_string(file, right, &right_offset, &right_length))
		return false;
	return left_length != right_length ||
	       memcmp(file->map + left_offset, file->map + right_offset, left_length) != 0;
}

enum ancient_code typed_bucket_hides(const struct ancient_file *file,
				     const struct ancient_type *type, uint64_t first, uint64_t word,
				     uint64_t key, bool *ret_hidden, struct ancient_error *err)
{
	struct typed_bucket bucket = typed_bucket_at(first);

	*ret_hidden = false;
	while (bucket.next != word && !*ret_hidden) {
		enum typed_bucket_step step = typed_bucket_next(file, &bucket);
		enum ancient_code code;
		uint64_t newer;
		int order = 1;
		/* A bucket that does not come to `word` was changed since that was found. */
		if (step == TYPED_BUCKET_END || step == TYPED_BUCKET_RING)
			return ANCIENT_OK;
		if (step != TYPED_BUCKET_CELL)
			return typed_bucket_fail(file, type, &bucket, step, "", err);
		newer = reader_field(file, &bucket.cell, TYPED_CONS_KEY);
		if (surely_differ(file, newer, key))
			continue;
		code = lookup_compare(file, lookup_word(newer), lookup_word(key), &order, err);
		if (code != ANCIENT_OK)
			return code;
		*ret_hidden = order == 0;
	}
	return ANCIENT_OK;
}
