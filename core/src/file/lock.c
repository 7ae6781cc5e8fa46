/* core/file: the writer lock, and the open file descriptions that a store holds (FORMAT 11.1).
 *
 * An open-file-description lock lasts as long as its description, and two things keep a description
 * alive beyond the writer: a child of fork(2), which shares it, and a mapping made with it.  So a
 * store opens the file twice more through /proc/self/fd: once for mapping, reading and writing, and
 * once for the lock alone; an application (lock_wait.c) opens it once more.  A child closes the
 * descriptions for the lock at once (store/registry.c) and opens its own when it commits.  Then the
 * lock of a killed writer is always released.
 */
#include "file/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/fail.h"
#include "file/lock_wait.h"

enum ancient_code core_lock_open(int fd, const char *name, int flags, int *ret_fd,
				 struct ancient_error *err)
{
	char path[64];
	int own;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	do
		own = open(path, flags | O_CLOEXEC);
	while (own < 0 && errno == EINTR);
	if (own >= 0) {
		*ret_fd = own;
		return ANCIENT_OK;
	}
	return core_fail_system(err, errno == EACCES ? ANCIENT_E_DENIED : ANCIENT_E_SYSTEM, errno,
				"%s: cannot be opened again through %s", name, path);
}

enum ancient_code core_lock_take(struct core_lock *lock, int fd, dev_t device, ino_t inode,
				 const char *name, struct ancient_error *err)
{
	enum ancient_code code =
		core_turn_take(&lock->turn, CORE_TURN_COMMIT, device, inode, name, err);

	if (code != ANCIENT_OK)
		return code;
	lock->fd = fd;
	lock->application = NULL;
	code = core_lock_wait(lock, name, err);
	if (code != ANCIENT_OK)
		core_turn_end(&lock->turn);
	return code;
}

void core_lock_drop(struct core_lock *lock)
{
	if (lock->application)
		core_application_end(lock->application);
	else if (!core_turn_is_lost(&lock->turn))
		while (core_lock_apply(lock->fd, F_OFD_SETLK, F_UNLCK) != 0 && errno == EINTR)
			;
	core_turn_end(&lock->turn);
}
