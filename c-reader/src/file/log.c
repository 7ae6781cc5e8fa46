/* c-reader/file: the log: what each commit's record says, the newest first (ancient_reader.h). */
#include "base/guard.h"
#include "base/words.h"
#include "file/commit_record.h"

void ancient_log_init(const struct ancient_file *file, struct ancient_log *ret_log)
{
	bool holds = ancient_superblock_holds(&file->super);

	*ret_log = (struct ancient_log){
		.file = file,
		.record = holds ? file->super.record : 0,
		.newest = file->super.generation,
		.older = holds ? 0 : file->super.generation,
	};
}

/* Where the commit of this record began: behind the record before it.  *ret_older: the generation
 * before, where that has no record. */
static enum ancient_code start_of(const struct ancient_log *log,
				  const struct ancient_superblock *image, uint64_t *ret_start,
				  uint64_t *ret_older, struct ancient_error *err)
{
	*ret_older = 0;
	if (image->previous == 0)
		return ancient_reader_commit_start(log->file, log->record, image->generation,
						   ret_start, ret_older, err);
	*ret_start = reader_round_up(image->previous + ANCIENT_RECORD_BYTES, ANCIENT_COMMIT_ALIGN);
	return ANCIENT_OK;
}

/* What the test of a record alone does not say: offsets and generations fall, so that no chain is
 * endless. */
static enum ancient_code check_order(const struct ancient_log *log,
				     const struct ancient_superblock *image,
				     struct ancient_error *err)
{
	uint64_t at = log->record + sizeof(struct ancient_extent);
	struct reader_fault fault = {ANCIENT_E_BAD_EXTENT, READER_E(7),
				     at + offsetof(struct ancient_superblock, previous),
				     log->record, image->previous};

	if (image->previous >= log->record)
		return ancient_reader_fail(log->file->name, err, &fault,
					   "expected the record before %#llx, found %#llx",
					   (unsigned long long)fault.expected,
					   (unsigned long long)fault.found);
	if (image->generation <= log->newest)
		return ANCIENT_OK;
	fault.offset = at + offsetof(struct ancient_superblock, generation);
	fault.expected = log->newest;
	fault.found = image->generation;
	return ancient_reader_fail(
		log->file->name, err, &fault, "expected generation %llu at the most, found %llu",
		(unsigned long long)fault.expected, (unsigned long long)fault.found);
}

static enum ancient_code next(const struct ancient_log *log, struct ancient_superblock *ret_image,
			      uint64_t *ret_start, uint64_t *ret_older, struct ancient_error *err)
{
	struct reader_record record;
	enum ancient_code code = ancient_reader_record_get(log->file, log->record, &record, err);

	if (code == ANCIENT_OK)
		code = check_order(log, &record.image, err);
	if (code == ANCIENT_OK)
		code = start_of(log, &record.image, ret_start, ret_older, err);
	if (code == ANCIENT_OK)
		*ret_image = record.image;
	return code;
}

enum ancient_code ancient_log_next(struct ancient_log *log, struct ancient_commit_info *ret_commit,
				   struct ancient_error *err)
{
	struct ancient_superblock image;
	uint64_t start, older;
	enum ancient_code code;

	if (log->record == 0)
		return ancient_reader_refuse(log->file->name, err, ANCIENT_E_NO_GENERATION,
					     "no commit record is left");
	code = reader_settle(log->file, next(log, &image, &start, &older, err), err);
	if (code != ANCIENT_OK)
		return code;
	*ret_commit = (struct ancient_commit_info){
		.generation = image.generation,
		.time = image.time,
		.published = image.published,
		.removed = image.removed,
		.key_count = image.key_count,
		.used = image.used,
		.bytes = image.used > start ? image.used - start : 0,
	};
	log->record = image.previous;
	log->newest = image.generation - 1;
	log->older = older;
	return ANCIENT_OK;
}
