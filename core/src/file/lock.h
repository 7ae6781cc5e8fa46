/* core: the file's lock and the description that holds it (FORMAT 11.1). */
#ifndef CORE_LOCK_H
#define CORE_LOCK_H

#include <ancient/error.h>

/* A description of our own for the file open at `fd`; `flags` as for open(2). */
enum ancient_code core_lock_open(int fd, const char *name, int flags, int *ret_fd,
				 struct ancient_error *err);

/* Waits for the exclusive lock.  INTERRUPTED where a signal came: the caller of the library
 * may have a handler to run, and may ask again. */
enum ancient_code core_lock_take(int fd, const char *name, struct ancient_error *err);
void core_lock_drop(int fd);

#endif
