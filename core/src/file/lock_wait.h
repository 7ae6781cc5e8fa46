/* core/file: waits for the lock of a file that another process has.  Called by lock.c and by the
 * fork handlers. */
#ifndef CORE_LOCK_WAIT_H
#define CORE_LOCK_WAIT_H

#include "file/lock.h"

/* fcntl(2) with F_OFD_SETLK or F_OFD_SETLKW, for the whole file. */
int ancient_core_lock_apply(int fd, int command, short type);

/* Waits until this process has the lock of the file of lock->turn, through lock->application, or
 * where no thread can be started through lock->fd.
 * Errors: INTERRUPTED SYSTEM. */
enum ancient_code ancient_core_lock_wait(struct core_lock *lock, const char *name,
					 struct ancient_error *err);

/* Drops the lock that an application got, and frees it. */
void ancient_core_application_end(struct core_application *application);

/* For the fork handlers.  The child closes the descriptions of all applications. */
void ancient_core_application_before_fork(void);
void ancient_core_application_after_fork(bool child);

#endif
