/* c-reader/verify: the pointers of all blocks: each must lead to a place where a block begins (V1),
 * those of bigarrays into a data extent (V7).  Runs after verify_extents.c has found all blocks;
 * pieces of the file are shared out among the threads. */
#include "value/gate_bigarray.h"
#include "value/gate_custom.h"
#include "verify/verify_pointers.h"

#define STEP_WORDS (1u << 17) /* fields between two calls of ancient_reader_task_step */

static enum ancient_code bad_pointer(struct reader_task *task, uint64_t place, uint64_t word)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_POINTER, READER_V(1), place, 0, word};

	return ancient_reader_fail(
		task->v->file->name, task->err, &fault,
		"expected the address of the first field of a block, found %#llx",
		(unsigned long long)word);
}

/* Fields that are values.  Adds the pointers among them to *pointers. */
static inline enum ancient_code check_fields(struct reader_task *task, uint64_t at, uint64_t count,
					     uint64_t *pointers)
{
	const struct reader_verify *v = task->v;
	uint64_t found = 0;
	bool valid = true;

	for (uint64_t i = 0; i < count; i++) {
		uint64_t word = reader_word(v->file, at + i * ANCIENT_WORD);
		valid &= reader_start_valid(v, word);
		found += reader_is_pointer(word);
	}
	*pointers += found;
	if (READER_LIKELY(valid))
		return ANCIENT_OK;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t word = reader_word(v->file, at + i * ANCIENT_WORD);
		if (!reader_start_valid(v, word))
			return bad_pointer(task, at + i * ANCIENT_WORD, word);
	}
	return ANCIENT_OK; /* somebody writes to the file: the word has changed */
}

/* The same of a long block. */
static enum ancient_code check_many(struct reader_task *task, uint64_t at, uint64_t count,
				    uint64_t *pointers)
{
	enum ancient_code code = ANCIENT_OK;

	while (count > STEP_WORDS && code == ANCIENT_OK) {
		code = check_fields(task, at, STEP_WORDS, pointers);
		if (code == ANCIENT_OK)
			code = ancient_reader_task_step(task, 0);
		at += STEP_WORDS * ANCIENT_WORD;
		count -= STEP_WORDS;
	}
	return code == ANCIENT_OK ? check_fields(task, at, count, pointers) : code;
}

static enum ancient_code check_payload(struct reader_task *task, const struct reader_block *block,
				       uint64_t *pointers)
{
	const struct ancient_file *file = task->v->file;
	struct reader_bigarray array;
	uint64_t offset = 0;
	uint32_t slot;
	enum ancient_code code;

	if (!ancient_reader_custom_slot(file, reader_field(file, block, 0), &slot) ||
	    slot != ANCIENT_CUSTOM_BIGARRAY)
		return ANCIENT_OK;
	code = ancient_reader_bigarray_shape(file, block, &array, task->err);
	if (code == ANCIENT_OK)
		code = ancient_reader_bigarray_payload(file, block, &array, &offset, task->err);
	if (code != ANCIENT_OK || array.bytes == 0)
		return code;
	++*pointers;
	if (ancient_reader_region_find(task->v, ANCIENT_EXTENT_DATA, offset, array.bytes) != NULL)
		return ANCIENT_OK;
	const struct reader_fault fault = {ANCIENT_E_BAD_BIGARRAY, READER_V(7),
					   block->offset + ANCIENT_WORD, 0, array.address};
	return ancient_reader_fail(
		file->name, task->err, &fault,
		"expected a payload inside a data extent, found %#llx and %llu bytes",
		(unsigned long long)array.address, (unsigned long long)array.bytes);
}

/* Tests the block whose header is at *at, and moves *at to the next. */
static enum ancient_code check_block(struct reader_task *task, uint64_t *at, uint64_t limit,
				     uint64_t *pointers)
{
	struct reader_block block;
	enum ancient_code code = ancient_reader_gate_header(task->v->file, *at + ANCIENT_WORD,
							    limit, &block, task->err);

	if (code != ANCIENT_OK)
		return code;
	if (reader_has_values(block.tag))
		code = check_many(task, block.offset, block.wosize, pointers);
	else if (block.tag == ANCIENT_TAG_CUSTOM && block.wosize > 0)
		code = check_payload(task, &block, pointers);
	*at = block.offset + block.wosize * ANCIENT_WORD;
	return code;
}

/* A piece: blocks from number[0] to number[1], none of which passes number[2].  Their headers are
 * loaded a second time, so they are tested a second time. */
