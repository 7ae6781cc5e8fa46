/* c-reader: the elements of a value, a batch at a time (ancient_schema.h, Columns). */
#include "scan/column.h"
#include "lookup/lookup_key.h"

#define AHEAD 64u /* buckets of a table whose memory is asked for at once */

/* ---- Arrays ----------------------------------------------------------------------------- */

static enum ancient_code walk_array(struct ancient_iterator *it, struct scan_batch *batch,
				    size_t most, bool *ret_end, struct ancient_error *err)
{
	const struct ancient_typed array =
		ancient_typed_of((struct ancient_value){it->next}, it->type);
	struct typed_shape shape;
	enum ancient_code code = typed_open(it->file, it->schema, array, false, &shape, err);
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

/* ---- Hidden bindings -------------------------------------------------------------------- */

/* Whether two keys are surely not the same: different integers, or strings of different
 * bytes. */
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

/* ancient_iterator_hidden, which has the last word, for the binding of `key`. */
static enum ancient_code is_hidden(const struct ancient_iterator *it, uint64_t key,
				   bool *ret_hidden, struct ancient_error *err)
{
	uint64_t word = it->stack[0], offset; /* of the bucket */
	unsigned steps = 0;

	*ret_hidden = false;
	while (word != it->cell) {
		if (steps++ == AHEAD ||
		    !reader_gate_exact(it->file, word, 0, TYPED_CONS_FIELDS, &offset) ||
		    !surely_differ(it->file, key,
				   reader_word(it->file, offset + TYPED_CONS_KEY * ANCIENT_WORD)))
			return ancient_iterator_hidden(it, ret_hidden, err);
		word = reader_word(it->file, offset + TYPED_CONS_NEXT * ANCIENT_WORD);
	}
	return ANCIENT_OK;
}

/* ---- Tables ----------------------------------------------------------------------------- */

/* Asks for the cell that a word leads to, and what is in it; returns the word of the next one.
 * Tests only that it reads inside the file: it decides nothing. */
static uint64_t look_ahead(const struct ancient_file *file, uint64_t word, bool first)
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

/* Asks for the cells of the next buckets, three of each. */
static void ask_for_buckets(const struct ancient_iterator *it)
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
			look_ahead(it->file, words[i], true);
		for (uint64_t i = 0; i < count; i++)
			words[i] = look_ahead(it->file, words[i], false);
	}
}

/* ---- All of them ------------------------------------------------------------------------ */

static enum ancient_code walk_others(struct ancient_scan *scan, struct scan_batch *batch,
				     size_t most, bool *ret_end, struct ancient_error *err)
{
	struct ancient_iterator *it = &scan->iterator;
	const bool pairs = scan_pairs(it), table = pairs && it->kind != ANCIENT_TYPE_MAP;
	uint64_t asked = it->at;

	while (batch->count < most) {
		struct ancient_typed key, value = {0};
		bool hidden = false;
		enum ancient_code code;
		if (table && it->next == 1 && it->at >= asked) {
			ask_for_buckets(it);
			asked = it->at + AHEAD;
		}
		code = typed_iterate(it, &key, &value, err);
		if (code == ANCIENT_E_NO_INDEX) {
			*ret_end = true;
			return ANCIENT_OK;
		}
		if (code == ANCIENT_OK && table && !scan->all)
			code = is_hidden(it, key.value.word, &hidden, err);
		if (code != ANCIENT_OK)
			return code;
		if (hidden)
			continue;
		batch->keys[batch->count] = key.value.word;
		batch->values[batch->count++] = pairs ? value.value.word : key.value.word;
	}
	return ANCIENT_OK;
}

enum ancient_code scan_walk(struct ancient_scan *scan, size_t most, struct scan_batch *ret_batch,
			    bool *ret_end, struct ancient_error *err)
{
	struct ancient_iterator *it = &scan->iterator;

	ret_batch->count = 0;
	ret_batch->flat = false;
	most = most < SCAN_ROWS ? most : SCAN_ROWS;
	if (it->kind == ANCIENT_TYPE_ARRAY || it->kind == ANCIENT_TYPE_FLOATARRAY)
		return walk_array(it, ret_batch, most, ret_end, err);
	return walk_others(scan, ret_batch, most, ret_end, err);
}
