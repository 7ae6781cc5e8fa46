/* core: large pieces of memory; see large.h.
 *
 * What is touched in no order costs a miss of the page tables each time, and a fault for each new
 * page; in huge pages both are rare.  They need addresses that are multiples of their size.
 */
#include "memory/huge_pages.h"

#include <stdint.h>
#include <sys/mman.h>

void *core_huge_pages_take(size_t bytes)
{
	size_t more = bytes + CORE_HUGE_PAGES_STEP, before, behind;
	uint8_t *got = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (got == MAP_FAILED)
		return NULL;
	before = (size_t)(-(uintptr_t)got & (CORE_HUGE_PAGES_STEP - 1));
	behind = CORE_HUGE_PAGES_STEP - before;
	if (before)
		munmap(got, before);
	if (behind)
		munmap(got + before + bytes, behind);
	madvise(got + before, bytes, MADV_HUGEPAGE); /* without them nothing is lost */
	return got + before;
}

void core_huge_pages_give(void *large, size_t bytes)
{
	munmap(large, bytes);
}
