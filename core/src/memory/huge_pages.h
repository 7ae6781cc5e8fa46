/* core/memory: large zeroed memory, in huge pages where the system has some.  Used by the table of
 * visited blocks. */
#ifndef CORE_HUGE_PAGES_H
#define CORE_HUGE_PAGES_H

#include <stddef.h>

#define CORE_HUGE_PAGES_STEP ((size_t)2 << 20) /* sizes are multiples of this */

/* Maps `bytes` zeroed bytes; NULL if memory is out. */
void *ancient_core_huge_pages_take(size_t bytes);

void ancient_core_huge_pages_give(void *large, size_t bytes);

#endif
