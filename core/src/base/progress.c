/* core/base: progress reports of long work. */
#include "base/progress.h"

#include "base/fail.h"
#include "base/wait.h"

enum ancient_code ancient_core_progress_tell(struct core_progress *progress,
					     struct ancient_error *err)
{
	/* The total is an estimate from stored counts, so `done` can pass it. */
	uint64_t done = progress->done < progress->total ? progress->done : progress->total;

	progress->due = progress->done + CORE_PROGRESS_STEP;
	if (!ancient_core_wait_handle_signals() &&
	    !(progress->call && progress->call(progress->context, done, progress->total)))
		return ANCIENT_OK;
	return ancient_core_fail(err, ANCIENT_E_INTERRUPTED, "%s: stopped", progress->name);
}
