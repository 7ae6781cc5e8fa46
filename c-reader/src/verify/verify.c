/* c-reader/verify: ancient_file_verify: the verification of a whole file (FORMAT 10): the order of
 * its parts, and the superblock rules. */
#include <sched.h>
#include <stdlib.h>

#include "verify/verify_customs.h"
#include "verify/verify_directories.h"
#include "verify/verify_extents.h"
#include "verify/verify_pointers.h"
#include "verify/verify_schemas.h"

/* Smaller files are verified in less time than a thread takes to start. */
#define WORTH_THREADS (4u << 20)

/* ---- S4 -------------------------------------------------------------------------- */

static enum ancient_code verify_superblock(struct reader_verify *v)
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

static enum ancient_code run_parts(struct reader_verify *v)
{
	enum ancient_code code = verify_superblock(v);

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

/* Progress goes on while the helpers work. */
static enum ancient_code on_wait(void *context)
{
	return reader_verify_step(context, 0);
}

static enum ancient_code run(struct reader_verify *v, unsigned threads)
{
	enum ancient_code code;

	v->pool = reader_pool_new(threads, v, on_wait);
	code = run_parts(v);
	reader_pool_done(v->pool);
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
	if (v.starts == NULL || v.hash == NULL)
		code = reader_refuse(file->name, v.err, ANCIENT_E_MEMORY, "verification");
	else
		code = run(&v, threads(file, options));
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
