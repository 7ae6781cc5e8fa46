/* tests/proof: the log (c-reader/src/file/log.c). */
#include "file/log.c"

#include "file.h"

static struct ancient_file file;

/* ancient_log_next: any record after any; the offset of the next one is smaller, so that the log
 * ends.
 * with: file/commit_record.c
 * havoc: ancient_reader_commit_start
 * loop: file/commit_record.c: ancient_reader_record_get: for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
 * assigns: i, __CPROVER_object_whole(words)
 * invariant: i <= sizeof(words) / sizeof(words[0])
 * decreases: sizeof(words) / sizeof(words[0]) - i
 * mutant: file/log.c: s/image->previous >= log->record/image->previous > log->record/ */
void prove_log_next(void)
{
	struct ancient_log log;
	struct ancient_commit_info commit;
	uint64_t record = log.record;

	proof_file(&file);
	log.file = &file;
	if (ancient_log_next(&log, &commit, proof_error()) == ANCIENT_OK)
		CHECK(log.record < record);
}
