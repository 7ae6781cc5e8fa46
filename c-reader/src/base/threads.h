/* c-reader/base: threads that the library starts, and a pool of them that does jobs one by one.
 * Verification uses the pool; Python's columns start their threads by ancient_reader_thread_start.
 */
#ifndef ANCIENT_READER_THREADS_H
#define ANCIENT_READER_THREADS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <ancient_reader.h>

/* Starts a thread that takes none of the program's signals; only those of its own faults stay
 * unblocked, since the guard turns SIGBUS into an error.  `stack` in bytes, 0: the
 * system's default.  False: no thread can be started. */
bool ancient_reader_thread_start(pthread_t *ret_thread, size_t stack, void *(*run)(void *),
				 void *context);

/* ---- A pool ------------------------------------------------------------------------ */

/* Helper threads that do jobs beside the thread that made the pool.
 *
 * The first fault in the order of the jobs is the one reported, whichever was found first: the
 * result is the same whatever the number of threads. */
struct reader_pool;

/* What is to be done; the meaning of the numbers is that of the function that does it. */
struct reader_job {
	uint64_t number[4];
};

/* Does a job.  `helper`: not in the thread that made the pool.  On failure fills in `err`.
 * INTERRUPTED and TORN_AWAY end all jobs, other errors are the fault of this one. */
typedef enum ancient_code reader_work(void *context, bool helper, const struct reader_job *job,
				      struct ancient_error *err);

/* Called from time to time in the thread that made the pool while it waits for the helpers; not
 * ANCIENT_OK: it waits no longer and returns this. */
typedef enum ancient_code reader_wait(void *context);

/* A pool of `threads` - 1 helpers, or of fewer where no more can be started; NULL where none is
 * wanted or there is no memory for it. */
struct reader_pool *ancient_reader_pool_new(unsigned threads, void *context, reader_wait *wait);
/* Tells the helpers to drop what they do, and ends them.  NULL allowed. */
void ancient_reader_pool_done(struct reader_pool *pool);

/* Begins a row of jobs, all of which `work` does.  None may be left of the row before. */
void ancient_reader_pool_begin(struct reader_pool *pool, reader_work *work);
/* Adds a job to the row; false: no memory. */
bool ancient_reader_pool_post(struct reader_pool *pool, const struct reader_job *job);
/* Does the jobs that are left and waits for the others.  On a fault of a job fills in `err`. */
enum ancient_code ancient_reader_pool_finish(struct reader_pool *pool, struct ancient_error *err);

/* For helpers: whether nobody wants the results any more. */
bool ancient_reader_pool_is_dropped(struct reader_pool *pool);

#endif
