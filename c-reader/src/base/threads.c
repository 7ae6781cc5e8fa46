/* c-reader/base: threads that the library starts, and a pool of them (threads.h). */
#include "base/threads.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define HELPERS_MAX 63u
#define STACK_BYTES (1u << 20)
#define WAIT_NANOSECONDS 50000000 /* between two calls of reader_wait */

bool ancient_reader_thread_start(pthread_t *ret_thread, size_t stack, void *(*run)(void *),
				 void *context)
{
	sigset_t blocked, before;
	pthread_attr_t attributes;
	bool started;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	if (stack != 0)
		pthread_attr_setstacksize(&attributes, stack);
	sigfillset(&blocked);
	sigdelset(&blocked, SIGBUS);
	sigdelset(&blocked, SIGSEGV);
	sigdelset(&blocked, SIGILL);
	sigdelset(&blocked, SIGFPE);
	/* Inherited by the thread; set before it runs, so that no signal comes first. */
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	started = pthread_create(ret_thread, &attributes, run, context) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return started;
}

/* ---- The pool: doing jobs ---------------------------------------------------------- */

struct reader_pool {
	void *context;
	reader_work *work;
	reader_wait *wait;
	pthread_t helpers[HELPERS_MAX];
	unsigned count;
	atomic_bool dropped; /* nobody wants the results any more */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t posted_one, finished_one;
	struct reader_job *jobs;
	size_t posted, taken, finished, capacity;
	size_t fault; /* the first job that failed; SIZE_MAX: none */
	enum ancient_code code;
	struct ancient_error err;
	bool quit;
};

/* Under the lock: the next job, if there is one that can still change the result. */
static bool take(struct reader_pool *pool, size_t *ret_index, struct reader_job *ret_job)
{
	if (pool->taken == pool->posted || pool->taken > pool->fault)
		return false;
	*ret_index = pool->taken++;
	*ret_job = pool->jobs[*ret_index];
	return true;
}

/* Does one job; the lock is free meanwhile. */
static enum ancient_code do_job(struct reader_pool *pool, bool helper, size_t index,
				const struct reader_job *job)
{
	struct ancient_error err = {0};
	reader_work *work = pool->work;
	enum ancient_code code;

	pthread_mutex_unlock(&pool->lock);
	code = work(pool->context, helper, job, &err);
	pthread_mutex_lock(&pool->lock);
	pool->finished++;
	if (code != ANCIENT_OK && index < pool->fault) {
		pool->fault = index;
		pool->code = code;
		pool->err = err;
	}
	pthread_cond_signal(&pool->finished_one);
	return code;
}

static void *help(void *context)
{
	struct reader_pool *pool = context;
	struct reader_job job;
	size_t index;

	pthread_mutex_lock(&pool->lock);
	while (!pool->quit)
		if (take(pool, &index, &job))
			do_job(pool, true, index, &job);
		else
			pthread_cond_wait(&pool->posted_one, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

bool ancient_reader_pool_is_dropped(struct reader_pool *pool)
{
	return atomic_load_explicit(&pool->dropped, memory_order_relaxed);
}

/* ---- The pool: its begin and end --------------------------------------------------- */

struct reader_pool *ancient_reader_pool_new(unsigned threads, void *context, reader_wait *wait)
{
	struct reader_pool *pool = threads > 1 ? calloc(1, sizeof(*pool)) : NULL;
	pthread_condattr_t monotonic;

	if (pool == NULL)
		return NULL;
	pool->context = context;
	pool->wait = wait;
	pool->fault = SIZE_MAX;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->posted_one, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->finished_one, &monotonic);
	pthread_condattr_destroy(&monotonic);
	while (pool->count < threads - 1 && pool->count < HELPERS_MAX &&
	       ancient_reader_thread_start(&pool->helpers[pool->count], STACK_BYTES, help, pool))
		pool->count++;
	return pool;
}

void ancient_reader_pool_done(struct reader_pool *pool)
{
	if (pool == NULL)
		return;
	atomic_store(&pool->dropped, true);
	pthread_mutex_lock(&pool->lock);
	pool->quit = true;
	pthread_cond_broadcast(&pool->posted_one);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->count; i++)
		pthread_join(pool->helpers[i], NULL);
	pthread_cond_destroy(&pool->finished_one);
	pthread_cond_destroy(&pool->posted_one);
	pthread_mutex_destroy(&pool->lock);
	free(pool->jobs);
	free(pool);
}

/* ---- The pool: rows of jobs -------------------------------------------------------- */

void ancient_reader_pool_begin(struct reader_pool *pool, reader_work *work)
{
	pthread_mutex_lock(&pool->lock);
	pool->work = work;
	pool->posted = pool->taken = pool->finished = 0;
	pool->fault = SIZE_MAX;
	pthread_mutex_unlock(&pool->lock);
}

bool ancient_reader_pool_post(struct reader_pool *pool, const struct reader_job *job)
{
	bool added = true;

	pthread_mutex_lock(&pool->lock);
	if (pool->posted == pool->capacity) {
		size_t larger = pool->capacity == 0 ? 256 : 2 * pool->capacity;
		struct reader_job *jobs = realloc(pool->jobs, larger * sizeof(*jobs));
		added = jobs != NULL;
		if (added) {
			pool->jobs = jobs;
			pool->capacity = larger;
		}
	}
	if (added)
		pool->jobs[pool->posted++] = *job;
	pthread_cond_signal(&pool->posted_one);
	pthread_mutex_unlock(&pool->lock);
	return added;
}

/* Waits for a helper, at most WAIT_NANOSECONDS, and calls reader_wait. */
static enum ancient_code wait_for_helpers(struct reader_pool *pool)
{
	struct timespec until;
	enum ancient_code code;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WAIT_NANOSECONDS;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&pool->finished_one, &pool->lock, &until);
	pthread_mutex_unlock(&pool->lock);
	code = pool->wait(pool->context);
	pthread_mutex_lock(&pool->lock);
	return code;
}

enum ancient_code ancient_reader_pool_finish(struct reader_pool *pool, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;
	struct reader_job job;
	size_t index;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		if (take(pool, &index, &job))
			code = do_job(pool, false, index, &job);
		else if (pool->finished < pool->taken)
			code = wait_for_helpers(pool);
		else
			break;
		if (code == ANCIENT_E_INTERRUPTED || code == ANCIENT_E_TORN_AWAY)
			break;
		code = ANCIENT_OK;
	}
	if (code == ANCIENT_OK && pool->fault != SIZE_MAX) {
		code = pool->code;
		*err = pool->err;
	}
	pthread_mutex_unlock(&pool->lock);
	return code;
}
