/* python/column: the memory of columns, in huge pages of its own from 2 MiB on.
 *
 * Millions of numbers are written in order into memory that is new each time..  In pages of 4 KiB
 * the page faults take as long as the copying; in huge pages they are few..  Huge pages need
 * addresses that are multiples of their size. */
#include "column/huge_pages.h"

#include <Python.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE ((size_t)2 << 20)  /* a huge page; what is smaller is left to Python's allocator */
#define PAGE ((size_t)64 << 10) /* a multiple of the page size of any system */

static bool has_pages(size_t bytes)
{
	return bytes >= HUGE;
}

static size_t rounded(size_t bytes)
{
	return (bytes + PAGE - 1) & ~(PAGE - 1);
}

/* Memory at a multiple of HUGE; NULL: there is none. */
static char *pages_new(size_t bytes)
{
	size_t length = rounded(bytes), before;
	char *got;

	if (bytes > SIZE_MAX / 2)
		return NULL;
	got = mmap(NULL, length + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (got == MAP_FAILED)
		return NULL;
	before = (size_t)(-(uintptr_t)got & (HUGE - 1));
	if (before > 0)
		munmap(got, before);
	munmap(got + before + length, HUGE - before);
	madvise(got + before, length, MADV_HUGEPAGE); /* its failure does no harm */
	return got + before;
}

bool py_large_resize(struct py_large *large, size_t bytes)
{
	bool had = has_pages(large->bytes), has = has_pages(bytes);
	char *at;

	if (!had && !has)
		at = PyMem_RawRealloc(large->at, bytes);
	else if (had && has && rounded(bytes) <= rounded(large->bytes))
		at = large->at;
	else
		at = has ? pages_new(bytes) : PyMem_RawMalloc(bytes);
	if (at == NULL)
		return false;
	if (had && has && at != large->at) {
		/* Whole pages change their addresses and become more, in place of what was mapped
		 * there.  Where that fails nobody knows what is left of it: it stays as it is. */
		if (mremap(large->at, rounded(large->bytes), rounded(bytes),
			   MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED)
			return false;
	} else if (had && has) {
		if (rounded(bytes) < rounded(large->bytes))
			munmap(at + rounded(bytes), rounded(large->bytes) - rounded(bytes));
	} else if (had || has) {
		if (large->bytes > 0)
			memcpy(at, large->at, bytes < large->bytes ? bytes : large->bytes);
		py_large_free(large);
	}
	*large = (struct py_large){at, bytes};
	return true;
}

void py_large_free(struct py_large *large)
{
	if (has_pages(large->bytes))
		munmap(large->at, rounded(large->bytes));
	else
		PyMem_RawFree(large->at);
	*large = (struct py_large){0};
}
