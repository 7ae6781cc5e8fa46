/* c-reader: the verification of a whole file (FORMAT 10): its order, its superblock rules,
 * and what the parts share. */
#include <sched.h>
#include <stdlib.h>

#include "verify/verify_crew.h"

/* Work between two calls of progress. */
#define STEP (4u << 20)
/* Files below this length are verified before a thread has started. */
#define WORTH_THREADS (4u << 20)

/* ---- Shared ---------------------------------------------------------------------- */

enum ancient_code reader_verify_step(struct reader_verify *v, uint64_t bytes)
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
	return reader_refuse(v->file->name, v->err, ANCIENT_E_INTERRUPTED,
			     "verified %llu of %llu bytes", (unsigned long long)done,
			     (unsigned long long)v->total);
}

enum ancient_code reader_verify_zeros(struct reader_verify *v, unsigned rule, uint64_t from,
				      uint64_t to)
{
	for (uint64_t at = from; at < to; at += ANCIENT_WORD) {
		uint64_t word = reader_word(v->file, at);
		if (word == 0)
			continue;
		const struct reader_fault fault = {ANCIENT_E_BAD_PADDING, rule, at, 0, word};
		return reader_fail(v->file->name, v->err, &fault, "expected zeros, found %#llx",
				   (unsigned long long)word);
	}
	return ANCIENT_OK;
}

enum ancient_code reader_verify_count(struct reader_verify *v, unsigned rule, uint64_t offset,
				      uint64_t counted, uint64_t stored)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_COUNT, rule, offset, counted, stored};

	if (counted == stored)
		return ANCIENT_OK;
	return reader_fail(v->file->name, v->err, &fault, "expected %llu, as counted, found %llu",
			   (unsigned long long)counted, (unsigned long long)stored);
}

const struct reader_region *reader_region_find(const struct reader_verify *v, uint32_t kind,
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

/* ---- S4 -------------------------------------------------------------------------- */

enum ancient_code reader_verify_superblock(struct reader_verify *v)
{
	const struct ancient_file *file = v->file;
	const struct ancient_superblock *super = &file->super;
	const struct reader_fault zero1 = {ANCIENT_E_BAD_PADDING, READER_S(4),
					   READER_SUPER(file, zero1) / ANCIENT_WORD * ANCIENT_WORD,
					   0, super->zero1};
	enum ancient_code code = ANCIENT_OK;

	if (super->zero1 != 0)
		return reader_fail(file->name, v->err, &zero1, "expected zero1 0, found %u",
				   super->zero1);
	for (unsigned i = 0; i < sizeof(super->zero2); i++) {
		if (super->zero2[i] == 0)
			continue;
		const struct reader_fault zero2 = {ANCIENT_E_BAD_PADDING, READER_S(4),
						   (READER_SUPER(file, zero2) + i) / ANCIENT_WORD *
							   ANCIENT_WORD,
						   0, super->zero2[i]};
		return reader_fail(file->name, v->err, &zero2, "expected zero2 0, found %u",
				   super->zero2[i]);
	}
	for (unsigned slot = 0; slot < ANCIENT_SUPERBLOCKS && code == ANCIENT_OK; slot++) {
		uint64_t start = slot * ANCIENT_SUPERBLOCK_SLOT;
		code = reader_verify_zeros(v, READER_S(4), start + ANCIENT_SUPERBLOCK_BYTES,
					   start + ANCIENT_SUPERBLOCK_SLOT);
	}
	return code;
}

/* ---- The whole ------------------------------------------------------------------- */

/* V9 */
static enum ancient_code superblock_counts(struct reader_verify *v)
{
	const struct ancient_file *file = v->file;
	enum ancient_code code =
		reader_verify_count(v, READER_V(9), READER_SUPER(file, block_count),
				    v->result.blocks, file->super.block_count);

	if (code != ANCIENT_OK)
		return code;
	return reader_verify_count(v, READER_V(9), READER_SUPER(file, value_bytes), v->value_bytes,
				   file->super.value_bytes);
}

static enum ancient_code run(struct reader_verify *v)
{
	enum ancient_code code = reader_verify_superblock(v);

	if (code == ANCIENT_OK)
		code = reader_verify_extents(v);
	if (code == ANCIENT_OK)
		code = superblock_counts(v);
	if (code == ANCIENT_OK)
		code = reader_verify_customs(v);
	if (code == ANCIENT_OK)
		code = reader_verify_pointers(v);
	if (code == ANCIENT_OK)
		code = reader_verify_directories(v);
	if (code == ANCIENT_OK)
		code = reader_verify_schemas(v);
	return code;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How many threads are to work on it. */
static unsigned threads(const struct ancient_file *file,
			const struct ancient_verify_options *options)
{
	cpu_set_t processors;

	if (options == NULL || file->super.used < WORTH_THREADS)
		return 1;
	if (options->threads != ANCIENT_ALL_PROCESSORS)
		return options->threads;
	return sched_getaffinity(0, sizeof(processors), &processors) == 0
		       ? (unsigned)CPU_COUNT(&processors)
		       : 1;
}

enum ancient_code ancient_file_verify(const struct ancient_file *file,
				      const struct ancient_verify_options *options,
				      struct ancient_verify_result *ret_result,
				      struct ancient_error *err)
{
	const uint64_t used = file->super.used, values = least(file->super.value_bytes, used);
	const uint64_t keys = least(file->super.key_count, used / READER_WORK_KEY);
	const uint64_t names = least(file->super.name_count, used / READER_WORK_NAME);
	struct ancient_error unwanted;
	struct reader_verify v = {.file = file, .options = options, .err = err ? err : &unwanted};
	enum ancient_code code;

	/* Every byte once for the checksums, blocks once more and once for their pointers,
	 * the directories twice (D3, D4), and keys with schemas a third time (D6). */
	v.total = used + 2 * (values + keys * READER_WORK_KEY + names * READER_WORK_NAME) +
		  (file->super.schemas != 0 ? keys * READER_WORK_KEY : 0);
	v.starts = calloc(file->words / 64 + 1, sizeof(*v.starts));
	v.hash = XXH3_createState();
	v.crew = reader_crew_new(&v, threads(file, options));
	if (v.starts == NULL || v.hash == NULL)
		code = reader_refuse(file->name, v.err, ANCIENT_E_MEMORY, "verification");
	else
		code = run(&v);
	reader_crew_done(v.crew);
	free(v.starts);
	free(v.regions);
	free(v.pieces);
	XXH3_freeState(v.hash);
	code = reader_settle(file, code, v.err);
	v.result.bytes = used;
	v.result.pointers = v.pointers;
	if (code == ANCIENT_OK && ret_result != NULL)
		*ret_result = v.result;
	return code;
}
