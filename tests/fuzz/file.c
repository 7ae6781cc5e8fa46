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

/* One that the log has, or not; NULL where it cannot be opened. */
static struct ancient_file *open_generation(int fd, uint64_t generation, uint64_t newest)
{
	const struct ancient_options options = {.generation = generation};
	struct ancient_file *older = NULL;
	struct ancient_info info;
	enum ancient_code code = ancient_file_open_fd(fd, "fuzz", &options, &older, &fuzz_err);

	if (!fuzz_ok(code)) {
		FUZZ_CHECK(fuzz_class_of(code) == FUZZ_FORMAT ||
			   fuzz_class_of(code) == FUZZ_CORRUPT || code == ANCIENT_E_NO_GENERATION ||
			   code == ANCIENT_E_MEMORY);
		return NULL;
	}
	ancient_file_info(older, &info);
	FUZZ_CHECK(info.newest_generation == newest && generation <= newest);
	FUZZ_CHECK(info.generation == (generation == 0 ? newest : generation));
	return older;
}

void fuzz_each_generation(const struct ancient_file *file, int fd,
			  void (*visit)(struct ancient_file *older, size_t size), size_t size)
{
	struct ancient_commit_info commit;
	struct ancient_info info;
	struct ancient_log log;
	uint64_t met = 0, sought[FUZZ_GENERATIONS] = {1, UINT64_MAX};
	enum ancient_code code;

	ancient_file_info(file, &info);
	ancient_log_init(file, &log);
	sought[2] = info.generation - 1;
	while ((code = ancient_log_next(&log, &commit, &fuzz_err)) == ANCIENT_OK) {
		FUZZ_CHECK(commit.used <= info.used && commit.bytes <= commit.used);
		FUZZ_CHECK(met++ < info.used / ANCIENT_RECORD_BYTES);
		sought[3] = commit.generation;
	}
	FUZZ_CHECK(code == ANCIENT_E_NO_GENERATION || fuzz_class_of(code) == FUZZ_CORRUPT);
	for (unsigned i = 0; i < FUZZ_GENERATIONS; i++) {
		struct ancient_file *older = open_generation(fd, sought[i], info.newest_generation);

		if (older != NULL)
			visit(older, size);
		ancient_file_close(older);
	}
}

void fuzz_touch(const void *bytes, size_t length)
{
	const volatile uint8_t *at = bytes;

	for (size_t i = 0; i < length; i++)
		(void)at[i];
}
