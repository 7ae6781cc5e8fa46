/* core: how long work says how far it is, and is told to stop. */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <ancient/error.h>

struct core_progress {
	bool (*call)(void *context, uint64_t done, uint64_t total); /* NULL: nobody asks */
	void *context;
	const char *name; /* for messages */
	uint64_t done, total, due;
};

#define CORE_PROGRESS_STEP ((uint64_t)16 << 20) /* bytes between two calls, about */

/* Calls.  Errors: INTERRUPTED where the caller says stop. */
enum ancient_code core_progress_tell(struct core_progress *progress, struct ancient_error *err);

/* `bytes` more of the work are done. */
static inline enum ancient_code core_progress_add(struct core_progress *progress, uint64_t bytes,
						  struct ancient_error *err)
{
	progress->done += bytes;
	return progress->done < progress->due ? ANCIENT_OK : core_progress_tell(progress, err);
}

#endif
