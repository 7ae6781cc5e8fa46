/* tests/fuzz: opens bytes in memory as an ancient file.
 *
 * The reader's mmap is replaced by a copy that ends at the end of a page, with an unmapped page
 * behind it, so that reading one byte too many faults under any compiler. */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u

void *__wrap_mmap64(void *start, size_t length, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *start, size_t length);
int __real_munmap(void *start, size_t length);
void *__real_mmap64(void *start, size_t length, int protection, int flags, int fd, off_t offset);

struct ancient_error fuzz_err;

static size_t pages(size_t length)
{
	return (length + PAGE - 1) / PAGE * PAGE;
}

void *__wrap_mmap64(void *start, size_t length, int protection, int flags, int fd, off_t offset)
{
	size_t whole = pages(length);
	uint8_t *copy;

	if (fd < 0)
		return __real_mmap64(start, length, protection, flags, fd, offset);
	copy = __real_mmap64(NULL, whole + PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copy == MAP_FAILED)
		return copy;
	if (pread(fd, copy + whole - length, length, offset) != (ssize_t)length ||
	    mprotect(copy, whole, PROT_READ) != 0 || mprotect(copy + whole, PAGE, PROT_NONE) != 0)
		abort();
	return copy + whole - length;
}

/* Nobody but the reader calls either here. */
int __wrap_munmap(void *start, size_t length)
{
	size_t whole = pages(length);

	return __real_munmap((uint8_t *)start + length - whole, whole + PAGE);
}

int fuzz_descriptor(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	return fd;
}

struct ancient_file *fuzz_file(const uint8_t *data, size_t size)
{
	struct ancient_file *file = NULL;
	int fd = fuzz_descriptor(data, size);

	fuzz_ok(ancient_file_open_fd(fd, "fuzz", NULL, &file, &fuzz_err));
	return file;
}

void fuzz_touch(const void *bytes, size_t length)
{
	const volatile uint8_t *at = bytes;

	for (size_t i = 0; i < length; i++)
		(void)at[i];
}
