/* core: work that goes on beside what began it. */
#ifndef CORE_FLIGHT_H
#define CORE_FLIGHT_H

#include <pthread.h>
#include <stdbool.h>

struct core_flight { /* starts as {0} */
	bool under_way;
	bool alone; /* a thread is at it */
	pthread_t thread;
	void (*work)(void *context);
	void *context;
};

/* Does the work, in a thread if there can be one, which takes no signals.  One at a time. */
void core_flight_begin(struct core_flight *flight, void (*work)(void *context), void *context);

/* Waits for it, if it is under way. */
void core_flight_end(struct core_flight *flight);

#endif
