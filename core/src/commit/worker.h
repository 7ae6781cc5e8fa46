/* core: work that goes on beside what began it. */
#ifndef CORE_WORKER_H
#define CORE_WORKER_H

#include <pthread.h>
#include <stdbool.h>

struct core_worker { /* starts as {0} */
	bool busy;
	bool threaded; /* a thread is at it */
	pthread_t thread;
	void (*work)(void *context);
	void *context;
};

/* Does the work, in a thread if there can be one, which takes no signals.  One at a time. */
void core_worker_start(struct core_worker *worker, void (*work)(void *context), void *context);

/* Waits for it, if it is under way. */
void core_worker_wait(struct core_worker *worker);

#endif
