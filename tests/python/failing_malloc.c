/* tests/python: loaded before the C library (LD_PRELOAD), makes allocations of one thread fail.
 *
 *     fail_allocations(first, last)    from now on, those numbered from `first` (from 0) to before
 *                                      `last` fail, all of them where that is 0; none: -1, 0
 *     live_allocations()               of all threads, that were not freed */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

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

static long live;
static __thread long first_failing = -1, last_failing, number;

void fail_allocations(long first, long last)
{
	first_failing = first;
	last_failing = last;
	number = 0;
}

static bool fails(void)
{
	long this;

	if (first_failing < 0)
		return false;
	this = number++;
	if (this < first_failing || (last_failing != 0 && this >= last_failing))
		return false;
	errno = ENOMEM;
	return true;
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
