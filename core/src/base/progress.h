/* core/base: progress reports of verification, compaction and relocation.  The caller of the
 * library is told how far the work is, and can stop it; handlers of its signals run. */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <ancient/error.h>

struct core_progress {
	bool (*call)(void *context, uint64_t done, uint64_t total); /* NULL: no reports */
	void *context;
	const char *name; /* of the file, for messages */
	uint64_t done, total, due;
};

#define CORE_PROGRESS_STEP ((uint64_t)16 << 20) /* bytes of work between two calls, about */

/* Lets handlers of signals run, and calls `call`, now.  No mutex is held.  Errors: INTERRUPTED if
 * one of them says so. */
enum ancient_code ancient_core_progress_tell(struct core_progress *progress,
					     struct ancient_error *err);

/* Adds `bytes` to the work done; the same if a step is complete.  Errors: INTERRUPTED. */
static inline enum ancient_code core_progress_add(struct core_progress *progress, uint64_t bytes,
						  struct ancient_error *err)
{
	progress->done += bytes;
	return progress->done < progress->due ? ANCIENT_OK
					      : ancient_core_progress_tell(progress, err);
}

#endif
