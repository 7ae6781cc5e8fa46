/* core/base: one background job, on a thread; runs in the caller if no thread can be started.
 * Used by the extent writer and by relocation. */
#ifndef CORE_WORKER_H
#define CORE_WORKER_H

#include <pthread.h>
#include <stdbool.h>

struct core_worker {   /* starts as {0} */
	bool busy;     /* started, and not yet waited for */
	bool threaded; /* the job runs on a thread */
	pthread_t thread;
	void (*work)(void *context);
	void *context;
};

/* Runs work(context) on a thread that takes no signals.  The worker is idle. */
void ancient_core_worker_start(struct core_worker *worker, void (*work)(void *context),
			       void *context);

/* Waits until the job is done; returns at once if the worker is idle. */
void ancient_core_worker_wait(struct core_worker *worker);

#endif
