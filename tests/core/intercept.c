/* tests/core: wrappers of system calls; see intercept.h. */
#include "intercept.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct intercept intercept;

const char *const intercept_names[CALLS] = {
	"pwritev", "fallocate", "ftruncate",      "fdatasync", "mmap",   "mprotect",
	"pread",   "fstat",     "fcntl",          "open",      "openat", "rename",
	"unlink",  "fsync",     "pthread_create", "malloc",    "calloc", "realloc",
};

static const int usual_errors[CALLS] = {
	ENOSPC, ENOSPC, EIO,    EIO,    ENOMEM, ENOMEM, EIO,    EIO,    EMFILE,
	EMFILE, EMFILE, EACCES, EACCES, EIO,    EAGAIN, ENOMEM, ENOMEM, ENOMEM,
};

static long live;

long intercept_live(void)
{
	return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

/* A block that was just allocated. */
static void *counted(void *block)
{
	if (block != NULL)
		__atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
	return block;
}

void intercept_start(void)
{
	memset(&intercept, 0, sizeof intercept);
	intercept.fail_at = UINT64_MAX;
	intercept.armed = true;
}

/* Whether this call is to fail; errno is set. */
static bool fails(enum intercept_call call)
{
	uint64_t number;

	if (!intercept.armed)
		return false;
	if (intercept.step && call < CALL_MALLOC)
		intercept.step(call);
	number = __atomic_fetch_add(&intercept.count[call], 1, __ATOMIC_RELAXED);
	if (intercept.fail == CALL_ANY)
		number = __atomic_fetch_add(&intercept.count[CALL_ANY], 1, __ATOMIC_RELAXED);
	else if (call != intercept.fail)
		return false;
	if (number < intercept.fail_at || (number > intercept.fail_at && !intercept.for_good))
		return false;
	__atomic_store_n(&intercept.failed, true, __ATOMIC_RELAXED);
	errno = intercept.fail == CALL_ANY ? usual_errors[call] : intercept.error;
	return true;
}

static bool is_full(uint64_t end)
{
	if (!intercept.armed || intercept.room == 0 || end <= intercept.room)
		return false;
	errno = ENOSPC;
	return true;
}

static void before(enum intercept_call call, int fd, uint64_t offset, uint64_t length)
{
	if (intercept.armed && intercept.before)
		intercept.before(call, fd, offset, length);
}

static void after(enum intercept_call call, int fd, uint64_t offset, uint64_t length, bool worked)
{
	int kept = errno;

	if (intercept.armed && intercept.after)
		intercept.after(call, fd, offset, length, worked);
	errno = kept;
}

static uint64_t bytes_of(const struct iovec *parts, int count)
{
	uint64_t bytes = 0;

	for (int i = 0; i < count; i++)
		bytes += parts[i].iov_len;
	return bytes;
}

ssize_t __real_pwrite64(int fd, const void *bytes, size_t length, off_t offset);
ssize_t __real_pwritev64(int fd, const struct iovec *parts, int count, off_t offset);
ssize_t __wrap_pwritev64(int fd, const struct iovec *parts, int count, off_t offset);
ssize_t __wrap_pwritev64(int fd, const struct iovec *parts, int count, off_t offset)
{
	uint64_t bytes = bytes_of(parts, count);
	ssize_t n;

	before(CALL_PWRITEV, fd, (uint64_t)offset, bytes);
	if (is_full((uint64_t)offset + bytes))
		return -1;
	if (!fails(CALL_PWRITEV)) {
		n = __real_pwritev64(fd, parts, count, offset);
		after(CALL_PWRITEV, fd, (uint64_t)offset, bytes, n >= 0);
		return n;
	}
	if (!intercept.half || parts[0].iov_len < 2)
		return -1;
	/* A part of it arrives; the next attempt to write the rest fails. */
	intercept.fail_at++;
	return __real_pwrite64(fd, parts[0].iov_base, parts[0].iov_len / 2, offset);
}

/* The same for one part. */
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t length, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t length, off_t offset)
{
	struct iovec part = {(void *)(uintptr_t)bytes, length};

	return __wrap_pwritev64(fd, &part, 1, offset);
}

int __real_fallocate64(int fd, int mode, off_t offset, off_t length);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t length);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t length)
{
	int result;

	before(CALL_FALLOCATE, fd, (uint64_t)offset, (uint64_t)length);
	if (intercept.armed && intercept.longest && (uint64_t)length > intercept.longest) {
		errno = EINTR;
		return -1;
	}
	if (is_full((uint64_t)offset + (uint64_t)length))
		return -1;
	result = fails(CALL_FALLOCATE) ? -1 : __real_fallocate64(fd, mode, offset, length);
	after(CALL_FALLOCATE, fd, (uint64_t)offset, (uint64_t)length, result == 0);
	return result;
}

int __real_ftruncate64(int fd, off_t size);
int __wrap_ftruncate64(int fd, off_t size);
int __wrap_ftruncate64(int fd, off_t size)
{
	int result;

	before(CALL_FTRUNCATE, fd, (uint64_t)size, 0);
	result = fails(CALL_FTRUNCATE) ? -1 : __real_ftruncate64(fd, size);
	after(CALL_FTRUNCATE, fd, (uint64_t)size, 0, result == 0);
	return result;
}

