/* core: work that goes on beside what began it; see flight.h.
 *
 * A thread each time: to make one takes tens of microseconds, to write megabytes takes
 * milliseconds, and nothing is left that a fork or the end of the process would have to know of.
 */
#include "commit/worker.h"

#include <limits.h>
#include <signal.h>
#include <stddef.h>

#define STACK_BYTES (256u << 10) /* the C library keeps what is local to threads there */

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
