/* python/column: runs the shares of a job, each on a thread. */
#ifndef ANCIENT_PYTHON_COLUMN_THREADS_H
#define ANCIENT_PYTHON_COLUMN_THREADS_H

#include "column/share.h"

/* Copies the rows of all shares: the first in this thread, which holds the interpreter lock, the
 * others on threads, as far as any can be started.  0, or -1 with an exception: that of the first
 * row with an error, whatever the number of threads. */
int py_job_run(struct py_column_job *job);

#endif
