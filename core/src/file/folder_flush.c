/* core/file: flushes the folder that a file is in, so that the file's name is on the disk. */
#include "file/folder_flush.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/file_io.h"

/* A folder that this process may not read, or a file system that flushes none: whoever commits can
 * do nothing about it. */
static bool is_none_of_ours(int system)
{
	return system == EACCES || system == EPERM || system == EINVAL || system == EROFS ||
	       system == ENOSYS || system == EOPNOTSUPP;
}

bool ancient_core_folder_flush(int folder)
{
	return ancient_core_file_flush(folder, false) || is_none_of_ours(errno);
}

static bool flush_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	size_t length = slash ? (size_t)(slash - path) : 0;
	bool flushed;
	int fd, system;

	if (!slash || length >= sizeof folder)
		return true;
	memcpy(folder, path, length);
	memcpy(folder + length, length ? "" : "/", length ? 1 : 2);
	do
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0) /* where it is gone the name is, too */
		return errno == ENOENT || errno == ENOTDIR || is_none_of_ours(errno);
	flushed = ancient_core_folder_flush(fd);
	system = errno;
	close(fd);
	errno = system;
	return flushed;
}

enum ancient_code ancient_core_folder_flush_of(const char *path, const char *name,
					       struct ancient_error *err)
{
	return flush_of(path) ? ANCIENT_OK
			      : ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
							 "%s: its folder cannot be flushed", name);
}
