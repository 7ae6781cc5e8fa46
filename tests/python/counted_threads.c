/* tests/python: loaded before the C library (LD_PRELOAD), counts the threads that are asked for.
 *
 *     threads_asked_for()    since the start
 *     refuse_threads(yes)    from now on there are none to be had */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

long threads_asked_for(void);
void refuse_threads(bool yes);

static long asked_for;
static bool refused;

long threads_asked_for(void)
{
	return __atomic_load_n(&asked_for, __ATOMIC_RELAXED);
}

void refuse_threads(bool yes)
{
	refused = yes;
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
		   void *(*start)(void *), void *restrict context)
{
	union {
		void *symbol;
		create *function;
	} next = {dlsym(RTLD_NEXT, "pthread_create")};

	__atomic_fetch_add(&asked_for, 1, __ATOMIC_RELAXED);
	return refused ? EAGAIN : next.function(thread, attributes, start, context);
}
