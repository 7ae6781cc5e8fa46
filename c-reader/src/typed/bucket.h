/* c-reader/typed: a cursor over the cells of one bucket of a hash table (FORMAT 12.4).
 *
 * Buckets are walked in four places, and no more:
 *
 *   this cursor             every test, and every error: iteration, columns, dump, lookups of keys
 *                           of any kind, and lookups where the next one gave up
 *   lookup_hashtbl_walk     one string or integer in a good table (lookup/lookup_hashtbl.h); it
 *                           is inline, and prefetches, because a lookup is a program's inner loop
 *   lookup/lookup_batch.c   many keys at once: one step of each bucket in turn
 *
 *   scan/walk.c             the bindings of a batch of short buckets
 *
 * All but the first give up at anything unusual, so that errors are made in one place. */
#ifndef ANCIENT_READER_TYPED_BUCKET_H
#define ANCIENT_READER_TYPED_BUCKET_H

#include <string.h>

#include "base/budget.h"
#include "typed/layout.h"
#include "typed/shape.h"

enum typed_bucket_step {
	TYPED_BUCKET_CELL, /* the cursor is on a cell */
	TYPED_BUCKET_END,
	TYPED_BUCKET_ODD, /* the word leads to no cell */
	TYPED_BUCKET_RING /* the bucket leads back to itself */
};

struct typed_bucket {
	uint64_t next; /* the word that leads to the next cell */
	uint64_t word; /* of the cell the cursor is on, or of what is no cell */
	struct reader_block cell;
	struct reader_chain chain;
};

/* The bucket that begins at `word`. */
static inline struct typed_bucket typed_bucket_at(uint64_t word)
{
	return (struct typed_bucket){.next = word, .chain = READER_CHAIN_START};
}

/* Moves to the next cell. */
static inline enum typed_bucket_step typed_bucket_next(const struct ancient_file *file,
						       struct typed_bucket *bucket)
{
	const uint64_t most = reader_most(file, TYPED_CONS_FIELDS + 1);
	uint64_t offset;

	if (bucket->next == 1)
		return TYPED_BUCKET_END;
	bucket->word = bucket->next;
	if (reader_is_pointer(bucket->word) &&
	    reader_chain_closed(&bucket->chain, bucket->word, most))
		return TYPED_BUCKET_RING;
	if (!READER_LIKELY(reader_gate_exact(file, bucket->word, 0, TYPED_CONS_FIELDS, &offset)))
		return TYPED_BUCKET_ODD;
	bucket->cell = (struct reader_block){offset, TYPED_CONS_FIELDS, 0};
	bucket->next = reader_word(file, offset + TYPED_CONS_NEXT * ANCIENT_WORD);
	return TYPED_BUCKET_CELL;
}

#define TYPED_SHORT_KEY 256u /* bytes that are compared at once */

/* Whether two keys are different integers, or short strings of different bytes; false: compare
 * them. */
static inline bool typed_keys_differ(const struct ancient_file *file, uint64_t left, uint64_t right)
{
	uint64_t left_offset, left_length, right_offset, right_length;

	if (!reader_is_pointer(left) && !reader_is_pointer(right))
		return left != right;
	if (left == right)
		return false;
	if (!reader_gate_string(file, left, &left_offset, &left_length) ||
	    !reader_gate_string(file, right, &right_offset, &right_length))
		return false;
	if (left_length != right_length)
		return true;
	return left_length <= TYPED_SHORT_KEY &&
	       memcmp(file->map + left_offset, file->map + right_offset, left_length) != 0;
}

/* The error of TYPED_BUCKET_ODD and TYPED_BUCKET_RING.
 *
 * ring   the message for a ring: "leads back to itself"
 * Errors: BAD_SHAPE, those of reader_gate; never OK. */
enum ancient_code ancient_reader_typed_bucket_fail(const struct ancient_file *file,
						   const struct ancient_type *type,
						   const struct typed_bucket *bucket,
						   enum typed_bucket_step step, const char *ring,
						   struct ancient_error *err);

/* Whether a newer binding hides the one in the cell `word`: whether one of the cells from `first`
 * up to that one has an equal key.  A handful of cells is compared one by one; what comes behind is
 * asked of an index of the bucket (bucket_index.h), so that a walk over a bucket costs its cells
 * and the words of its keys, and not their square.
 *
 * first   the word that leads to the first cell of the bucket
 * key     the key in the cell `word`
 * Errors: those of ancient_reader_lookup_compare and ancient_reader_typed_bucket_fail. */
enum ancient_code ancient_reader_typed_bucket_hides(struct reader_budget *budget,
						    const struct ancient_type *type, uint64_t first,
						    uint64_t word, uint64_t key, bool *ret_hidden,
						    struct ancient_error *err);

/* Opens a table's array of buckets, and reads its seed. */
enum ancient_code ancient_reader_typed_buckets(const struct ancient_file *file,
					       const struct ancient_type *type,
					       const struct reader_block *table,
					       struct reader_block *ret_buckets, uint32_t *ret_seed,
					       struct ancient_error *err);

#endif