static enum ancient_code check_piece(struct reader_task *task, const struct reader_job *job)
{
	const struct ancient_file *file = task->v->file;
	uint64_t at = job->number[0], pointers = 0;
	const uint64_t end = job->number[1], limit = job->number[2];
	enum ancient_code code = ancient_reader_task_step(task, 0);

	while (at < end && code == ANCIENT_OK) {
		uint64_t header = reader_word(file, at), wosize = reader_header_wosize(header);
		uint64_t tag = (header & (ANCIENT_HEADER_COLOUR_MASK | ANCIENT_HEADER_TAG_MASK)) -
			       ANCIENT_HEADER_COLOUR; /* where the colour is right */

		if (wosize > STEP_WORDS || wosize > (limit - at) / ANCIENT_WORD - 1 ||
		    (tag > ANCIENT_TAG_LAST_PLAIN && tag != ANCIENT_TAG_STRING &&
		     tag != ANCIENT_TAG_DOUBLE)) {
			code = check_block(task, &at, limit, &pointers);
			continue;
		}
		at += ANCIENT_WORD;
		if (tag <= ANCIENT_TAG_LAST_PLAIN)
			code = check_fields(task, at, wosize, &pointers);
		at += wosize * ANCIENT_WORD;
	}
	atomic_fetch_add_explicit(&task->v->pointers, pointers, memory_order_relaxed);
	return code == ANCIENT_OK ? ancient_reader_task_step(task, at - job->number[0]) : code;
}

/* Fields of a long block, from number[3] - 1 on; its header is at number[0]. */
static enum ancient_code check_part(struct reader_task *task, const struct reader_job *job)
{
	const uint64_t first = job->number[3] - 1;
	struct reader_block block;
	uint64_t at = job->number[0], pointers = 0, left = 0;
	enum ancient_code code = ancient_reader_gate_header(task->v->file, at + ANCIENT_WORD,
							    job->number[2], &block, task->err);

	if (code != ANCIENT_OK)
		return code;
	if (reader_has_values(block.tag) && first < block.wosize) {
		left = block.wosize - first;
		left = left < STEP_WORDS ? left : STEP_WORDS;
		code = check_many(task, block.offset + first * ANCIENT_WORD, left, &pointers);
	} else if (first == 0) {
		code = check_block(task, &at, job->number[2], &pointers);
	}
	atomic_fetch_add_explicit(&task->v->pointers, pointers, memory_order_relaxed);
	return code == ANCIENT_OK ? ancient_reader_task_step(task, left * ANCIENT_WORD) : code;
}

static enum ancient_code do_job(void *context, bool helper, const struct reader_job *job,
				struct ancient_error *err)
{
	struct reader_task task = {context, helper, err};

	return job->number[3] == 0 ? check_piece(&task, job) : check_part(&task, job);
}

static enum ancient_code alone(struct reader_verify *v)
{
	struct reader_task task = {v, false, v->err};
	enum ancient_code code = ANCIENT_OK;

	for (size_t i = 0; i < v->piece_count && code == ANCIENT_OK; i++) {
		const struct reader_piece *piece = &v->pieces[i];
		const struct reader_job job = {{piece->start, piece->end, piece->limit}};
		code = check_piece(&task, &job);
	}
	return code;
}

/* The last block of a piece may be as long as the file: its fields are shared out too. */
static bool post_piece(struct reader_verify *v, const struct reader_piece *piece)
{
	const uint64_t fields = (piece->end - piece->last) / ANCIENT_WORD - 1;
	const bool parts = fields > 2 * STEP_WORDS;
	const uint64_t end = parts ? piece->last : piece->end;
	const struct reader_job all = {{piece->start, end, piece->limit}};
	bool posted = piece->start == end || ancient_reader_pool_post(v->pool, &all);

	for (uint64_t first = 0; parts && first < fields && posted; first += STEP_WORDS) {
		const struct reader_job part = {{piece->last, piece->end, piece->limit, first + 1}};
		posted = ancient_reader_pool_post(v->pool, &part);
	}
	return posted;
}

enum ancient_code ancient_reader_verify_pointers(struct reader_verify *v)
{
	if (v->pool == NULL)
		return alone(v);
	ancient_reader_pool_begin(v->pool, do_job);
	for (size_t i = 0; i < v->piece_count; i++)
		if (!post_piece(v, &v->pieces[i]))
			return ancient_reader_refuse(v->file->name, v->err, ANCIENT_E_MEMORY,
						     "verification");
	return ancient_reader_pool_finish(v->pool, v->err);
}
