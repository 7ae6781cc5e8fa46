/* core/base: starts the writer's threads, with a small stack and a mask that blocks all signals,
 * so that those of the program are delivered to its own threads. */
#include "base/thread.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>

/* At least PTHREAD_STACK_MIN is taken, which includes thread-local storage. */
#define STACK_BYTES (256u << 10)

bool ancient_core_thread_start(pthread_t *ret_thread, void *(*run)(void *context), void *context)
{
	size_t stack = STACK_BYTES > PTHREAD_STACK_MIN ? STACK_BYTES : (size_t)PTHREAD_STACK_MIN;
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	bool started;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	pthread_attr_setstacksize(&attributes, stack);
	if (!ret_thread)
		pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	started = pthread_create(&thread, &attributes, run, context) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (started && ret_thread)
		*ret_thread = thread;
	return started;
}

unsigned ancient_core_thread_processors(void)
{
	cpu_set_t processors;

	return sched_getaffinity(0, sizeof processors, &processors) == 0
		       ? (unsigned)CPU_COUNT(&processors)
		       : 1;
}
