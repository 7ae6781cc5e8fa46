/* core/base: progress reports of verification and compaction.  The caller of the library is told
 * how far the work is, and can stop it. */
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

/* Calls `call` now.  Errors: INTERRUPTED if it returns true. */
enum ancient_code core_progress_tell(struct core_progress *progress, struct ancient_error *err);

/* Adds `bytes` to the work done, and calls `call` if a step is complete.  Errors: INTERRUPTED. */
static inline enum ancient_code core_progress_add(struct core_progress *progress, uint64_t bytes,
						  struct ancient_error *err)
{
	progress->done += bytes;
	return progress->done < progress->due ? ANCIENT_OK : core_progress_tell(progress, err);
}

#endif
