/* core/file: the writer lock, and the open file descriptions that a store holds (FORMAT 11.1). */
#ifndef CORE_LOCK_H
#define CORE_LOCK_H

#include <ancient/error.h>

/* Opens the file behind `fd` again, as a new open file description; `flags` as for open(2).
 * Errors: DENIED SYSTEM. */
enum ancient_code core_lock_open(int fd, const char *name, int flags, int *ret_fd,
				 struct ancient_error *err);

/* Waits for the exclusive lock.
 * Errors: INTERRUPTED at a signal, so that the caller of the library can run its handler and call
 * again; SYSTEM. */
enum ancient_code core_lock_take(int fd, const char *name, struct ancient_error *err);
void core_lock_drop(int fd);

#endif
