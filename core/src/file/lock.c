/* core/file: the writer lock, and the open file descriptions that a store holds (FORMAT 11.1).
 *
 * An open-file-description lock lasts as long as its description, and two things keep a description
 * alive beyond the writer: a child of fork(2), which shares it, and a mapping made with it.  So a
 * store opens the file twice more through /proc/self/fd: once for mapping, reading and writing, and
 * once for the lock alone; an application (lock_wait.c) opens it once more.  A child closes the
 * descriptions for the lock at once (store/registry.c) and opens its own when it commits.  Then the
 * lock of a killed writer is always released.
 *
 * Without /proc the file is opened by its path, where that is known and still leads to it.  Else
 * only reading is left: the description of the caller's descriptor may be shared with any process,
 * so its lock would exclude nobody.
 */
#include "file/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/file_io.h"
#include "file/lock_wait.h"

static int open_path(const char *path, int flags)
{
	int own;

	do
		own = open(path, flags | O_CLOEXEC);
	while (own < 0 && errno == EINTR);
	return own;
}

/* -1 if the file at `path` cannot be opened, or is another one. */
static int open_same(const char *path, int fd, int flags)
{
	struct core_file_status ours, there;
	int own = open_path(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	if (own < 0 ||
	    (ancient_core_file_status(fd, &ours) && ancient_core_file_status(own, &there) &&
	     ours.device == there.device && ours.inode == there.inode))
		return own;
	close(own);
	return -1;
}

bool ancient_core_lock_is_confined(int system)
{
	return system == ENOENT || system == ENOTDIR || system == EACCES || system == EPERM;
}

int ancient_core_lock_try_open(int fd, const char *path, int flags)
{
	char self[64];
	int own, system;

	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	own = open_path(self, flags);
	if (own >= 0)
		return own;
	system = errno;
	if (path && ancient_core_lock_is_confined(system))
		own = open_same(path, fd, flags);
	if (own < 0)
		errno = system;
	return own;
}

enum ancient_code ancient_core_lock_fail(struct ancient_error *err, enum ancient_code code,
					 int system, const char *name, int fd)
{
	const char *advice =
		system == ENOENT || system == ENOTDIR
			? ", which a writer needs for its lock: mount /proc, or attach the file "
			  "with the path by which it was opened"
			: "";

	return ancient_core_fail_system(err, code, system,
					"%s: cannot be opened again through /proc/self/fd/%d%s",
					name, fd, advice);
}

enum ancient_code ancient_core_lock_open(int fd, const char *name, const char *path, int flags,
					 int *ret_fd, struct ancient_error *err)
{
	int own = ancient_core_lock_try_open(fd, path, flags);

	if (own < 0)
		return ancient_core_lock_fail(err,
					      errno == EACCES ? ANCIENT_E_DENIED : ANCIENT_E_SYSTEM,
					      errno, name, fd);
	*ret_fd = own;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_lock_take(struct core_lock *lock, int fd, dev_t device, ino_t inode,
					 const char *name, struct ancient_error *err)
{
	enum ancient_code code =
		ancient_core_turn_take(&lock->turn, CORE_TURN_COMMIT, device, inode, name, err);

	if (code != ANCIENT_OK)
		return code;
	lock->fd = fd;
	lock->application = NULL;
	code = ancient_core_lock_wait(lock, name, err);
	if (code != ANCIENT_OK)
		ancient_core_turn_end(&lock->turn);
	return code;
}

void ancient_core_lock_drop(struct core_lock *lock)
{
	if (lock->application)
		ancient_core_application_end(lock->application);
	else if (!ancient_core_turn_is_lost(&lock->turn))
		while (ancient_core_lock_apply(lock->fd, F_OFD_SETLK, F_UNLCK) != 0 &&
		       errno == EINTR)
			;
	ancient_core_turn_end(&lock->turn);
}
