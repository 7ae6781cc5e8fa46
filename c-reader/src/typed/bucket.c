/* c-reader/typed: the cursor over a bucket of a hash table: its errors, and bindings that newer
 * ones hide.  Called by iteration, lookup, scan and dump. */
#include "typed/bucket.h"

#include "typed/bucket_index.h"
#include "typed/elements.h"
#include "value/ocaml_compare.h"

#define HANDFUL 8u /* cells whose keys are compared one by one */
/* What one such comparison may take. */
#define SHORT_STEPS 32u
#define SHORT_MEMORY 16384u

enum ancient_code ancient_reader_typed_buckets(const struct ancient_file *file,
					       const struct ancient_type *type,
					       const struct reader_block *table,
					       struct reader_block *ret_buckets, uint32_t *ret_seed,
					       struct ancient_error *err)
{
	uint64_t words[TYPED_TABLE_FIELDS];
	struct reader_block buckets = {0};
	enum ancient_code code;

	for (unsigned i = 0; i < TYPED_TABLE_FIELDS; i++) {
		words[i] = reader_field(file, table, i);
		if (i != TYPED_TABLE_DATA && reader_is_pointer(words[i]))
			return ancient_reader_typed_bad_shape(
				file, type, words[i], err,
				"an integer for a table's size, seed and size");
	}
	code = typed_cell(file, type, words[TYPED_TABLE_DATA], 0, "an array of buckets", &buckets,
			  err);
	if (code != ANCIENT_OK)
		return code;
	if (buckets.wosize == 0 || (buckets.wosize & (buckets.wosize - 1)) != 0)
		return ancient_reader_typed_bad_shape(file, type, words[TYPED_TABLE_DATA], err,
						      "a power of two of buckets");
	*ret_buckets = buckets;
	*ret_seed = (uint32_t)(words[TYPED_TABLE_SEED] >> 1);
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_typed_bucket_fail(const struct ancient_file *file,
						   const struct ancient_type *type,
						   const struct typed_bucket *bucket,
						   enum typed_bucket_step step, const char *ring,
						   struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_SHAPE, 0, bucket->word - file->super.base,
					   0, bucket->word};
	static const char expected[] = "0 or a bucket of tag 0 and size 3";
	struct reader_block block;
	enum ancient_code code;

	if (step == TYPED_BUCKET_RING)
		return ancient_reader_fail(file->name, err, &fault, "%.80s: %s", type->name, ring);
	code = typed_cell(file, type, bucket->word, TYPED_CONS_FIELDS, expected, &block, err);
	/* Now a cell, where another process is writing to it. */
	return code != ANCIENT_OK ? code
				  : ancient_reader_typed_bad_shape(file, type, bucket->word, err,
								   "%s", expected);
}

/* ---- Hidden bindings ---------------------------------------------------------------- */

/* Compares two keys in a few steps; TOO_LARGE, without a message, where it takes more. */
static enum ancient_code compare_shortly(struct reader_budget *budget, uint64_t left,
					 uint64_t right, bool *ret_equal, struct ancient_error *err)
{
	struct reader_budget part = {.file = budget->file,
				     .now = SHORT_STEPS,
				     .steps = SHORT_STEPS,
				     .bytes = SHORT_MEMORY};
	enum ancient_code code;
	int order = 1;

	/* The message that it was too long would be of no use. */
	code = ancient_reader_lookup_compare(&part, lookup_word(left), lookup_word(right), &order,
					     NULL);
	if (code != ANCIENT_OK && code != ANCIENT_E_TOO_LARGE)
		code = ancient_reader_lookup_compare(&part, lookup_word(left), lookup_word(right),
						     &order, err);
	*ret_equal = code == ANCIENT_OK && order == 0;
	/* Where nothing is left, the index tells. */
	reader_budget_take(budget, reader_budget_taken(&part));
	return code;
}

enum ancient_code ancient_reader_typed_bucket_hides(struct reader_budget *budget,
						    const struct ancient_type *type, uint64_t first,
						    uint64_t word, uint64_t key, bool *ret_hidden,
						    struct ancient_error *err)
{
	const struct ancient_file *file = budget->file;
	struct typed_bucket bucket = typed_bucket_at(first);

	*ret_hidden = false;
	for (unsigned cells = 0; bucket.next != word && !*ret_hidden; cells++) {
		enum typed_bucket_step step = typed_bucket_next(file, &bucket);
		enum ancient_code code;
		uint64_t newer;
		/* A bucket that does not come to `word` was changed since that was found. */
		if (step == TYPED_BUCKET_END || step == TYPED_BUCKET_RING)
			return ANCIENT_OK;
		if (step != TYPED_BUCKET_CELL)
			return ancient_reader_typed_bucket_fail(file, type, &bucket, step, "", err);
		newer = reader_field(file, &bucket.cell, TYPED_CONS_KEY);
		if (cells == HANDFUL || !reader_budget_take(budget, 1))
			return ancient_reader_typed_bucket_index_hides(budget, type, first, word,
								       ret_hidden, err);
		if (typed_keys_differ(file, newer, key))
			continue;
		code = compare_shortly(budget, newer, key, ret_hidden, err);
		if (code == ANCIENT_E_TOO_LARGE)
			return ancient_reader_typed_bucket_index_hides(budget, type, first, word,
								       ret_hidden, err);
		if (code != ANCIENT_OK)
			return code;
	}
	return ANCIENT_OK;
}
