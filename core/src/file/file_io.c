/* core/file: complete reads and writes at an offset, flushes, and a file's size.
 *
 * The kernel may transfer less than was asked, at a signal or after 2 GiB; these functions
 * continue.
 */
#include "file/file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* statx rather than fstat: since Linux 6.13, the first write after a process was told a file's
 * times stores a new time, which costs as much as the write itself. */
bool ancient_core_file_status(int fd, struct core_file_status *ret_status)
{
	struct statx some;
	struct stat all;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_SIZE | STATX_NLINK | STATX_INO, &some) == 0) {
		ret_status->size = some.stx_size;
		ret_status->links = some.stx_nlink;
		ret_status->device = makedev(some.stx_dev_major, some.stx_dev_minor);
		ret_status->inode = some.stx_ino;
		return true;
	}
	if (fstat(fd, &all) != 0) /* statx may be refused by a system call filter older than it */
		return false;
	ret_status->size = (uint64_t)all.st_size;
	ret_status->links = all.st_nlink;
	ret_status->device = all.st_dev;
	ret_status->inode = all.st_ino;
	return true;
}

bool ancient_core_file_read(int fd, void *bytes, size_t length, uint64_t offset, size_t *ret_got)
{
	size_t got = 0;

	while (got < length) {
		ssize_t n = pread(fd, (char *)bytes + got, length - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	if (ret_got)
		*ret_got = got;
	return true;
}

bool ancient_core_file_write(int fd, struct iovec *parts, int count, uint64_t offset)
{
	while (count > 0) {
		ssize_t n;

		if (parts->iov_len == 0) {
			parts++;
			count--;
			continue;
		}
		n = count == 1 ? pwrite(fd, parts->iov_base, parts->iov_len, (off_t)offset)
			       : pwritev(fd, parts, count, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		offset += (uint64_t)n;
		for (; count > 0 && (size_t)n >= parts->iov_len; parts++, count--)
			n -= (ssize_t)parts->iov_len;
		if (count > 0) {
			parts->iov_base = (char *)parts->iov_base + n;
			parts->iov_len -= (size_t)n;
		}
	}
	return true;
}

bool ancient_core_file_flush(int fd, bool data_only)
{
	int result;

	do
		result = data_only ? fdatasync(fd) : fsync(fd);
	while (result != 0 && errno == EINTR);
	return result == 0;
}
