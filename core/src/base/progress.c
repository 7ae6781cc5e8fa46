/* core: how long work says how far it is, and is told to stop. */
#include "base/progress.h"

#include "base/fail.h"

enum ancient_code core_progress_tell(struct core_progress *progress, struct ancient_error *err)
{
	/* The total is a guess from stored counts until the work is done. */
	uint64_t done = progress->done < progress->total ? progress->done : progress->total;

	progress->due = progress->done + CORE_PROGRESS_STEP;
	if (!progress->call || !progress->call(progress->context, done, progress->total))
		return ANCIENT_OK;
	return core_fail(err, ANCIENT_E_INTERRUPTED, "%s: stopped", progress->name);
}
