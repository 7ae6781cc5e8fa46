/* c-reader/scan: the elements of a value, a batch of rows at a time, in the order of
 * ancient_iterator_next; for scan.c. */
#include "scan/walk.h"

#include "typed/bucket.h"
#include "typed/elements.h"
#include "typed/iterate.h"

#define AHEAD 32u       /* buckets of a table whose first cells are prefetched */
#define SHORT_BUCKET 8u /* cells */
#define FEW 8u          /* rows */

/* ---- Arrays ----------------------------------------------------------------------------- */

static enum ancient_code walk_array(struct ancient_iterator *it, struct scan_batch *batch,
				    size_t most, bool *ret_end, struct ancient_error *err)
{
	const struct ancient_typed array =
		ancient_typed_of((struct ancient_value){it->next}, it->type);
	struct typed_shape shape;
	enum ancient_code code =
		ancient_reader_typed_open(it->file, it->schema, array, false, &shape, err);
	uint64_t end, left;

	if (code != ANCIENT_OK)
		return code;
	end = it->count < shape.block.wosize ? it->count : shape.block.wosize;
	left = it->at < end ? end - it->at : 0;
	batch->flat = shape.block.tag == ANCIENT_TAG_DOUBLE_ARRAY;
	batch->count = left < most ? left : most;
	*ret_end = left <= most;
	for (size_t i = 0; i < batch->count; i++)
		batch->values[i] = reader_field(it->file, &shape.block, it->at++);
	return ANCIENT_OK;
}

/* ---- Tables ----------------------------------------------------------------------------- */

/* Buckets of more than one binding, whose keys are compared when all of them are on their way. */
struct crowds {
	size_t count;
	struct {
		uint64_t bucket;
		size_t first, end; /* its bindings in the batch */
	} at[SCAN_ROWS / 2];
};

static void prefetch_block(const struct ancient_file *file, uint64_t word)
{
	uint64_t place = reader_place(file, word);

	if (place < file->words)
		__builtin_prefetch(file->map + reader_place_offset(place) - ANCIENT_WORD);
}

/* Adds the bindings of the bucket that begins at `word`; false where they are more than `most`, or
 * something is unusual. */
static bool walk_bucket(const struct ancient_file *file, uint64_t word, size_t most,
			struct scan_batch *batch)
{
	const size_t first = batch->count;
	uint64_t offset;

	for (size_t i = first; word != 1; i++) {
		if (i == first + most ||
		    !reader_gate_exact(file, word, 0, TYPED_CONS_FIELDS, &offset))
			return false;
		batch->keys[i] = reader_word(file, offset + TYPED_CONS_KEY * ANCIENT_WORD);
		batch->values[i] = reader_word(file, offset + TYPED_CONS_DATA * ANCIENT_WORD);
		word = reader_word(file, offset + TYPED_CONS_NEXT * ANCIENT_WORD);
		if (i > first || word != 1)
			prefetch_block(file, batch->keys[i]);
		if (word == 1)
			batch->count = i + 1;
	}
	return true;
}

/* Whether the keys of rows `first` to `end` surely differ from each other; a step for each pair. */
static bool differ(const struct ancient_file *file, struct reader_budget *budget,
		   const uint64_t *keys, size_t first, size_t end)
{
	for (size_t i = first + 1; i < end; i++)
		for (size_t j = first; j < i; j++)
			if (!typed_keys_differ(file, keys[i], keys[j]))
				return false;
	return reader_budget_take(budget, (end - first) * (end - first - 1) / 2);
}

/* Buckets from the next one on, up to `most` rows, as long as they are short and nothing is
 * unusual, as are bindings that may be hidden; false: the next bucket is the iterator's. */
static bool walk_buckets(struct ancient_scan *scan, struct reader_budget *budget,
			 struct scan_batch *batch, size_t most)
{
	struct ancient_iterator *it = &scan->iterator;
	const struct ancient_file *file = it->file;
	const size_t before = batch->count;
	const uint64_t left = it->left;
	struct crowds crowds;
	struct reader_block buckets;
	bool good = true;
	uint64_t end;

