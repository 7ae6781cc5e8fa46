/* c-reader/verify: what the parts of the verification share (verify_state.h). */
#include "verify/verify_state.h"

#include <stdlib.h>

/* Bytes of work between two calls of progress. */
#define STEP (4u << 20)

enum ancient_code ancient_reader_verify_step(struct reader_verify *v, uint64_t bytes)
{
	const struct ancient_verify_options *options = v->options;
	enum ancient_code code = reader_settle(v->file, ANCIENT_OK, v->err);
	uint64_t done = atomic_fetch_add_explicit(&v->done, bytes, memory_order_relaxed) + bytes;

	if (code != ANCIENT_OK)
		return code;
	if (options == NULL || options->progress == NULL || done - v->reported < STEP)
		return ANCIENT_OK;
	v->reported = done;
	/* The total is an estimate from the superblock: never pass it, but go on asking. */
	done = done < v->total ? done : v->total;
	if (!options->progress(options->context, done, v->total))
		return ANCIENT_OK;
	return ancient_reader_refuse(v->file->name, v->err, ANCIENT_E_INTERRUPTED,
				     "verified %llu of %llu bytes", (unsigned long long)done,
				     (unsigned long long)v->total);
}

enum ancient_code ancient_reader_task_step(struct reader_task *task, uint64_t bytes)
{
	struct reader_verify *v = task->v;

	if (!task->helper) {
		enum ancient_code code = ancient_reader_verify_step(v, bytes);
		if (code != ANCIENT_OK && task->err != v->err)
			*task->err = *v->err;
		return code;
	}
	atomic_fetch_add_explicit(&v->done, bytes, memory_order_relaxed);
	if (ancient_reader_pool_is_dropped(v->pool))
		return ANCIENT_E_INTERRUPTED;
	return reader_settle(v->file, ANCIENT_OK, task->err);
}

enum ancient_code ancient_reader_verify_zeros(struct reader_verify *v, unsigned rule, uint64_t from,
					      uint64_t to)
{
	for (uint64_t at = from; at < to; at += ANCIENT_WORD) {
		uint64_t word = reader_word(v->file, at);
		if (word == 0)
			continue;
		const struct reader_fault fault = {ANCIENT_E_BAD_PADDING, rule, at, 0, word};
		return ancient_reader_fail(v->file->name, v->err, &fault,
					   "expected zeros, found %#llx", (unsigned long long)word);
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_verify_count(struct reader_verify *v, unsigned rule,
					      uint64_t offset, uint64_t counted, uint64_t stored)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_COUNT, rule, offset, counted, stored};

	if (counted == stored)
		return ANCIENT_OK;
	return ancient_reader_fail(v->file->name, v->err, &fault,
				   "expected %llu, as counted, found %llu",
				   (unsigned long long)counted, (unsigned long long)stored);
}

void *ancient_reader_verify_grow(void *array, size_t count, size_t *capacity, size_t size)
{
	size_t larger = *capacity == 0 ? 64 : 2 * *capacity;

	if (count < *capacity)
		return array;
	array = realloc(array, larger * size);
	if (array != NULL)
		*capacity = larger;
	return array;
}

const struct reader_region *ancient_reader_region_find(const struct reader_verify *v, uint32_t kind,
						       uint64_t offset, uint64_t bytes)
{
	size_t low = 0, high = v->region_count;

	while (low < high) { /* the last region that starts at or before `offset` */
		size_t middle = low + (high - low) / 2;
		if (v->regions[middle].start <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	const struct reader_region *region = &v->regions[low - 1];
	if (region->kind != kind || offset > region->end || bytes > region->end - offset)
		return NULL;
	return region;
}
