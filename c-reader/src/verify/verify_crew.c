/* c-reader: threads that help the verification (verify_crew.h). */
#include "verify/verify_crew.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define HELPERS_MAX 63u
#define STACK_BYTES (1u << 20)
#define WAIT_NANOSECONDS 50000000 /* between two looks at the progress of others */

struct reader_crew {
	struct reader_verify *v;
	reader_work *work;
	pthread_t helpers[HELPERS_MAX];
	unsigned count;
	atomic_bool dropped; /* nobody wants the results any more */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t posted_one, finished_one;
	struct reader_job *jobs;
	size_t posted, taken, finished, room;
	size_t fault; /* the first job that failed; SIZE_MAX: none */
	enum ancient_code code;
	struct ancient_error err;
	bool quit;
};

/* ---- Doing ------------------------------------------------------------------------- */

/* Under the lock: the next job, if there is one that still matters. */
static bool take(struct reader_crew *crew, size_t *ret_index, struct reader_job *ret_job)
{
	if (crew->taken == crew->posted || crew->taken > crew->fault)
		return false;
	*ret_index = crew->taken++;
	*ret_job = crew->jobs[*ret_index];
	return true;
}

/* Does one job; the lock is free meanwhile. */
static enum ancient_code do_job(struct reader_crew *crew, bool helper, size_t index,
				const struct reader_job *job)
{
	struct ancient_error err = {0};
	struct reader_task task = {crew->v, helper, &err};
	reader_work *work = crew->work;
	enum ancient_code code;

	pthread_mutex_unlock(&crew->lock);
	code = work(&task, job);
	pthread_mutex_lock(&crew->lock);
	crew->finished++;
	if (code != ANCIENT_OK && index < crew->fault) {
		crew->fault = index;
		crew->code = code;
		crew->err = err;
	}
	pthread_cond_signal(&crew->finished_one);
	return code;
}

static void *help(void *context)
{
	struct reader_crew *crew = context;
	struct reader_job job;
	size_t index;

	pthread_mutex_lock(&crew->lock);
	while (!crew->quit)
		if (take(crew, &index, &job))
			do_job(crew, true, index, &job);
		else
			pthread_cond_wait(&crew->posted_one, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

enum ancient_code reader_task_step(struct reader_task *task, uint64_t bytes)
{
	const struct ancient_file *file = task->v->file;

	if (!task->helper) {
		enum ancient_code code = reader_verify_step(task->v, bytes);
		if (code != ANCIENT_OK && task->err != task->v->err)
			*task->err = *task->v->err;
		return code;
	}
	atomic_fetch_add_explicit(&task->v->done, bytes, memory_order_relaxed);
	if (atomic_load_explicit(&task->v->crew->dropped, memory_order_relaxed))
		return ANCIENT_E_INTERRUPTED;
	return reader_settle(file, ANCIENT_OK, task->err);
}

/* ---- Life -------------------------------------------------------------------------- */

static void start_helpers(struct reader_crew *crew, unsigned wanted)
{
	sigset_t all, before;
	pthread_attr_t attributes;

	if (pthread_attr_init(&attributes) != 0)
		return;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	/* Faults stay their own: the guard turns them into errors. */
	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (crew->count < wanted &&
	       pthread_create(&crew->helpers[crew->count], &attributes, help, crew) == 0)
		crew->count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
}

struct reader_crew *reader_crew_new(struct reader_verify *v, unsigned threads)
{
	struct reader_crew *crew = threads > 1 ? calloc(1, sizeof(*crew)) : NULL;
	pthread_condattr_t monotonic;

	if (crew == NULL)
		return NULL;
	crew->v = v;
	crew->fault = SIZE_MAX;
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->posted_one, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&crew->finished_one, &monotonic);
	pthread_condattr_destroy(&monotonic);
	v->crew = crew; /* which helpers look for */
	start_helpers(crew, threads - 1 < HELPERS_MAX ? threads - 1 : HELPERS_MAX);
	return crew;
}

void reader_crew_done(struct reader_crew *crew)
{
	if (crew == NULL)
		return;
	atomic_store(&crew->dropped, true);
	pthread_mutex_lock(&crew->lock);
	crew->quit = true;
	pthread_cond_broadcast(&crew->posted_one);
	pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->count; i++)
		pthread_join(crew->helpers[i], NULL);
	pthread_cond_destroy(&crew->finished_one);
	pthread_cond_destroy(&crew->posted_one);
	pthread_mutex_destroy(&crew->lock);
	free(crew->jobs);
	free(crew);
}

/* ---- Rows of jobs ------------------------------------------------------------------ */

void reader_crew_begin(struct reader_crew *crew, reader_work *work)
{
	pthread_mutex_lock(&crew->lock);
	crew->work = work;
	crew->posted = crew->taken = crew->finished = 0;
	crew->fault = SIZE_MAX;
	pthread_mutex_unlock(&crew->lock);
}

bool reader_crew_post(struct reader_crew *crew, const struct reader_job *job)
{
	bool room = true;

	pthread_mutex_lock(&crew->lock);
	if (crew->posted == crew->room) {
		size_t larger = crew->room == 0 ? 256 : 2 * crew->room;
		struct reader_job *jobs = realloc(crew->jobs, larger * sizeof(*jobs));
		room = jobs != NULL;
		if (room) {
			crew->jobs = jobs;
			crew->room = larger;
		}
	}
	if (room)
		crew->jobs[crew->posted++] = *job;
	pthread_cond_signal(&crew->posted_one);
	pthread_mutex_unlock(&crew->lock);
	return room;
}

/* Waits for a helper, though not long: progress goes on. */
static enum ancient_code wait_for_others(struct reader_crew *crew)
{
	struct timespec until;
	enum ancient_code code;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += WAIT_NANOSECONDS;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&crew->finished_one, &crew->lock, &until);
	pthread_mutex_unlock(&crew->lock);
	code = reader_verify_step(crew->v, 0);
	pthread_mutex_lock(&crew->lock);
	return code;
}

enum ancient_code reader_crew_finish(struct reader_crew *crew)
{
	enum ancient_code code = ANCIENT_OK;
	struct reader_job job;
	size_t index;

	pthread_mutex_lock(&crew->lock);
	for (;;) {
		if (take(crew, &index, &job))
			code = do_job(crew, false, index, &job);
		else if (crew->finished < crew->taken)
			code = wait_for_others(crew);
		else
			break;
		/* What is no fault of the file ends everything. */
		if (code == ANCIENT_E_INTERRUPTED || code == ANCIENT_E_TORN_AWAY)
			break;
		code = ANCIENT_OK;
	}
	if (code == ANCIENT_OK && crew->fault != SIZE_MAX) {
		code = crew->code;
		*crew->v->err = crew->err;
	}
	pthread_mutex_unlock(&crew->lock);
	return code;
}