/* A flush that is not made to fail. */
static int flush(int (*real)(int fd), int fd)
{
	int error;

	if (!intercept.armed || !intercept.flush)
		return real(fd);
	error = intercept.flush(fd);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int fd)
{
	int result;

	before(CALL_FDATASYNC, fd, 0, 0);
	result = fails(CALL_FDATASYNC) ? -1 : flush(__real_fdatasync, fd);
	after(CALL_FDATASYNC, fd, 0, 0, result == 0);
	return result;
}

void *__real_mmap64(void *at, size_t bytes, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t bytes, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	void *result;

	before(CALL_MMAP, fd, (uint64_t)offset, bytes);
	result = fails(CALL_MMAP) ? MAP_FAILED
				  : __real_mmap64(at, bytes, protection, flags, fd, offset);
	after(CALL_MMAP, fd, (uint64_t)offset, bytes, result != MAP_FAILED);
	return result;
}

int __real_mprotect(void *at, size_t bytes, int protection);
int __wrap_mprotect(void *at, size_t bytes, int protection);
int __wrap_mprotect(void *at, size_t bytes, int protection)
{
	return fails(CALL_MPROTECT) ? -1 : __real_mprotect(at, bytes, protection);
}

ssize_t __real_pread64(int fd, void *bytes, size_t length, off_t offset);
ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off_t offset);
ssize_t __wrap_pread64(int fd, void *bytes, size_t length, off_t offset)
{
	return fails(CALL_PREAD) ? -1 : __real_pread64(fd, bytes, length, offset);
}

int __real_fstat64(int fd, struct stat *status);
int __wrap_fstat64(int fd, struct stat *status);
int __wrap_fstat64(int fd, struct stat *status)
{
	return fails(CALL_FSTAT) ? -1 : __real_fstat64(fd, status);
}

int __real_statx(int folder, const char *path, int flags, unsigned mask, struct statx *status);
int __wrap_statx(int folder, const char *path, int flags, unsigned mask, struct statx *status);
int __wrap_statx(int folder, const char *path, int flags, unsigned mask, struct statx *status)
{
	return fails(CALL_FSTAT) ? -1 : __real_statx(folder, path, flags, mask, status);
}

int __real_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return fails(CALL_FCNTL) ? -1 : __real_fcntl64(fd, command, argument);
}

static int opened(int fd)
{
	if (intercept.armed && intercept.opened && fd >= 0)
		intercept.opened(fd);
	return fd;
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
	va_list arguments;
	unsigned mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, unsigned);
	va_end(arguments);
	return fails(CALL_OPEN) ? -1 : opened(__real_open64(path, flags, mode));
}

int __real_openat64(int folder, const char *path, int flags, ...);
int __wrap_openat64(int folder, const char *path, int flags, ...);
int __wrap_openat64(int folder, const char *path, int flags, ...)
{
	va_list arguments;
	unsigned mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, unsigned);
	va_end(arguments);
	return fails(CALL_OPENAT) ? -1 : opened(__real_openat64(folder, path, flags, mode));
}

int __real_dup3(int fd, int to, int flags);
int __wrap_dup3(int fd, int to, int flags);
int __wrap_dup3(int fd, int to, int flags)
{
	return opened(__real_dup3(fd, to, flags));
}

int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	int result;

	before(CALL_RENAME, to_folder, 0, 0);
	result = fails(CALL_RENAME) ? -1 : __real_renameat(from_folder, from, to_folder, to);
	after(CALL_RENAME, to_folder, 0, 0, result == 0);
	return result;
}

int __real_unlinkat(int folder, const char *path, int flags);
int __wrap_unlinkat(int folder, const char *path, int flags);
int __wrap_unlinkat(int folder, const char *path, int flags)
{
	return fails(CALL_UNLINK) ? -1 : __real_unlinkat(folder, path, flags);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	int result;

	before(CALL_FSYNC, fd, 0, 0);
	result = fails(CALL_FSYNC) ? -1 : flush(__real_fsync, fd);
	after(CALL_FSYNC, fd, 0, 0, result == 0);
	return result;
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*start)(void *), void *argument)
{
	if (fails(CALL_THREAD))
		return errno;
	return __real_pthread_create(thread, attributes, start, argument);
}

int __real_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set);
int __wrap_sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
	if (!intercept.armed || intercept.processors == 0)
		return __real_sched_getaffinity(pid, bytes, set);
	CPU_ZERO(set);
	for (unsigned i = 0; i < intercept.processors; i++)
		CPU_SET(i, set);
	return 0;
}

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes)
{
	return fails(CALL_MALLOC) ? NULL : counted(__real_malloc(bytes));
}

void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails(CALL_CALLOC) ? NULL : counted(__real_calloc(count, bytes));
}

void *__real_realloc(void *old, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes)
{
	if (fails(CALL_REALLOC))
		return NULL;
	return old == NULL ? counted(__real_realloc(NULL, bytes)) : __real_realloc(old, bytes);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	return fails(CALL_MALLOC) ? NULL : counted(__real_strdup(text));
}

char *__real_strndup(const char *text, size_t length);
char *__wrap_strndup(const char *text, size_t length);
char *__wrap_strndup(const char *text, size_t length)
{
	return fails(CALL_MALLOC) ? NULL : counted(__real_strndup(text, length));
}

/* The library lets it allocate. */
char *__real_getcwd(char *folder, size_t room);
char *__wrap_getcwd(char *folder, size_t room);
char *__wrap_getcwd(char *folder, size_t room)
{
	if (folder != NULL)
		return __real_getcwd(folder, room);
	return fails(CALL_MALLOC) ? NULL : counted(__real_getcwd(NULL, room));
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
	if (block != NULL)
		__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
	__real_free(block);
}
