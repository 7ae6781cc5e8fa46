/* tests/torture: loaded before the C library (LD_PRELOAD), makes one of a program's system
 * calls fail and writes down how files are made.
 *
 *     ANCIENT_FAULT=CALL:ERRNO:N    the N-th CALL (from 0) and all after it fail
 *     ANCIENT_CALLS=PATH            a line for each open that may create, chmod, and rename
 *
 * Calls that concern /proc and /dev are let through. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static bool fails(const char *call)
{
	static unsigned long number;
	const char *fault = getenv("ANCIENT_FAULT");
	size_t length = strlen(call);
	char *rest;
	int error;

	if (fault == NULL || strncmp(fault, call, length) != 0 || fault[length] != ':')
		return false;
	error = (int)strtol(fault + length + 1, &rest, 10);
	if (number++ < strtoul(rest + 1, NULL, 10))
		return false;
	errno = error;
	return true;
}

static void say(const char *call, const char *path, int flags, unsigned mode)
{
	const char *log = getenv("ANCIENT_CALLS");
	int kept = errno;
	FILE *stream = log == NULL ? NULL : fopen(log, "a");

	if (stream != NULL) {
		fprintf(stream, "%s %d %o %s\n", call, flags, mode, path);
		fclose(stream);
	}
	errno = kept;
}

#define NEXT(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

static int opened(int (*next)(const char *, int, ...), const char *path, int flags, unsigned mode)
{
	bool creates = (flags & O_CREAT) != 0 && strncmp(path, "/dev", 4) != 0;

	if (creates)
		say("open", path, flags, mode);
	if (creates && fails("open"))
		return -1;
	return next(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list arguments;
	unsigned mode = 0;

	va_start(arguments, flags);
	if (flags & O_CREAT)
		mode = va_arg(arguments, unsigned);
	va_end(arguments);
	return opened(NEXT(open), path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list arguments;
	unsigned mode = 0;

	va_start(arguments, flags);
	if (flags & O_CREAT)
		mode = va_arg(arguments, unsigned);
	va_end(arguments);
	return opened(NEXT(open64), path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...)
{
	va_list arguments;
	unsigned mode = 0;
	bool creates = (flags & O_CREAT) != 0;

	va_start(arguments, flags);
	if (creates)
		mode = va_arg(arguments, unsigned);
	va_end(arguments);
	if (creates)
		say("open", path, flags, mode);
	if (creates && fails("open"))
		return -1;
	return NEXT(openat64)(folder, path, flags, mode);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	say("rename", from, 0, 0);
	return fails("rename") ? -1 : NEXT(renameat)(from_folder, from, to_folder, to);
}

int rename(const char *from, const char *to)
{
	say("rename", from, 0, 0);
	return fails("rename") ? -1 : NEXT(rename)(from, to);
}

int fsync(int fd)
{
	return fails("fsync") ? -1 : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
	return fails("fdatasync") ? -1 : NEXT(fdatasync)(fd);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length)
{
	return fails("fallocate") ? -1 : NEXT(fallocate64)(fd, mode, offset, length);
}

int ftruncate64(int fd, off64_t size)
{
	return fails("ftruncate") ? -1 : NEXT(ftruncate64)(fd, size);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
	return fails("pwritev") ? -1 : NEXT(pwritev64)(fd, parts, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
	return fails("pwritev") ? -1 : NEXT(pwrite64)(fd, bytes, length, offset);
}

int fchmod(int fd, mode_t mode)
{
	say("chmod", "", 0, mode);
	return NEXT(fchmod)(fd, mode);
}

int chmod(const char *path, mode_t mode)
{
	say("chmod", path, 0, mode);
	return NEXT(chmod)(path, mode);
}
