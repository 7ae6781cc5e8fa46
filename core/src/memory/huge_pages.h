/* core: large pieces of memory, in huge pages where the system has some. */
#ifndef CORE_HUGE_PAGES_H
#define CORE_HUGE_PAGES_H

#include <stddef.h>

#define CORE_HUGE_PAGES_STEP ((size_t)2 << 20) /* `bytes` are a multiple of it */

/* Zeroed; NULL where there is none. */
void *core_huge_pages_take(size_t bytes);

void core_huge_pages_give(void *large, size_t bytes);

#endif
