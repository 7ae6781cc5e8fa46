/* c-reader/scan: the elements of a value, a batch of rows at a time, in the order of
 * ancient_iterator_next; for scan.c.  Buckets of tables are prefetched some way ahead. */
#include "scan/walk.h"

#include "typed/bucket.h"
#include "typed/elements.h"
#include "typed/iterate.h"

#define AHEAD 64u /* buckets of a table that are prefetched at a time */

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

/* Prefetches the cell that a word leads to, where `first`; otherwise its key and value, and returns
 * the word of the next cell.  Tests only that it reads inside the file. */
static uint64_t prefetch_cell(const struct ancient_file *file, uint64_t word, bool first)
{
	uint64_t place = reader_place(file, word), offset, part;

	if (place >= file->words || file->words - place < TYPED_CONS_FIELDS)
		return 1;
	offset = reader_place_offset(place);
	if (first) {
		__builtin_prefetch(file->map + offset - ANCIENT_WORD);
		__builtin_prefetch(file->map + offset + 2 * ANCIENT_WORD);
		return word;
	}
	for (unsigned i = TYPED_CONS_KEY; i <= TYPED_CONS_DATA; i++) {
		part = reader_place(file, reader_word(file, offset + i * ANCIENT_WORD));
		if (part < file->words)
			__builtin_prefetch(file->map + reader_place_offset(part) - ANCIENT_WORD);
	}
	return reader_word(file, offset + TYPED_CONS_NEXT * ANCIENT_WORD);
}

/* Prefetches the cells of the next buckets, three of each. */
static void prefetch_buckets(const struct ancient_iterator *it)
{
	uint64_t words[AHEAD], from = it->at, count;
	struct reader_block buckets;

	if (reader_gate(it->file, it->head, &buckets, NULL) != ANCIENT_OK)
		return;
	count = from < it->count && it->count <= buckets.wosize ? it->count - from : 0;
	count = count < AHEAD ? count : AHEAD;
	for (uint64_t i = 0; i < count; i++)
		words[i] = reader_field(it->file, &buckets, from + i);
	for (unsigned depth = 0; depth < 3; depth++) {
		for (uint64_t i = 0; i < count; i++)
			prefetch_cell(it->file, words[i], true);
		for (uint64_t i = 0; i < count; i++)
			words[i] = prefetch_cell(it->file, words[i], false);
	}
}

/* ---- All of them ------------------------------------------------------------------------ */

static enum ancient_code walk_others(struct ancient_scan *scan, struct reader_budget *budget,
				     struct scan_batch *batch, size_t most, bool *ret_end,
				     struct ancient_error *err)
{
	struct ancient_iterator *it = &scan->iterator;
	const bool pairs = scan_pairs(it), table = pairs && it->kind != ANCIENT_TYPE_MAP;
	uint64_t prefetched = it->at;

	while (batch->count < most) {
		struct ancient_typed key, value = {0};
		bool hidden = false;
		enum ancient_code code;
		if (it->kind == ANCIENT_TYPE_LIST && it->next == 1) { /* no message is made of it */
			*ret_end = true;
			return ANCIENT_OK;
		}
		if (table && it->next == 1 && it->at >= prefetched) {
			prefetch_buckets(it);
			prefetched = it->at + AHEAD;
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
