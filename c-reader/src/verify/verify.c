/* c-reader/verify: ancient_file_verify: the verification of a whole file (FORMAT 10): the order of
 * its parts, and the superblock rules. */
#include <sched.h>
#include <stdlib.h>

#include "base/advice.h"
#include "base/budget.h"
#include "base/version.h"
#include "verify/verify_ahead.h"
#include "verify/verify_customs.h"
#include "verify/verify_directories.h"
#include "verify/verify_extents.h"
#include "verify/verify_pointers.h"
#include "verify/verify_schemas.h"

/* Smaller files are verified in less time than a thread takes to start. */
#define WORTH_THREADS (4u << 20)

/* ---- S4 to S6 --------------------------------------------------------------------- */

/* Bytes of the superblock in force, [from, to), that its version calls zero. */
static enum ancient_code check_zero(struct reader_verify *v, size_t from, size_t to)
{
	const struct ancient_file *file = v->file;
	const unsigned char *bytes = (const unsigned char *)&file->super;

	for (size_t i = from; i < to; i++) {
		const struct reader_fault fault = {
			ANCIENT_E_BAD_PADDING, READER_S(4),
			(READER_SUPER(file, magic) + i) / ANCIENT_WORD * ANCIENT_WORD, 0, bytes[i]};
		if (bytes[i] != 0)
			return ancient_reader_fail(
				file->name, v->err, &fault,
				"expected 0 in byte %zu of the superblock, found %u", i, bytes[i]);
	}
	return ANCIENT_OK;
}

static enum ancient_code verify_padding(struct reader_verify *v)
{
	const size_t end = offsetof(struct ancient_superblock, checksum);
	const size_t zero1 = offsetof(struct ancient_superblock, zero1);
	const size_t added = (v->file->super.version & 0xFFFF) < 2
				     ? offsetof(struct ancient_superblock, fields_generation)
				     : offsetof(struct ancient_superblock, zero2);
	enum ancient_code code = ANCIENT_OK;

	if (!reader_verify_is_later(v->file)) {
		code = check_zero(v, zero1, zero1 + 1);
		if (code == ANCIENT_OK)
			code = check_zero(v, added, end);
	}
	for (unsigned slot = 0; slot < ANCIENT_SUPERBLOCKS && code == ANCIENT_OK; slot++) {
		uint64_t start = slot * ANCIENT_SUPERBLOCK_SLOT;
		code = ancient_reader_verify_zeros(v, READER_S(4), start + ANCIENT_SUPERBLOCK_BYTES,
						   start + ANCIENT_SUPERBLOCK_SLOT);
	}
	return code;
}

/* The other slot, as it was when the file was opened: a writer may be at it now. */
static enum ancient_code verify_other_slot(struct reader_verify *v)
{
	const struct ancient_file *file = v->file;
	struct reader_fault fault = {ANCIENT_E_BAD_SUPERBLOCK, READER_S(6), file->differs, 0, 0};

	if (file->super.generation != file->newest)
		return ANCIENT_OK; /* the superblock in force came from a record */
	if (file->differs != 0)
		return ancient_reader_fail(
			file->name, v->err, &fault,
			"expected the UUID, base and reserve of the superblock in force "
			"in the other slot, found another");
	if (file->damaged_slot < 0)
		return ANCIENT_OK;
	fault.rule = READER_S(5);
	fault.offset = (uint64_t)file->damaged_slot * ANCIENT_SUPERBLOCK_SLOT;
	fault.expected = file->super.generation - 1;
	fault.found = file->hidden_generation;
	if (file->hidden_generation != 0)
		return ancient_reader_fail(
			file->name, v->err, &fault,
			"expected a superblock in slot %d, found damage, and generation "
			"%llu behind it",
			file->damaged_slot, (unsigned long long)file->hidden_generation);
	return ancient_reader_fail(file->name, v->err, &fault,
				   "expected generation %llu in slot %d, found damage",
				   (unsigned long long)fault.expected, file->damaged_slot);
}

static enum ancient_code verify_superblock(struct reader_verify *v)
{
	enum ancient_code code = verify_padding(v);

	return code == ANCIENT_OK ? verify_other_slot(v) : code;
}

/* ---- The whole ------------------------------------------------------------------- */

/* V9 */
static enum ancient_code superblock_counts(struct reader_verify *v)
{
	const struct ancient_file *file = v->file;
	enum ancient_code code =
		ancient_reader_verify_count(v, READER_V(9), READER_SUPER(file, block_count),
					    v->result.blocks, file->super.block_count);

	if (code != ANCIENT_OK)
		return code;
	return ancient_reader_verify_count(v, READER_V(9), READER_SUPER(file, value_bytes),
					   v->value_bytes, file->super.value_bytes);
}

static enum ancient_code run_parts(struct reader_verify *v)
{
	enum ancient_code code = verify_superblock(v);

	if (code == ANCIENT_OK)
		code = ancient_reader_verify_extents(v);
	if (code == ANCIENT_OK)
		code = superblock_counts(v);
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_customs(v);
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_pointers(v);
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_directories(v);
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_schemas(v);
	return code;
}

/* Progress goes on while the helpers work. */
static enum ancient_code on_wait(void *context)
{
	return ancient_reader_verify_step(context, 0);
}

static enum ancient_code run(struct reader_verify *v, unsigned threads)
{
	enum ancient_code code;

	v->pool = ancient_reader_pool_new(threads, v, on_wait);
	code = run_parts(v);
	ancient_reader_pool_done(v->pool);
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
	enum ancient_code code = ANCIENT_OK;

	if (options != NULL)
		code = READER_CHECK_RESERVED(file->name, "ancient_verify_options", options, err);
	if (code != ANCIENT_OK)
		return code;
	reader_scans(file);
	/* Every byte once for the checksums, blocks once more and once for their pointers,
	 * the directories twice (D3, D4), and keys with schemas a third time (D6). */
	v.total = used + 2 * (values + keys * READER_WORK_KEY + names * READER_WORK_NAME) +
		  (file->super.schemas != 0 ? keys * READER_WORK_KEY : 0);
	/* Checksums read the holes of a file too. */
	code = ancient_reader_refuse_sparse(file, "verification", err);
	if (code != ANCIENT_OK)
		return code;
	v.starts = calloc(file->words / 64 + 1, sizeof(*v.starts));
	v.hash = XXH3_createState();
	if (v.starts == NULL || v.hash == NULL)
		code = ancient_reader_refuse(file->name, v.err, ANCIENT_E_MEMORY, "verification");
	else
		code = run(&v, threads(file, options));
	free(v.starts);
	free(v.regions);
	free(v.pieces);
	ancient_reader_ahead_done(&v);
	XXH3_freeState(v.hash);
	code = reader_settle(file, code, v.err);
	v.result.bytes = used;
	v.result.pointers = v.pointers;
	if (code == ANCIENT_OK && ret_result != NULL)
		*ret_result = v.result;
	return code;
}
