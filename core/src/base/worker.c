/* core/base: one background job, on a thread; runs in the caller if no thread can be started.
 *
 * A thread is started for each job: that takes tens of microseconds, while to write megabytes takes
 * milliseconds, and no thread is left over for a fork or the process's end to deal with.
 */
#include "base/worker.h"

#include <stddef.h>

#include "base/thread.h"

static void *run(void *context)
{
	struct core_worker *worker = context;

	worker->work(worker->context);
	return NULL;
}

void ancient_core_worker_start(struct core_worker *worker, void (*work)(void *context),
			       void *context)
{
	worker->busy = true;
	worker->work = work;
	worker->context = context;
	worker->threaded = ancient_core_thread_start(&worker->thread, run, worker);
	if (!worker->threaded)
		work(context);
}

void ancient_core_worker_wait(struct core_worker *worker)
{
	if (worker->threaded)
		pthread_join(worker->thread, NULL);
	worker->threaded = worker->busy = false;
}
