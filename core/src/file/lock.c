/* core/file: the writer lock, and the open file descriptions that a store holds (FORMAT 11.1).
 *
 * An open-file-description lock lasts as long as its description, and two things keep a description
 * alive beyond the writer: a child of fork(2), which shares it, and a mapping made with it.  So a
 * store opens the file twice more through /proc/self/fd: once for mapping, reading and writing, and
 * once for the lock alone.  A child closes the second at once (store/registry.c) and opens its own
 * when it commits.  Then the lock of a killed writer is always released.
 */
#include "file/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"

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

static int apply(int fd, short type)
{
	struct flock lock;

	memset(&lock, 0, sizeof lock);
	lock.l_type = type;
	lock.l_whence = SEEK_SET;
	return fcntl(fd, F_OFD_SETLKW, &lock);
}

enum ancient_code core_lock_take(int fd, const char *name, struct ancient_error *err)
{
	if (apply(fd, F_WRLCK) == 0)
		return ANCIENT_OK;
	if (errno == EINTR)
		return core_fail(err, ANCIENT_E_INTERRUPTED,
				 "%s: interrupted by a signal while waiting for another writer",
				 name);
	return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: cannot be locked", name);
}

void core_lock_drop(int fd)
{
	while (apply(fd, F_UNLCK) != 0 && errno == EINTR)
		;
}
