/* core/file: the writer lock, and the open file descriptions that a store holds (FORMAT 11.1). */
#ifndef CORE_LOCK_H
#define CORE_LOCK_H

#include <ancient/error.h>

#include "file/turn.h"

/* A lock that is held.  Of the caller until ancient_core_lock_drop. */
struct core_lock {
	struct core_turn turn;
	struct core_application *application; /* that got it (lock_wait.c); NULL: `fd` has it */
	int fd;
};

/* Opens the file behind `fd` again, as a new open file description; `flags` as for open(2).
 * path: absolute, of the file; NULL: not known.
 * Errors: DENIED SYSTEM. */
enum ancient_code ancient_core_lock_open(int fd, const char *name, const char *path, int flags,
					 int *ret_fd, struct ancient_error *err);

/* The same, or -1 with errno; whether that says that this process is confined: there is no /proc,
 * or it may not open the file itself; and the error. */
int ancient_core_lock_try_open(int fd, const char *path, int flags);
bool ancient_core_lock_is_confined(int system);
enum ancient_code ancient_core_lock_fail(struct ancient_error *err, enum ancient_code code,
					 int system, const char *name, int fd);

/* Waits for a turn among the threads of this process, and then for the exclusive lock of the file.
 * `fd` is open for writing, and stays the caller's.
 * Errors: INTERRUPTED at a signal, so that the caller of the library can run its handler and call
 * again; DEADLOCK (file/turn.h); SYSTEM. */
enum ancient_code ancient_core_lock_take(struct core_lock *lock, int fd, dev_t device, ino_t inode,
					 const char *name, struct ancient_error *err);
void ancient_core_lock_drop(struct core_lock *lock);

#endif
