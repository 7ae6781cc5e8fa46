/* core/commit: one background job, on a thread; runs in the caller if no thread can be started.
 *
 * A thread is started for each job: that takes tens of microseconds, while to write megabytes takes
 * milliseconds, and no thread is left over for a fork or the process's end to deal with.  This is
 * the only place in the writer that starts a thread.  The thread inherits a mask that blocks all
 * signals.
 */
#include "commit/worker.h"

#include <limits.h>
#include <signal.h>
#include <stddef.h>

/* At least PTHREAD_STACK_MIN is taken, which includes thread-local storage. */
#define STACK_BYTES (256u << 10)

static void *run(void *context)
{
	struct core_worker *worker = context;

	worker->work(worker->context);
	return NULL;
}

static bool start(struct core_worker *worker)
{
	size_t stack = STACK_BYTES > PTHREAD_STACK_MIN ? STACK_BYTES : (size_t)PTHREAD_STACK_MIN;
	pthread_attr_t attributes;
	sigset_t all, before;
	bool started;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	pthread_attr_setstacksize(&attributes, stack);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	started = pthread_create(&worker->thread, &attributes, run, worker) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return started;
}

void core_worker_start(struct core_worker *worker, void (*work)(void *context), void *context)
{
	worker->busy = true;
	worker->work = work;
	worker->context = context;
	worker->threaded = start(worker);
	if (!worker->threaded)
		work(context);
}

void core_worker_wait(struct core_worker *worker)
{
	if (worker->threaded)
		pthread_join(worker->thread, NULL);
	worker->threaded = worker->busy = false;
}