	if (reader_gate(file, it->head, &buckets, NULL) != ANCIENT_OK)
		return false;
	crowds.count = 0;
	end = it->count < buckets.wosize ? it->count : buckets.wosize;
	for (; it->at < end && batch->count < most; it->at++) {
		const size_t first = batch->count, room = most - first;
		if (it->at + AHEAD < end)
			prefetch_block(file, reader_field(file, &buckets, it->at + AHEAD));
		good = walk_bucket(file, reader_field(file, &buckets, it->at),
				   room < SHORT_BUCKET ? room : SHORT_BUCKET, batch) &&
		       batch->count - before <= left;
		if (!good) {
			batch->count = first;
			break;
		}
		if (batch->count - first > 1 && !scan->all) {
			crowds.at[crowds.count].bucket = it->at;
			crowds.at[crowds.count].first = first;
			crowds.at[crowds.count++].end = batch->count;
		}
	}
	for (size_t i = 0; i < crowds.count; i++)
		if (!differ(file, budget, batch->keys, crowds.at[i].first, crowds.at[i].end)) {
			batch->count = crowds.at[i].first;
			it->at = crowds.at[i].bucket;
			good = false;
			break;
		}
	it->left = left - (batch->count - before);
	return good;
}

/* ---- All of them ------------------------------------------------------------------------ */

static enum ancient_code walk_others(struct ancient_scan *scan, struct reader_budget *budget,
				     struct scan_batch *batch, size_t most, bool *ret_end,
				     struct ancient_error *err)
{
	struct ancient_iterator *it = &scan->iterator;
	const bool pairs = scan_pairs(it), table = pairs && it->kind != ANCIENT_TYPE_MAP;
	size_t some = most;

	while (batch->count < most) {
		struct ancient_typed key, value = {0};
		bool hidden = false;
		enum ancient_code code;
		if (it->kind == ANCIENT_TYPE_LIST && it->next == 1) { /* no message is made of it */
			*ret_end = true;
			return ANCIENT_OK;
		}
		if (table && it->next == 1) {
			/* After something unusual there may be more of it. */
			bool good = walk_buckets(scan, budget, batch,
						 some < most - batch->count ? batch->count + some
									    : most);
			some = good ? 2 * some : FEW;
			if (batch->count == most)
				break;
		}
		code = ancient_reader_typed_iterate(it, &key, &value, err);
		if (code == ANCIENT_E_NO_INDEX) {
			*ret_end = true;
			return ANCIENT_OK;
		}
		/* it->stack[0] leads to the first cell of the bucket, it->cell to this one. */
		if (code == ANCIENT_OK && table && !scan->all && it->stack[0] != it->cell)
			code = ancient_reader_typed_bucket_hides(
				budget, &it->schema->types[it->type], it->stack[0], it->cell,
				key.value.word, &hidden, err);
		if (code != ANCIENT_OK)
			return code;
		if (hidden)
			continue;
		batch->keys[batch->count] = key.value.word;
		batch->values[batch->count++] = pairs ? value.value.word : key.value.word;
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_scan_walk(struct ancient_scan *scan, struct reader_budget *budget,
					   size_t most, struct scan_batch *ret_batch, bool *ret_end,
					   struct ancient_error *err)
{
	struct ancient_iterator *it = &scan->iterator;

	ret_batch->count = 0;
	ret_batch->flat = false;
	most = most < SCAN_ROWS ? most : SCAN_ROWS;
	if (it->kind == ANCIENT_TYPE_ARRAY || it->kind == ANCIENT_TYPE_FLOATARRAY)
		return walk_array(it, ret_batch, most, ret_end, err);
	return walk_others(scan, budget, ret_batch, most, ret_end, err);
}
