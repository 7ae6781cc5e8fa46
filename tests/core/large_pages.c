/* tests/core: preloaded into the writer's tests, makes the C library answer as where pages are of
 * 64 KiB: such a page is what sysconf(3) says, what is mapped begins and ends on one, and an
 * address or offset between is refused.
 *
 * The kernel still has its own: what a process writes is copied by those, what lies behind the end
 * of a file but in its last large page cannot be accessed, and the page map has an entry for each.
 * Tests that depend on that, or that map or count pages of 4096 bytes themselves, are left out.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE ((size_t)65536)

static size_t whole(size_t bytes)
{
	return (bytes + PAGE - 1) & ~(PAGE - 1);
}

static bool is_between(uint64_t at)
{
	if (at % PAGE == 0)
		return false;
	errno = EINVAL;
	return true;
}

static void *map(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, at, bytes, protection, flags, fd, offset);
}

/* Anywhere: more is taken, and what is before and behind is given back. */
static void *map_anywhere(size_t bytes, int protection, int flags, int fd, off_t offset)
{
	uint8_t *got = map(NULL, bytes + PAGE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t before = (size_t)(-(uintptr_t)got % PAGE);
	void *mapped;
	int error;

	if (got == MAP_FAILED)
		return got;
	mapped = map(got + before, bytes, protection, flags | MAP_FIXED, fd, offset);
	error = errno;
	if (before)
		syscall(SYS_munmap, got, before);
	syscall(SYS_munmap, got + before + bytes, PAGE - before);
	if (mapped == MAP_FAILED)
		syscall(SYS_munmap, got + before, bytes);
	errno = error;
	return mapped;
}

void *mmap64(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);

	if (is_between((uint64_t)offset) || (fixed && is_between((uintptr_t)at)))
		return MAP_FAILED;
	return fixed ? map(at, whole(bytes), protection, flags, fd, offset)
		     : map_anywhere(whole(bytes), protection, flags, fd, offset);
}

int munmap(void *at, size_t bytes)
{
	return is_between((uintptr_t)at) ? -1 : (int)syscall(SYS_munmap, at, whole(bytes));
}

int mprotect(void *at, size_t bytes, int protection)
{
	return is_between((uintptr_t)at) ? -1
					 : (int)syscall(SYS_mprotect, at, whole(bytes), protection);
}

int madvise(void *at, size_t bytes, int advice)
{
	return is_between((uintptr_t)at) ? -1 : (int)syscall(SYS_madvise, at, whole(bytes), advice);
}

long sysconf(int name)
{
	static long (*others)(int);

	if (name == _SC_PAGESIZE)
		return (long)PAGE;
	if (!others)
		others = (long (*)(int))dlsym(RTLD_NEXT, "sysconf");
	return others(name);
}
