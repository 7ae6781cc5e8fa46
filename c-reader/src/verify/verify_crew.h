/* c-reader: threads that help the verification: pieces of work that are independent of each
 * other are handed to them one by one.
 *
 * The first fault in the order of the pieces is the one that counts, whichever was found
 * first: a file gives the same error whatever the number of threads. */
#ifndef ANCIENT_READER_VERIFY_CREW_H
#define ANCIENT_READER_VERIFY_CREW_H

#include "verify/verify.h"

/* Where a piece of work is done. */
struct reader_task {
	struct reader_verify *v;
	bool helper; /* not in the thread that called ancient_file_verify */
	struct ancient_error *err;
};

/* Three numbers say what is to be done. */
struct reader_job {
	uint64_t number[3];
};

typedef enum ancient_code reader_work(struct reader_task *task, const struct reader_job *job);

/* A crew of `threads` - 1 helpers, or of fewer where there are none to be had; NULL where none is
 * wanted or there is no memory for it.  They leave the program's signals to others. */
struct reader_crew *reader_crew_new(struct reader_verify *v, unsigned threads);
/* Lets the helpers drop what they do and ends them.  NULL allowed. */
void reader_crew_done(struct reader_crew *crew);

/* A new row of jobs, of one kind.  None may be left of the row before. */
void reader_crew_begin(struct reader_crew *crew, reader_work *work);
/* One more job; false: no memory. */
bool reader_crew_post(struct reader_crew *crew, const struct reader_job *job);
/* Does what is left and waits for the others; the first fault, by the order of the jobs, is in
 * v->err. */
enum ancient_code reader_crew_finish(struct reader_crew *crew);

/* Within a job: so many bytes are done.  Not OK: drop the job and return this. */
enum ancient_code reader_task_step(struct reader_task *task, uint64_t bytes);

#endif
