/* core/verify: the writer's own check of a file against every rule of FORMAT 10.  Called by the
 * verifying attach (store/store_verify.c) and by compaction. */
#ifndef CORE_VERIFY_H
#define CORE_VERIFY_H

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/progress.h"
#include "file/superblock.h"
#include "index/pages.h"

/* Verifies the file mapped at `pages`, whose superblock in force is `superblock`.  The pages must
 * show the file as it is on the disk: neither relocated nor written to by this process.
 * Errors: every CORRUPT code, MEMORY, INTERRUPTED where `progress` says so. */
enum ancient_code ancient_core_verify_pages(const struct core_pages *pages,
					    const struct ancient_superblock *superblock,
					    const struct core_superblock_observed *observed,
					    struct core_progress *progress,
					    struct ancient_error *err);

/* Bytes of work that ancient_core_verify_pages will report as progress: an estimate, from the
 * counts in the superblock. */
uint64_t ancient_core_verify_work(const struct ancient_superblock *superblock);

#endif
