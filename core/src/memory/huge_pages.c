/* core/memory: large zeroed memory in huge pages.
 *
 * Memory that is accessed in random order costs a TLB miss each time and a fault for each new page;
 * huge pages make both rare.  They need addresses that are multiples of their size.
 */
#include "memory/huge_pages.h"

#include <stdint.h>
#include <sys/mman.h>

void *ancient_core_huge_pages_take(size_t bytes)
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
	madvise(got + before, bytes, MADV_HUGEPAGE); /* only a hint; the memory works without */
	return got + before;
}

void ancient_core_huge_pages_give(void *large, size_t bytes)
{
	munmap(large, bytes);
}
