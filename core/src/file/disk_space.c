/* core/file: allocates disk space before a commit writes (FORMAT 8.2, step 3).
 *
 * fallocate(2) is called directly. posix_fallocate of glibc writes zeros where the file system
 * lacks fallocate, and such a write past RLIMIT_FSIZE kills the process with a signal.
 */
#include "file/disk_space.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/file_io.h"

#define STEP_LEAST 65536u

/* Fallback where fallocate is unsupported: writes zeros, but only behind the end of the file, since
 * space before it may have been allocated earlier and written to. */
static bool write_zeros(int fd, uint64_t from, uint64_t to)
{
	static const char zeros[65536];
	struct core_file_status status;

	if (!ancient_core_file_status(fd, &status))
		return false;
	if (status.size > from)
		from = status.size;
	while (from < to) {
		uint64_t step = to - from < sizeof zeros ? to - from : sizeof zeros;
		struct iovec part = {(void *)(uintptr_t)zeros, (size_t)step};

		if (!ancient_core_file_write(fd, &part, 1, from))
			return false;
		from += step;
	}
	return true;
}

/* Calls fallocate.  The kernel may undo a whole call when a signal arrives, so each interruption
 * halves the step: a signal every millisecond cannot keep this loop from ending. */
static bool allocate(int fd, uint64_t from, uint64_t to)
{
	uint64_t step = to - from;

	while (from < to) {
		if (step > to - from)
			step = to - from;
		if (fallocate(fd, 0, (off_t)from, (off_t)step) == 0)
			from += step;
		else if (errno != EINTR)
			return false;
		else if (step > STEP_LEAST)
			step /= 2;
	}
	return true;
}

/* A write past RLIMIT_FSIZE raises SIGXFSZ, so the limit is checked first. */
enum ancient_code ancient_core_disk_space_check(const char *name, uint64_t to,
						struct ancient_error *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
	    to <= limit.rlim_cur)
		return ANCIENT_OK;
	return ancient_core_fail(
		err, ANCIENT_E_DISK_FULL,
		"%s: no room for the commit: it needs a file of %llu bytes, the process's "
		"limit is %llu (ulimit -f)",
		name, (unsigned long long)to, (unsigned long long)limit.rlim_cur);
}

enum ancient_code ancient_core_disk_space_make(int fd, const char *name, uint64_t from, uint64_t to,
					       struct ancient_error *err)
{
	enum ancient_code code = ancient_core_disk_space_check(name, to, err);
	bool made;

	if (code != ANCIENT_OK || to <= from)
		return code;
	made = allocate(fd, from, to);
	if (!made && (errno == EOPNOTSUPP || errno == ENOSYS))
		made = write_zeros(fd, from, to);
	if (made)
		return ANCIENT_OK;
	if (ancient_core_fail_code(errno) == ANCIENT_E_DISK_FULL)
		return ancient_core_fail_system(
			err, ANCIENT_E_DISK_FULL, errno,
			"%s: no room for the commit: it needs a file of %llu bytes", name,
			(unsigned long long)to);
	return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
					"%s: cannot be made %llu bytes long", name,
					(unsigned long long)to);
}

enum ancient_code ancient_core_disk_space_cut(int fd, const char *name, uint64_t size,
					      struct ancient_error *err)
{
	struct core_file_status status;
	int result;

	if (!ancient_core_file_status(fd, &status))
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status",
						name);
	if (status.size <= size)
		return ANCIENT_OK;
	do
		result = ftruncate(fd, (off_t)size);
	while (result != 0 && errno == EINTR);
	if (result == 0)
		return ANCIENT_OK;
	return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
					"%s: cannot be cut to %llu bytes", name,
					(unsigned long long)size);
}
