/* core/file: the writer lock, and the open file descriptions that a store holds (FORMAT 11.1). */
#ifndef CORE_LOCK_H
#define CORE_LOCK_H

#include <ancient/error.h>

#include "file/turn.h"

/* A lock that is held.  Of the caller until core_lock_drop. */
struct core_lock {
	struct core_turn turn;
	struct core_application *application; /* that got it (lock_wait.c); NULL: `fd` has it */
	int fd;
};

/* Opens the file behind `fd` again, as a new open file description; `flags` as for open(2).
 * Errors: DENIED SYSTEM. */
enum ancient_code core_lock_open(int fd, const char *name, int flags, int *ret_fd,
				 struct ancient_error *err);

/* Waits for a turn among the threads of this process, and then for the exclusive lock of the file.
 * `fd` is open for writing, and stays the caller's.
 * Errors: INTERRUPTED at a signal, so that the caller of the library can run its handler and call
 * again; DEADLOCK (file/turn.h); SYSTEM. */
enum ancient_code core_lock_take(struct core_lock *lock, int fd, dev_t device, ino_t inode,
				 const char *name, struct ancient_error *err);
void core_lock_drop(struct core_lock *lock);

#endif
