/* tests/python: loaded before the C library (LD_PRELOAD), makes allocations of one thread fail, or
 * its calls of the system.
 *
 *     fail_allocations(first, last)    from now on, those numbered from `first` (from 0) to before
 *                                      `last` fail, all of them where that is 0; none: -1, 0
 *     fail_system(first, last)         the same for mmap, open, pread, fstat, fcntl, and threads
 * that it starts live_allocations()               of all threads, that were not freed */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t size);
void free(void *memory);
long live_allocations(void);
void fail_allocations(long first, long last);
void fail_system(long first, long last);

struct failures {
	long first, last, number;
};

static long live;
static __thread struct failures of_memory = {-1, 0, 0}, of_system = {-1, 0, 0};

void fail_allocations(long first, long last)
{
	of_memory = (struct failures){first, last, 0};
}

void fail_system(long first, long last)
{
	of_system = (struct failures){first, last, 0};
}

static bool is_next(struct failures *failures, int error)
{
	long this;

	if (failures->first < 0)
		return false;
	this = failures->number++;
	if (this < failures->first || (failures->last != 0 && this >= failures->last))
		return false;
	errno = error;
	return true;
}

static bool fails(void)
{
	return is_next(&of_memory, ENOMEM);
}

static void *counted(void *memory)
{
	if (memory != NULL)
		__atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
	return memory;
}

long live_allocations(void)
{
	return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
	return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
	if (fails())
		return NULL;
	return memory == NULL ? counted(__libc_malloc(size)) : __libc_realloc(memory, size);
}

void free(void *memory)
{
	if (memory != NULL)
		__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
	__libc_free(memory);
}

#define NEXT(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

void *mmap64(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (is_next(&of_system, ENOMEM))
		return MAP_FAILED;
	return NEXT(mmap64)(at, length, protection, flags, fd, offset);
}

int open64(const char *path, int flags, ...)
{
	va_list arguments;
	unsigned mode;

	va_start(arguments, flags);
	mode = va_arg(arguments, unsigned);
	va_end(arguments);
	return is_next(&of_system, EMFILE) ? -1 : NEXT(open64)(path, flags, mode);
}

ssize_t pread64(int fd, void *bytes, size_t length, off_t offset)
{
	return is_next(&of_system, EIO) ? -1 : NEXT(pread64)(fd, bytes, length, offset);
}

int fstat64(int fd, struct stat64 *status)
{
	return is_next(&of_system, EIO) ? -1 : NEXT(fstat64)(fd, status);
}

int fcntl64(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return is_next(&of_system, EMFILE) ? -1 : NEXT(fcntl64)(fd, command, argument);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
		   void *argument)
{
	if (is_next(&of_system, EAGAIN))
		return EAGAIN;
	return NEXT(pthread_create)(thread, attributes, start, argument);
}
